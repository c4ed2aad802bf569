import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';

/**
 * Polls until `fn` returns something other than false, null or undefined, and returns that. An error thrown by `fn`
 * means "not yet", so assertions may stand in it (end it with `return true`).
 * The time-out is that of a busy machine: nothing waits for it that goes well. On time-out throws with what was awaited and the last value or error.
 */
export async function waitFor<T>(
  description: string,
  fn: () => T | Promise<T>,
  { timeoutMs = 30_000 }: { timeoutMs?: number } = {},
): Promise<Exclude<Awaited<T>, false | null | undefined>> {
  const end = performance.now() + timeoutMs;
  let pause = 20;
  for (;;) {
    let last: unknown;
    let failure: unknown;
    try {
      const value = await fn();
      if (value !== false && value !== null && value !== undefined) {
        return value as Exclude<Awaited<T>, false | null | undefined>;
      }
      last = value;
    } catch (error) {
      failure = error ?? new Error('an empty error');
    }
    if (performance.now() >= end) {
      const came = failure === undefined ? `last value: ${inspect(last)}` : `last error: ${messageOf(failure)}`;
      throw new Error(`waited ${String(timeoutMs)} ms for ${description}; ${came}`, { cause: failure });
    }
    await delay(Math.min(pause, Math.max(1, end - performance.now())));
    pause = Math.min(200, pause * 1.5);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : inspect(error);
}
