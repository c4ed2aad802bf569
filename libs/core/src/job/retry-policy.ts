import { type Duration, durationMs } from '../kit/duration.js';
import { refuseUnknownOptions } from './known-options.js';

/** How long a kind waits before each retry: `base * factor^(n-1)` after the n-th failed attempt, at most `max`, with jitter. */
export interface Backoff {
  base?: Duration;
  factor?: number;
  max?: Duration;
  /** `full` (default) draws from 0 to the delay, so that jobs that failed together do not come back together; `none` takes the delay itself. */
  jitter?: 'full' | 'none';
}

export interface BackoffPolicy {
  baseMs: number;
  factor: number;
  maxMs: number;
  jitter: 'full' | 'none';
}

export function backoffPolicy(backoff: Backoff = {}): BackoffPolicy {
  refuseUnknownOptions(backoff, ['base', 'factor', 'max', 'jitter'], 'backoff');
  const factor = backoff.factor ?? 2;
  if (!(factor >= 1 && Number.isFinite(factor))) throw new TypeError(`expected backoff.factor to be at least 1, got: ${factor}`);
  const jitter: unknown = backoff.jitter ?? 'full';
  if (jitter !== 'full' && jitter !== 'none') throw new TypeError(`expected backoff.jitter to be full or none, got: ${JSON.stringify(jitter)}`);
  return {
    baseMs: durationMs(backoff.base ?? '1s', 'backoff.base'),
    factor,
    maxMs: durationMs(backoff.max ?? '10m', 'backoff.max'),
    jitter,
  };
}

/**
 * Milliseconds to wait after failed attempt number `attempt` (from 1). `random` is in [0, 1).
 * "Full jitter" after Marc Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015; a tenth of the
 * delay is kept as a floor, so that a retry is never immediate.
 */
export function backoffDelay(policy: BackoffPolicy, attempt: number, random: number): number {
  // Without a base there is nothing to grow, and nothing times an overflowed factor is not a number.
  const grown = policy.baseMs === 0 ? 0 : policy.baseMs * policy.factor ** (attempt - 1);
  const delay = Math.min(policy.maxMs, grown);
  if (policy.jitter === 'none') return Math.round(delay);
  return Math.round(delay * (0.1 + 0.9 * random));
}
