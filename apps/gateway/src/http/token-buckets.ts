/** What a bucket says of one more. */
export interface BucketVerdict {
  taken: boolean;
  /** How many may come at once now. */
  left: number;
  /** When the bucket is full again, in whole seconds. */
  fullInSeconds: number;
  /** When one more may come, in whole seconds; 0 for now. */
  retryInSeconds: number;
}

/** Names that are kept before those whose bucket is full are forgotten. */
const SWEEP_FROM = 10_000;

/**
 * Bounds how many come in a time, by name: so many a second, and so many at once after a pause (GCRA: one number for each name, which is when its bucket is
 * full again). A full bucket takes no memory for long.
 */
export class TokenBuckets {
  private readonly fullAt = new Map<string, number>();
  private readonly everyMs: number;
  private sweepFrom = SWEEP_FROM;

  constructor(
    perSecond: number,
    readonly burst: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.everyMs = 1_000 / perSecond;
  }

  get size(): number {
    return this.fullAt.size;
  }

  /** In which an empty bucket becomes full. */
  get windowSeconds(): number {
    return Math.max(1, Math.ceil((this.everyMs * this.burst) / 1_000));
  }

  /** Takes one, where there is one. */
  take(name: string): BucketVerdict {
    const now = this.now();
    const fullAt = Math.max(this.fullAt.get(name) ?? now, now) + this.everyMs;
    const beyond = fullAt - now - this.everyMs * this.burst;
    // A little more than nothing, because sums of fractions are not exact.
    if (beyond > 1e-6) return { taken: false, left: 0, fullInSeconds: seconds(fullAt - this.everyMs - now), retryInSeconds: Math.max(1, seconds(beyond)) };
    if (!this.fullAt.has(name)) this.sweep(now);
    this.fullAt.set(name, fullAt);
    return { taken: true, left: Math.floor(-beyond / this.everyMs + 1e-6), fullInSeconds: seconds(fullAt - now), retryInSeconds: 0 };
  }

  /** How long until one more may come, in whole seconds; 0 for now. Takes nothing. */
  waitOf(name: string): number {
    const fullAt = this.fullAt.get(name);
    if (fullAt === undefined) return 0;
    const beyond = fullAt + this.everyMs - this.now() - this.everyMs * this.burst;
    return beyond > 1e-6 ? Math.max(1, seconds(beyond)) : 0;
  }

  /** In proportion to what was added since, so that no single request pays for many. */
  private sweep(now: number): void {
    if (this.fullAt.size < this.sweepFrom) return;
    for (const [name, fullAt] of this.fullAt) if (fullAt <= now) this.fullAt.delete(name);
    this.sweepFrom = Math.max(SWEEP_FROM, this.fullAt.size * 2);
  }
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1_000 - 1e-9);
}
