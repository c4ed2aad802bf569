import type { Clock } from '../kit/clock.js';
import { Askers, type Taken, takenUntil } from './askers.js';
import type { QuotaStore, SharedQuota } from './quota-store.js';
import { QuotaExceeded } from './quota.js';

/** What is on store may be used for so long after the store has last heard of the share. The store keeps it three times as long. */
const FRESH_MS = 20_000;
/** A share is renewed when it is this old. */
const RENEW_MS = 10_000;
/** What was on store and nobody has asked for is given back then. */
const IDLE_MS = 1_000;
/** After a refusal the next ones are answered from memory: a tenant over its quota costs the store two questions a second. */
const FULL_MS = 500;
/** What was under way when the store counted may have been counted twice: it is asked again when some of it has ended, or after so long. */
const AGAIN_MS = 50;
const TRIES = 3;

export interface ShareDependencies {
  store: Pick<QuotaStore, 'reserve'>;
  clock: Clock;
  process: string;
  /** The bound now; null for none. */
  limit: () => number | null;
  /** What is taken at most beyond what is needed. */
  block: number;
  /** What is taken ends as rows, which the store counts. */
  becomesRows: boolean;
}

/** What this process has reserved of one quota of one tenant: see `reservations`. */
export class Share {
  /** On store: reserved, and not taken. */
  private free = 0;
  /** Taken, and not ended. */
  private held = 0;
  /** What the store counts for this process. */
  private stored = 0;
  private heardAt = -Infinity;
  private usedAt: number;
  private full: { until: number; error: QuotaExceeded } | undefined;
  private readonly askers = new Askers(() => this.ask());
  private ended: () => void = () => undefined;

  constructor(
    readonly tenant: string,
    readonly quota: SharedQuota,
    private readonly deps: ShareDependencies,
  ) {
    this.usedAt = deps.clock.now();
  }

  /** Rejects with `QuotaExceeded`, and with what keeps the store from answering. At once where enough is on store. */
  take(amount: number): Promise<Taken> {
    const now = this.deps.clock.now();
    this.usedAt = now;
    if (!this.askers.any && this.free >= amount && now - this.heardAt < FRESH_MS) return Promise.resolve(this.taken(amount));
    if (this.full && now < this.full.until && amount > this.free) {
      const { limit, measured, retryAfterSeconds } = this.full.error.exceeded;
      return Promise.reject(new QuotaExceeded({ tenant: this.tenant, quota: this.quota, limit, used: measured, more: amount, retryAfterSeconds }));
    }
    return this.askers.add(amount);
  }

  /** What the store is to be told: null for nothing. Nobody may take from the store before it has been. */
  toKeep(): number | null {
    if (this.askers.busy) return null;
    const now = this.deps.clock.now();
    if (now - this.usedAt >= IDLE_MS || now - this.heardAt >= FRESH_MS) this.free = 0;
    const amount = this.free + this.held;
    const old = amount > 0 && now - this.heardAt >= RENEW_MS;
    return amount !== this.stored || old ? amount : null;
  }

  /** Holds back what would ask the store meanwhile, for the two answers must not pass each other. */
  async keeping(amount: number, work: Promise<void>): Promise<void> {
    const at = this.deps.clock.now();
    const kept = work.then(() => {
      this.stored = amount;
      this.heardAt = at;
    });
    await this.askers.after(kept);
    await kept;
  }

  /** Nothing is reserved, nothing asked for. */
  get idle(): boolean {
    return this.stored === 0 && this.free + this.held === 0 && !this.askers.busy;
  }

  private taken(amount: number): Taken {
    this.free -= amount;
    this.held += amount;
    return takenUntil((stays) => {
      this.held -= amount;
      this.free += amount - stays;
      this.ended();
    });
  }

  private async ask(): Promise<void> {
    const { store, clock, process, block } = this.deps;
    for (let tries = 1; this.askers.any;) {
      const limit = this.deps.limit();
      if (limit === null) {
        // Its quota was taken away meanwhile: nothing is counted any more.
        this.askers.give((amount) => this.taken(amount));
        return;
      }
      const { held, free } = this;
      const at = clock.now();
      const wanted = this.askers.want();
      let used: number;
      try {
        const answer = await store.reserve({
          tenant: this.tenant,
          quota: this.quota,
          process,
          limit,
          has: held + free,
          needs: Math.max(0, wanted - free),
          block,
        });
        used = answer.used + answer.given;
        this.stored = held + free + answer.given;
        this.free += answer.given;
        this.heardAt = at;
      } catch (error) {
        this.askers.fail(error);
        return;
      }
      this.askers.give((amount) => (amount > this.free ? undefined : this.taken(amount)));
      if (this.askers.unserved.length === 0) this.full = undefined;
      else if (!this.deps.becomesRows || held === 0 || tries >= TRIES) this.refuse(limit, Math.max(0, used - this.free));
      else {
        tries++;
        await this.someEnd();
      }
    }
  }

  private someEnd(): Promise<void> {
    const over = new AbortController();
    this.ended = () => over.abort();
    return this.deps.clock.sleep(AGAIN_MS, over.signal);
  }

  private refuse(limit: number, used: number): void {
    this.askers.refuse((amount) => {
      const error = new QuotaExceeded({ tenant: this.tenant, quota: this.quota, limit, used, more: amount });
      this.full = { until: this.deps.clock.now() + FULL_MS, error };
      return error;
    });
  }
}
