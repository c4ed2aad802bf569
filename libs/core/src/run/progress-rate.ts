import type { Progress } from '../job/job.js';
import { ownTime, type StoreTime } from '../kit/store-clock.js';

/** How far back the rate looks, at least: shorter, and a handler that works in bursts would promise a new end each second. */
const WINDOW_MS = 30_000;
const SHORTEST_MS = 1_000;

interface Mark {
  at: number;
  done: number;
}

/** How fast an attempt comes forward, and when it will have come to its total. */
export class ProgressRate {
  constructor(private readonly time: StoreTime = ownTime) {}

  private older: Mark | undefined;
  private newer: Mark | undefined;

  /** Of progress at the time `now`, in milliseconds of a steady clock; the end is by `time`, the store's. Nothing while it cannot be told. */
  estimate({ done, total }: Progress, now: number): Pick<Progress, 'rate' | 'estimatedEnd'> {
    const mark = { at: now, done };
    // From the beginning again: what was measured before tells nothing.
    if (!this.older || !this.newer || done < this.newer.done) this.older = this.newer = mark;
    if (now - this.newer.at >= WINDOW_MS) [this.older, this.newer] = [this.newer, mark];
    const ms = now - this.older.at;
    const perMs = (done - this.older.done) / ms;
    if (ms < SHORTEST_MS || !(perMs > 0) || total === undefined) return {};
    const end = this.time.now() + Math.max(0, total - done) / perMs;
    return { rate: Number((perMs * 1_000).toPrecision(3)), ...(done < total && end < LATEST ? { estimatedEnd: new Date(end).toISOString() } : {}) };
  }
}

/** Beyond the year 9999 a time is no answer any more. */
const LATEST = Date.UTC(10_000, 0, 1);
