import type { Clock } from '../kit/clock.js';
import type { Logger } from '../kit/logger.js';
import { PollingLoop } from '../kit/polling-loop.js';
import { type AlertStore, alertCauses, type TellAlerts } from './alerts.js';
import type { Standing } from './examine.js';

export interface WatchDependencies<Transaction> {
  standing: () => Promise<Standing>;
  alerts: AlertStore<Transaction>;
  /** Whether anybody wants to be told; it is looked at more rarely otherwise, for the list alone. */
  wanted: () => Promise<boolean>;
  tell: TellAlerts<Transaction>;
  clock: Clock;
  logger: Logger;
  config: {
    /** The codes of the rules that open alerts. */
    rules: ReadonlySet<string>;
    /** What is wrong for less than that is not told; what was told has ended when nobody has found it for as long. */
    afterSeconds: number;
  };
}

const LONGEST_LOOK_MS = 10_000;
const SHORTEST_LOOK_MS = 1_000;
/** Where nobody is told. */
const UNTOLD_LOOK_MS = 60_000;
/** So many looks of a process may pass, slow ones too, before what it has found is taken for ended. */
const MISSED_LOOKS = 3;

/**
 * Tells operators what is not well, once, and that it has ended. Where nobody wants to be told, it is kept for the list of alerts all the same.
 *
 * Runs in every gateway. Authority: the rows of alerts in PostgreSQL. Each gateway says what it finds; nobody says that something is well, because one
 * gateway may be cut off from RabbitMQ where another is not: an alert has ended when none has found it for a while. One transaction notes that an alert
 * was told and stores the jobs that tell it, so that of several gateways one tells it.
 * What a crash leads to:
 * - before the transaction commits: nobody was told, and another gateway, or this one's next start, tells it;
 * - after it: the jobs are stored, and any worker delivers them;
 * - all gateways are away for a while: alerts that lasted meanwhile are found again before they are ended, for a look says what it finds first.
 */
export class AlertWatch<Transaction = unknown> {
  private readonly loop: PollingLoop;
  private readonly everyMs: number;

  constructor(private readonly deps: WatchDependencies<Transaction>) {
    const { clock, logger, config } = deps;
    this.everyMs = Math.min(LONGEST_LOOK_MS, Math.max(SHORTEST_LOOK_MS, (config.afterSeconds * 1_000) / MISSED_LOOKS));
    this.loop = new PollingLoop({
      clock,
      look: () => this.look(),
      everyMs: this.everyMs,
      failed: (error) => logger.warn({ err: error }, 'operators could not be told of alerts yet'),
    });
  }

  start(): void {
    this.loop.start();
  }

  close(): Promise<void> {
    return this.loop.close();
  }

  /** Resolves with how long to wait for the next one. */
  private async look(): Promise<number> {
    const { standing, alerts, wanted, tell, config } = this.deps;
    const isWanted = await wanted();
    const causes = alertCauses(await standing(), config.rules);
    if (causes.length > 0) await alerts.found(causes);
    const everyMs = isWanted ? this.everyMs : Math.max(this.everyMs, UNTOLD_LOOK_MS);
    const quietSeconds = Math.max(config.afterSeconds, (MISSED_LOOKS * everyMs) / 1_000);
    if (isWanted) await alerts.tell(config.afterSeconds, quietSeconds, tell);
    else await alerts.end(config.afterSeconds, quietSeconds);
    return everyMs;
  }
}
