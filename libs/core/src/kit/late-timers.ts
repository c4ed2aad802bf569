import type { Clock } from './clock.js';

interface Waiting {
  since: number;
  at: number;
  action: () => void;
  /** Set when it has a timer of its own. */
  cancel: (() => void) | undefined;
}

/** What is over sooner costs no timer. */
const LATE_MS = 50;

/**
 * Timers for what is mostly over long before them, such as the time limit of an attempt: each gets a timer of its own only when it is still wanted after
 * 50 ms, for making and clearing a timer takes longer than many a job.
 */
export class LateTimers {
  /** In the order in which they were asked for. */
  private readonly waiting = new Set<Waiting>();
  private looking = false;

  constructor(private readonly clock: Pick<Clock, 'now' | 'after'>) {}

  /** Calls `action` once, after `ms`. The result cancels it. */
  after(ms: number, action: () => void): () => void {
    if (ms <= LATE_MS) return this.clock.after(ms, action);
    const since = this.clock.now();
    const entry: Waiting = { since, at: since + ms, action, cancel: undefined };
    this.waiting.add(entry);
    this.lookLater(LATE_MS);
    return () => {
      this.waiting.delete(entry);
      entry.cancel?.();
    };
  }

  private lookLater(ms: number): void {
    if (this.looking) return;
    this.looking = true;
    this.clock.after(ms, () => {
      this.looking = false;
      this.look();
    });
  }

  private look(): void {
    const now = this.clock.now();
    for (const entry of this.waiting) {
      const left = entry.since + LATE_MS - now;
      if (left > 0) return this.lookLater(left);
      this.waiting.delete(entry);
      entry.cancel = this.clock.after(Math.max(0, entry.at - now), entry.action);
    }
  }
}
