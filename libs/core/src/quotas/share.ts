import type { Clock } from '../kit/clock.js';
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

/** What was taken of a share. */
export interface Taken {
  /** Call it once, when what it was taken for has ended. `stays`: how many of it have become rows, which the store counts by themselves. */
  end(stays?: number): void;
}

interface Waiting {
  amount: number;
  resolve: (taken: Taken) => void;
  reject: (error: unknown) => void;
  /** The store has been asked for it. */
  asked?: true;
}

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
  private waiting: Waiting[] = [];
  private asking: Promise<void> | undefined;
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
    if (this.waiting.length === 0 && this.free >= amount && now - this.heardAt < FRESH_MS) return Promise.resolve(this.taken(amount));
    if (this.full && now < this.full.until && amount > this.free) {
      const { limit, measured, retryAfterSeconds } = this.full.error.exceeded;
      return Promise.reject(new QuotaExceeded({ tenant: this.tenant, quota: this.quota, limit, used: measured, more: amount, retryAfterSeconds }));
    }
    const answer = new Promise<Taken>((resolve, reject) => this.waiting.push({ amount, resolve, reject }));
    this.serve();
    return answer;
  }

  /** What the store is to be told: null for nothing. Nobody may take from the store before it has been. */
  toKeep(): number | null {
    if (this.asking) return null;
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
    const done = kept.catch(() => undefined);
    this.asking = done;
    await done;
    this.asking = undefined;
    this.serve();
    await kept;
  }

  /** Nothing is reserved, nothing asked for. */
  get idle(): boolean {
    return this.stored === 0 && this.free + this.held === 0 && !this.asking;
  }

  private taken(amount: number): Taken {
    this.free -= amount;
    this.held += amount;
    let ended = false;
    return {
      end: (stays = 0) => {
        if (ended) return;
        ended = true;
        this.held -= amount;
        this.free += amount - stays;
        this.ended();
      },
    };
  }

  /** Whoever comes as the last answer is given out finds nobody asking any more. */
  private serve(): void {
    if (this.waiting.length === 0) return;
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
      this.serve();
    });
  }

  private async ask(): Promise<void> {
    const { store, clock, process, block } = this.deps;
    for (let tries = 1; this.waiting.length > 0;) {
      const limit = this.deps.limit();
      if (limit === null) {
        // Its quota was taken away meanwhile: nothing is counted any more.
        for (const { amount, resolve } of this.waiting.splice(0)) resolve(this.taken(amount));
        return;
      }
      const { held, free } = this;
      const at = clock.now();
      const wanted = this.waiting.reduce((sum, { amount }) => sum + amount, 0);
      for (const each of this.waiting) each.asked = true;
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
        for (const { reject } of this.waiting.splice(0)) reject(error);
        return;
      }
      this.waiting = this.waiting.filter(({ amount, resolve }) => {
        if (amount > this.free) return true;
        resolve(this.taken(amount));
        return false;
      });
      if (!this.waiting.some(({ asked }) => asked)) this.full = undefined;
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
    const refused = this.waiting.filter(({ asked }) => asked);
    this.waiting = this.waiting.filter(({ asked }) => !asked);
    for (const { amount, reject } of refused) {
      const error = new QuotaExceeded({ tenant: this.tenant, quota: this.quota, limit, used, more: amount });
      this.full = { until: this.deps.clock.now() + FULL_MS, error };
      reject(error);
    }
  }
}
