import type { JobId } from '../job/job.js';
import type { Clock } from '../kit/clock.js';
import type { Logger } from '../kit/logger.js';
import type { EventMessage, JobMessage, Outbox } from './outbox.js';
import type { Publisher } from './publisher.js';
import type { Backlogs } from '../room/backlogs.js';
import { PollingLoop } from '../kit/polling-loop.js';
import { MicroBatcher } from '../kit/micro-batcher.js';

export interface RelayDependencies {
  outbox: Outbox;
  publisher: Publisher;
  /** Left out, what is due is published whatever waits in its queue. */
  backlogs?: Pick<Backlogs, 'allowance' | 'took' | 'published'>;
  clock: Clock;
  logger: Logger;
  config: {
    /** The longest time between two looks at the outbox. */
    sweepMs: number;
    /** Messages that one sweep takes. */
    batch: number;
    /** How long a taken message is hidden from others: longer than a publish can take. */
    hideSeconds: number;
    /** Fast-path publishes that may be waiting for their confirms; what comes beyond is left to the sweep. */
    maxInFlight: number;
  };
}

/**
 * How long a confirmed message's row waits for others, to be deleted with them in one statement. Nobody waits for that: a
 * worker has the message already, and its claim must not share the database with a statement for each of them.
 */
const GATHER_MS = 20;

/**
 * Publishes the outbox, at least once.
 *
 * Authority: the outbox row, written in the transaction of what it tells of, deleted only after the broker's confirm.
 * - Fast path: who committed a row publishes it at once. Its row is due a few seconds later, so that nobody else does too.
 * - Sweep: rows that are due (their publisher died, the broker was away, or their time has only now come) are taken with
 *   SKIP LOCKED and hidden for a while, in a transaction that ends before anything is sent.
 * What a crash leads to:
 * - before the publish, or after it and before the confirm: the row becomes due and is published again;
 * - after the confirm, before the delete: the same. The copy has another publish id, and the claim drops the second.
 * Due jobs go to the waiting room in place of the broker where their queue is backlogged or they are more than it may get before the next look, and so do
 * all rows of type `turn`, in the statement that takes them.
 * A message that is returned, refused or not confirmed keeps its row. While the broker is away or blocks, nothing is
 * taken and nothing is refused: rows wait.
 */
export class OutboxRelay {
  private readonly confirmed: MicroBatcher<string, undefined>;
  private readonly stop = new AbortController();
  private inFlight = 0;
  private readonly loop: PollingLoop;

  constructor(private readonly deps: RelayDependencies) {
    this.loop = new PollingLoop({
      clock: deps.clock,
      look: () => this.sweep(),
      everyMs: deps.config.sweepMs,
      failed: (error) => deps.logger.warn({ err: error }, 'the outbox could not be swept'),
    });
    this.confirmed = new MicroBatcher(
      async (ids) => {
        await deps.outbox.remove(ids);
        return ids.map(() => undefined);
      },
      { maxItems: 500, gather: () => deps.clock.sleep(GATHER_MS, this.stop.signal) },
    );
  }

  start(): void {
    this.loop.start();
  }

  /** Ends the sweep and waits for the confirms on their way, for rows that were published need not be published again. */
  async close(withinMs: number): Promise<void> {
    this.stop.abort();
    await this.loop.close();
    const end = this.deps.clock.now() + withinMs;
    while (this.inFlight > 0 && this.deps.clock.now() < end) await this.deps.clock.sleep(10);
  }

  /** Fast path: publishes the wake-up of jobs that were committed just now. Returns at once; whatever goes wrong is the sweep's to mend. */
  publishNow(message: JobMessage): void {
    if (!this.deps.publisher.ready || this.inFlight >= this.deps.config.maxInFlight) return;
    void this.relay(message);
  }

  /** A message that need not be published any more: its row goes, with others. Where that fails the row stays, and is published. */
  done(outboxId: string): void {
    this.confirmed.add(outboxId).catch((error: unknown) => this.deps.logger.warn({ outboxId, err: error }, 'a row of the outbox could not be removed yet'));
  }

  /** Publishes what was released from the waiting room: rows that are hidden for this process. Resolves when each is confirmed or left to the sweep. */
  async publish(messages: JobMessage[]): Promise<void> {
    await Promise.all(messages.map((message) => this.relay(message)));
  }

  /** Looks at the outbox soon: something was written that is due. */
  nudge(): void {
    this.loop.nudge();
  }

  /** Publishes what is due; returns how long to wait before the next look. */
  private async sweep(): Promise<number> {
    const { outbox, publisher, backlogs, config } = this.deps;
    if (!publisher.ready) return config.sweepMs;
    const messages = await outbox.take(config.batch, config.hideSeconds, backlogs?.allowance);
    const jobs = messages.filter((message) => message.type === 'job');
    backlogs?.took(jobs);
    const events = messages.filter((message) => message.type === 'event');
    await Promise.all([...jobs.map((message) => this.relay(message)), events.length > 0 ? this.tell(events) : undefined]);
    if (messages.length >= config.batch) return 0;
    const due = await outbox.nextDueMs();
    return due === null ? config.sweepMs : Math.min(config.sweepMs, Math.max(due, 10));
  }

  private async relay(message: JobMessage): Promise<void> {
    this.inFlight++;
    this.deps.backlogs?.published(message);
    try {
      await this.deps.publisher.publish(message);
      await this.confirmed.add(message.outboxId);
    } catch (error) {
      this.stays(message.type, message.jobIds, error);
    } finally {
      this.inFlight--;
    }
  }

  /** Outcomes go together: those of an act on many jobs are thousands, and mostly no queue is bound for them. */
  private async tell(events: readonly EventMessage[]): Promise<void> {
    this.inFlight++;
    try {
      const untold = await this.deps.publisher.publishEvents(events);
      for (const [jobId, error] of untold) this.stays('event', [jobId], error);
      // A row of several outcomes goes when all of them are told. Until then each may be told once more.
      const told = new Set(events.flatMap(({ outboxId }) => outboxId ?? []));
      for (const { jobId, outboxId } of events) if (outboxId !== null && untold.has(jobId)) told.delete(outboxId);
      await Promise.all([...told].map((outboxId) => this.confirmed.add(outboxId)));
    } catch (error) {
      const jobIds = events.map(({ jobId }) => jobId);
      this.stays('event', jobIds, error);
    } finally {
      this.inFlight--;
    }
  }

  private stays(type: 'job' | 'event', jobIds: readonly JobId[], error: unknown): void {
    this.deps.logger.warn({ jobIds, type, err: error }, 'a message was not confirmed and stays in the outbox');
  }
}
