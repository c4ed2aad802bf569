import { type Clock, systemClock } from '../kit/clock.js';
import { turns } from './turns.js';

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
  private time = 1_000;
  private readonly sleepers = new Set<{ at: number; wake: () => void }>();

  now(): number {
    return this.time;
  }

  /** How many sleep now. */
  get sleeping(): number {
    return this.sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { at: this.time + ms, wake };
      this.sleepers.add(sleeper);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  after(ms: number, action: () => void): () => void {
    const sleeper = {
      at: this.time + ms,
      wake: () => {
        this.sleepers.delete(sleeper);
        action();
      },
    };
    this.sleepers.add(sleeper);
    return () => this.sleepers.delete(sleeper);
  }

  /** Lets `ms` pass: wakes who is due, each at its own time, and lets what was woken do its work before going on. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await turns();
    for (let next = this.firstUntil(end); next; next = this.firstUntil(end)) {
      this.time = Math.max(this.time, next.at);
      next.wake();
      await turns();
    }
    this.time = end;
  }

  private firstUntil(end: number): { at: number; wake: () => void } | undefined {
    return [...this.sleepers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

/** A clock on which no time passes while one sleeps: loops that wait between repetitions run through. */
export function impatientClock(): Clock {
  let time = 0;
  return {
    now: () => time,
    sleep: async (ms, signal) => {
      if (signal?.aborted) return;
      time += ms;
      await turns(1);
    },
    after: (ms, action) => systemClock.after(ms, action),
  };
}
