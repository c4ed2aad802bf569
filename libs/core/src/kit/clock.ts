import { startTimer } from './long-timer.js';

/** Time of this process: for waiting and for measuring only. Leases and schedules go by the database's clock. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Resolves after `ms`, be it in a year, or at once when the signal fires. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `action` once, after `ms`, be it in a year. The result cancels it. */
  after(ms: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        cancel();
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const cancel = startTimer(ms, wake);
      signal?.addEventListener('abort', wake, { once: true });
    }),
  after: startTimer,
};
