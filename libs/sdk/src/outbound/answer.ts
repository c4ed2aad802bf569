import { retryAfterMs } from '../client/time.js';

/** Milliseconds that a `Retry-After` asks to wait, which is seconds or an HTTP date; undefined when it is neither. */
export function parseRetryAfter(header: string | string[] | undefined, now = Date.now()): number | undefined {
  return typeof header === 'string' ? retryAfterMs(header, now) : undefined;
}

/**
 * Why a connection failed, for a caller: without the addresses that its host resolved to, which may be of the inner network.
 * A connection tried at several addresses fails with one error for each, and no message of its own.
 */
export function connectionErrorText(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(connectionErrorText))].join('; ');
  if (!(error instanceof Error)) return String(error);
  const { code, syscall, address } = error as { code?: unknown; syscall?: unknown; address?: unknown };
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'expected a connection in time, got none (UND_ERR_CONNECT_TIMEOUT)';
  if (typeof code === 'string' && typeof syscall === 'string' && address !== undefined) return `${syscall} ${code}`;
  return error.message || ('code' in error ? String(error.code) : error.name);
}
