import { EXCESS, KEPT, MOST, STARTS } from '../../support/lease-statements.mjs';
import type { World } from './world.js';

/**
 * The attempts of jobs with limits that hold a lease, written down by the database itself. A row is written before its transaction commits, and whoever takes over a slot
 * sees it only after that: so the ledger never shows two leases at once that were one after the other, and misses none that were together.
 */
export class LeaseLedger {
  private constructor(private readonly world: World) {}

  /** From now on. */
  static async keep(world: World): Promise<LeaseLedger> {
    await world.query(KEPT);
    return new LeaseLedger(world);
  }

  /** How many held a lease at one moment, at most. */
  async most(): Promise<number> {
    return (await this.world.query<{ most: number | null }>(MOST))[0]?.most ?? 0;
  }

  /** The largest of `starts - perSecond × seconds` of all windows of time: a bucket of `burst` tokens allows the burst. */
  async excessOver(perSecond: number): Promise<number> {
    return (await this.world.query<{ excess: number | null }>(EXCESS, [perSecond]))[0]?.excess ?? 0;
  }

  /** Starts until then, and the seconds between the first and the last of them. */
  async startsUntil(at: string): Promise<{ starts: number; seconds: number }> {
    return (await this.world.query<{ starts: number; seconds: number }>(STARTS, [at]))[0] ?? { starts: 0, seconds: 0 };
  }
}
