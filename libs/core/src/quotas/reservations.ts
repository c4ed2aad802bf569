import type { Clock } from '../kit/clock.js';
import type { Logger } from '../kit/logger.js';
import { PollingLoop } from '../kit/polling-loop.js';
import type { KnownQuotas } from './known-quotas.js';
import type { QuotaStore, SharedQuota } from './quota-store.js';
import type { Taken } from './askers.js';
import { Share } from './share.js';
import { TokenShare } from './token-share.js';

const LOOK_MS = 1_000;
/** What a process keeps on store: the store gives an eighth of the room at most, and so few where there is little. */
const BLOCKS: Readonly<Record<SharedQuota, number>> = { unfinishedJobs: 2_048, fileBytes: 32 * 1024 ** 2, waits: 16, streams: 16, uploads: 0 };
const BECOME_ROWS: ReadonlySet<SharedQuota> = new Set(['unfinishedJobs', 'fileBytes']);

export interface ReservationDependencies {
  store: QuotaStore;
  quotas: Pick<KnownQuotas, 'limit' | 'burst'>;
  clock: Clock;
  logger: Logger;
  /** The id of this process: another one after each start. */
  process: string;
}

/** What keeps the submissions of tenants within their quotas. */
export interface SubmissionQuotas {
  /** Undefined where the tenant has no such quota, which costs nothing. Rejects with `QuotaExceeded`; then nothing is taken. */
  submissions(tenant: string, jobs: number): Promise<Taken> | undefined;
}

/**
 * Keeps each tenant within its quotas, over all processes, without a statement for each request.
 *
 * Authority: the store. A process reserves a *share* of what a tenant may have: a row that says how much, and until when. It takes from that share in memory, and
 * asks for more only when it is used up. The store decides in a transaction that holds a lock of this tenant and quota: what it gives is the limit less what is there
 * (rows of jobs and files) and less the shares of all processes. As what a process may still store is always in its share, jobs and bytes never exceed the
 * limit, whoever races. While there is little room the store gives what is needed and nothing on store, so that no process keeps from others what it does not use; a process gives
 * back within 2 s what nobody has asked for. Until then a submission at another gateway may be refused though not all is used: an eighth of the room
 * of that moment, and 2,048 jobs, for each gateway at most.
 *
 * Submissions a second come out of one bucket (a time, in a row) that all processes share; each takes a tenth of a second's worth at once. In
 * any time at most the burst and the rate come, and that tenth for each gateway.
 *
 * What a crash leads to:
 * - a process dies with a share: nobody renews it, and after a minute the store counts it no more. Jobs and files that it has stored count as rows from their commit on;
 *   what it had not used is missing for this minute, and what it held (waits, streams, uploads) counts for it;
 * - the answer of a reservation is lost: the share in the store is larger than the process knows, until it next tells its own;
 * - the store does not answer: what is on store may be used for 20 s, a third of the time that the store keeps it, so that a statement which is under way then still ends in
 *   time. Then what needs a quota is refused as `unavailable`;
 * - nothing is counted up and down, so nothing can drift: what is used is looked at anew with each reservation.
 *
 * Not refused, but counted: what joins a transaction of work that was accepted before (jobs of handlers, ticks of schedules, what is put back). A statement of
 * whose jobs nobody knows whether they were stored is taken for stored; where it commits more than 40 s later it may exceed the limit by its jobs.
 */
export class Reservations implements SubmissionQuotas {
  private readonly shares = new Map<string, Share>();
  private readonly tokens = new Map<string, TokenShare>();
  private readonly loop: PollingLoop;

  constructor(private readonly deps: ReservationDependencies) {
    this.loop = new PollingLoop({
      clock: deps.clock,
      look: async () => {
        await this.keep();
        return LOOK_MS;
      },
      everyMs: LOOK_MS,
      failed: (error) => deps.logger.debug({ err: error }, 'the shares of quotas could not be renewed yet'),
    });
  }

  start(): void {
    this.loop.start();
  }

  /** Gives back what is reserved. */
  async close(): Promise<void> {
    await this.loop.close();
    const kept = [...this.shares.values()].map(({ tenant, quota }) => ({ tenant, quota, amount: 0 }));
    this.shares.clear();
    if (kept.length > 0) await this.deps.store.keep(this.deps.process, kept).catch(() => undefined);
  }

  submissions(tenant: string, jobs: number): Promise<Taken> | undefined {
    const places = this.take(tenant, 'unfinishedJobs', jobs);
    const rate = this.deps.quotas.limit(tenant, 'submissionsPerSecond');
    if (rate === null) return places;
    return this.withTokens(tenant, jobs, places);
  }

  /** Undefined where the tenant has no such quota. Rejects with `QuotaExceeded`. */
  take(tenant: string, quota: SharedQuota, amount: number): Promise<Taken> | undefined {
    return this.deps.quotas.limit(tenant, quota) === null ? undefined : this.shareOf(tenant, quota).take(amount);
  }

  private async withTokens(tenant: string, jobs: number, places: Promise<Taken> | undefined): Promise<Taken> {
    const place = await places;
    try {
      const token = await this.tokensOf(tenant).take(jobs);
      return {
        end: (stays) => {
          place?.end(stays);
          token.end(stays);
        },
      };
    } catch (error) {
      place?.end();
      throw error;
    }
  }

  private shareOf(tenant: string, quota: SharedQuota): Share {
    const name = `${quota} ${tenant}`;
    const known = this.shares.get(name);
    if (known) return known;
    const { store, clock, process, quotas } = this.deps;
    const share = new Share(tenant, quota, {
      ...{ store, clock, process, block: BLOCKS[quota], becomesRows: BECOME_ROWS.has(quota) },
      limit: () => quotas.limit(tenant, quota),
    });
    this.shares.set(name, share);
    return share;
  }

  private tokensOf(tenant: string): TokenShare {
    const known = this.tokens.get(tenant);
    if (known) return known;
    const { store, clock, quotas } = this.deps;
    const limit = () => {
      const perSecond = quotas.limit(tenant, 'submissionsPerSecond');
      return perSecond === null ? null : { perSecond, burst: quotas.burst(tenant) ?? perSecond };
    };
    const share = new TokenShare(tenant, { store, clock, limit });
    this.tokens.set(tenant, share);
    return share;
  }

  /** Tells the store what is kept of each share: less than before, nothing, or as much for another minute. */
  private async keep(): Promise<void> {
    for (const [name, share] of this.shares) if (share.idle) this.shares.delete(name);
    for (const [name, share] of this.tokens) if (share.idle) this.tokens.delete(name);
    const changed = [...this.shares.values()].flatMap((share) => {
      const amount = share.toKeep();
      return amount === null ? [] : [{ share, amount }];
    });
    if (changed.length === 0) return;
    const work = this.deps.store.keep(
      this.deps.process,
      changed.map(({ share: { tenant, quota }, amount }) => ({ tenant, quota, amount })),
    );
    await Promise.all(changed.map(({ share, amount }) => share.keeping(amount, work)));
  }
}
