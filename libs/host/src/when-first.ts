import { systemClock } from '@app/core';

const LOOK_MS = 100;

/** Resolves when `condition` is true for the first time; never, once `signal` is aborted. */
export async function whenFirst(condition: () => boolean, signal: AbortSignal): Promise<void> {
  while (!condition()) {
    await systemClock.sleep(LOOK_MS, signal);
    if (signal.aborted) return new Promise(() => undefined);
  }
}
