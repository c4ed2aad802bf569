import type { Clock } from '../kit/clock.js';
import type { Logger } from '../kit/logger.js';
import { PollingLoop } from '../kit/polling-loop.js';
import type { QuotaReader } from './quota-store.js';
import { type QuotaDefaults, type QuotaName, type Quotas } from './quota.js';

/** A change is to hold everywhere within 2 s: this, and two statements. */
const LOOK_MS = 1_000;

/**
 * The quotas of tenants, as this process knows them.
 *
 * Authority: the store. Its revision is read once a second, and the quotas when it is another one. While the store does not answer, what it said last holds.
 */
export class KnownQuotas {
  private own: ReadonlyMap<string, Quotas> = new Map();
  private revision: string | undefined;
  private readonly loop: PollingLoop;

  constructor(
    private readonly reader: QuotaReader,
    private readonly defaults: QuotaDefaults,
    clock: Clock,
    logger: Logger,
  ) {
    this.loop = new PollingLoop({
      clock,
      look: async () => {
        await this.refresh();
        return LOOK_MS;
      },
      everyMs: LOOK_MS,
      failed: (error) => logger.debug({ err: error }, 'the quotas of tenants could not be read; those that are known hold'),
    });
  }

  /** Resolves after the first answer of the store; rejects with what kept it from answering. */
  async start(): Promise<void> {
    await this.refresh();
    this.loop.start();
  }

  close(): Promise<void> {
    return this.loop.close();
  }

  /** Asks at once, so that a change that this process has made holds here when it is answered. */
  async refresh(): Promise<void> {
    const revision = await this.reader.revision();
    if (revision === this.revision) return;
    this.own = await this.reader.all();
    this.revision = revision;
  }

  /** Null: without a bound. Of a tenant without a burst of its own it is two seconds' worth. */
  limit(tenant: string, quota: QuotaName): number | null {
    const own = this.own.size === 0 ? undefined : this.own.get(tenant)?.[quota];
    return own === undefined ? this.defaults[quota] : own;
  }

  /** How many submissions of a tenant may come at once; null where they may come without end. */
  burst(tenant: string): number | null {
    const perSecond = this.limit(tenant, 'submissionsPerSecond');
    return perSecond === null ? null : (this.limit(tenant, 'submissionsBurst') ?? perSecond * 2);
  }
}
