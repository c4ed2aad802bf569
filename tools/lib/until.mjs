// Waiting for a condition instead of sleeping.

import { setTimeout as delay } from 'node:timers/promises';
import { PlainError } from './log.mjs';

/**
 * Polls until `check` returns something truthy, and returns that. A throw means "not yet".
 * @template T
 * @param {string} what  completes "waited for …"
 * @param {() => T | Promise<T>} check
 * @param {{ timeoutMs: number, everyMs?: number, stopped?: () => string | null, signal?: AbortSignal }} options
 *        `stopped` says why waiting has become pointless
 */
export async function until(what, check, { timeoutMs, everyMs = 50, stopped, signal }) {
  const end = performance.now() + timeoutMs;
  let last = '';
  for (;;) {
    signal?.throwIfAborted();
    try {
      const value = await check();
      if (value) return value;
    } catch (error) {
      last = error instanceof Error ? error.message || String(/** @type {any} */ (error).code) : String(error);
    }
    const reason = stopped?.();
    if (reason) throw new PlainError(`waited for ${what}, got: ${reason}`);
    if (performance.now() > end) {
      throw new PlainError(`waited ${timeoutMs / 1000} s for ${what}${last ? `, last error: ${last}` : ''}`);
    }
    await delay(everyMs, undefined, { signal });
  }
}
