import { type Clock, type Job, type Logger, type Notices, PollingLoop, type WebhookEndpoints } from '@app/core';
import { type ChannelConfig, tellingsOf } from './channels.js';
import { storeTellings, type TellingStores } from './store-tellings.js';

export interface TellDependencies<Transaction> extends TellingStores<Transaction> {
  notices: Notices<Transaction>;
  endpoints: Pick<WebhookEndpoints<Transaction>, 'enabled'>;
  clock: Clock;
  logger: Logger;
  config: ChannelConfig & { pollMs: number; batch: number };
}

const PUT_OFF_SECONDS = 30;

/**
 * Makes, of each outcome with receivers, the jobs that send it to them.
 *
 * Authority: the notice, written by the statement that ended the job. One transaction removes the notice and stores the deliveries
 * with the jobs that send them. So whatever dies, either all receivers of an outcome have one delivery each, or none has one yet and the
 * notice is still there. Any number of processes may do this at once.
 */
export class TellOutcomes<Transaction = unknown> {
  private readonly loop: PollingLoop;
  /** After a failure the notices are handled one by one, so that a bad notice is found and does not block the others. */
  private careful = false;

  constructor(private readonly deps: TellDependencies<Transaction>) {
    const { clock, config, logger } = deps;
    this.loop = new PollingLoop({
      clock,
      look: async () => ((await this.round()) === 0 ? config.pollMs : 0),
      everyMs: config.pollMs,
      failed: (error) => logger.warn({ err: error }, 'outcomes could not be told yet'),
    });
  }

  start(): void {
    this.loop.start();
  }

  close(): Promise<void> {
    return this.loop.close();
  }

  /** Handles some notices and resolves with their number. Never rejects. */
  async round(): Promise<number> {
    const { notices, logger, config } = this.deps;
    const careful = this.careful;
    try {
      const told = await notices.tell(careful ? 1 : config.batch, (jobs, transaction) => this.tell(jobs, transaction));
      if (told === 0) this.careful = false;
      return told;
    } catch (error) {
      logger.warn({ err: error }, careful ? 'an outcome could not be told and is put off' : 'outcomes could not be told yet');
      if (careful) await notices.putOffFirst(PUT_OFF_SECONDS).catch(() => undefined);
      this.careful = true;
      return 0;
    }
  }

  private async tell(jobs: Job[], transaction: Transaction): Promise<void> {
    const { endpoints, deliveries, submitJob, config } = this.deps;
    const enabled = await endpoints.enabled(transaction);
    const tellings = jobs.flatMap((job) => tellingsOf(job, enabled, config));
    await storeTellings(tellings, { deliveries, submitJob }, transaction);
  }
}
