import { retryAfterMs } from '../client/time.js';

/** Milliseconds that a `Retry-After` asks to wait, which is seconds or an HTTP date; undefined when it is neither. */
export function parseRetryAfter(header: string | string[] | undefined, now = Date.now()): number | undefined {
  return typeof header === 'string' ? retryAfterMs(header, now) : undefined;
}

/** A connection tried at several addresses fails with one error for each, and no message of its own. */
export function connectionErrorText(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(connectionErrorText).join('; ');
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
