import type { Clock } from '../kit/clock.js';
import type { QuotaStore } from './quota-store.js';
import { QuotaExceeded } from './quota.js';
import type { Taken } from './share.js';

/** What was taken out of the bucket is used for so long; then it is put back. */
const FRESH_MS = 1_000;
/** After a refusal those that are as large are refused from memory for so long at most. */
const FULL_MS = 250;
/** A process takes the submissions of so much time at once, so that it asks ten times a second at most. */
const BLOCK_SECONDS = 0.1;

interface Waiting {
  amount: number;
  resolve: (taken: Taken) => void;
  reject: (error: unknown) => void;
  /** The store has been asked for it. */
  asked?: true;
}

export interface TokenDependencies {
  store: Pick<QuotaStore, 'takeTokens'>;
  clock: Clock;
  /** The bound now; null for none. */
  limit: () => { perSecond: number; burst: number } | null;
}

/** The submissions a second of one tenant in this process: taken out of the bucket of all processes, see `reservations`. */
export class TokenShare {
  private free = 0;
  private heardAt = -Infinity;
  private full: { until: number; amount: number; limit: number; roomAt: number } | undefined;
  private waiting: Waiting[] = [];
  private asking: Promise<void> | undefined;

  constructor(
    readonly tenant: string,
    private readonly deps: TokenDependencies,
  ) {}

  take(amount: number): Promise<Taken> {
    const now = this.deps.clock.now();
    if (this.waiting.length === 0 && this.free >= amount && now - this.heardAt < FRESH_MS) return Promise.resolve(this.taken(amount));
    if (this.full && now < this.full.until && amount >= this.full.amount) return Promise.reject(this.refusal(amount, this.full.limit, this.full.roomAt - now));
    const answer = new Promise<Taken>((resolve, reject) => this.waiting.push({ amount, resolve, reject }));
    this.serve();
    return answer;
  }

  get idle(): boolean {
    return !this.asking && this.deps.clock.now() - this.heardAt >= FRESH_MS;
  }

  private taken(amount: number): Taken {
    this.free -= amount;
    let ended = false;
    return {
      end: (stays = 0) => {
        if (!ended) this.free += amount - stays;
        ended = true;
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
    const { store, clock } = this.deps;
    while (this.waiting.length > 0) {
      const limit = this.deps.limit();
      if (limit === null) {
        for (const { amount, resolve } of this.waiting.splice(0)) resolve(this.taken(amount));
        return;
      }
      const at = clock.now();
      const back = at - this.heardAt < FRESH_MS ? 0 : Math.max(0, this.free);
      this.free -= back;
      const wanted = this.waiting.reduce((sum, { amount }) => sum + amount, 0);
      for (const each of this.waiting) each.asked = true;
      let waitMs: number;
      try {
        const { perSecond, burst } = limit;
        const needs = Math.max(1, wanted - Math.max(0, this.free));
        const answer = await store.takeTokens({ tenant: this.tenant, perSecond, burst, back, needs, block: Math.floor(perSecond * BLOCK_SECONDS) });
        ({ waitMs } = answer);
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
      const refused = this.waiting.filter(({ asked }) => asked);
      this.waiting = this.waiting.filter(({ asked }) => !asked);
      const least = Math.min(...refused.map(({ amount }) => amount));
      this.full = refused.length === 0 ? undefined : { until: at + Math.min(waitMs, FULL_MS), amount: least, limit: limit.burst, roomAt: at + waitMs };
      for (const { amount, reject } of refused) reject(this.refusal(amount, limit.burst, waitMs));
    }
  }

  private refusal(amount: number, limit: number, waitMs: number): QuotaExceeded {
    return new QuotaExceeded({
      tenant: this.tenant,
      quota: 'submissionsPerSecond',
      limit,
      used: limit,
      more: amount,
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
    });
  }
}
