import type { Clock } from '../kit/clock.js';
import { Askers, type Taken, takenUntil } from './askers.js';
import type { QuotaStore } from './quota-store.js';
import { QuotaExceeded } from './quota.js';

/** What was taken out of the bucket is used for so long; then it is put back. */
const FRESH_MS = 1_000;
/** After a refusal those that are as large are refused from memory for so long at most. */
const FULL_MS = 250;
/** A process takes the submissions of so much time at once, so that it asks ten times a second at most. */
const BLOCK_SECONDS = 0.1;

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
  private readonly askers = new Askers(() => this.ask());

  constructor(
    readonly tenant: string,
    private readonly deps: TokenDependencies,
  ) {}

  take(amount: number): Promise<Taken> {
    const now = this.deps.clock.now();
    if (!this.askers.any && this.free >= amount && now - this.heardAt < FRESH_MS) return Promise.resolve(this.taken(amount));
    if (this.full && now < this.full.until && amount >= this.full.amount) return Promise.reject(this.refusal(amount, this.full.limit, this.full.roomAt - now));
    return this.askers.add(amount);
  }

  get idle(): boolean {
    return !this.askers.busy && this.deps.clock.now() - this.heardAt >= FRESH_MS;
  }

  private taken(amount: number): Taken {
    this.free -= amount;
    return takenUntil((stays) => (this.free += amount - stays));
  }

  private async ask(): Promise<void> {
    const { store, clock } = this.deps;
    while (this.askers.any) {
      const limit = this.deps.limit();
      if (limit === null) {
        this.askers.give((amount) => this.taken(amount));
        return;
      }
      const at = clock.now();
      const back = at - this.heardAt < FRESH_MS ? 0 : Math.max(0, this.free);
      this.free -= back;
      const wanted = this.askers.want();
      let waitMs: number;
      try {
        const { perSecond, burst } = limit;
        const needs = Math.max(1, wanted - Math.max(0, this.free));
        const answer = await store.takeTokens({ tenant: this.tenant, perSecond, burst, back, needs, block: Math.floor(perSecond * BLOCK_SECONDS) });
        ({ waitMs } = answer);
        this.free += answer.given;
        this.heardAt = at;
      } catch (error) {
        this.askers.fail(error);
        return;
      }
      this.askers.give((amount) => (amount > this.free ? undefined : this.taken(amount)));
      const { unserved } = this.askers;
      const least = Math.min(...unserved);
      this.full = unserved.length === 0 ? undefined : { until: at + Math.min(waitMs, FULL_MS), amount: least, limit: limit.burst, roomAt: at + waitMs };
      this.askers.refuse((amount) => this.refusal(amount, limit.burst, waitMs));
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
