import { retryAfterMs } from '@app/client';

/** The milliseconds of a `Retry-After` header, given in seconds or as an HTTP date; undefined when it is neither. */
export function parseRetryAfter(header: string | string[] | undefined, now = Date.now()): number | undefined {
  return typeof header === 'string' ? retryAfterMs(header, now) : undefined;
}

const REMOTE_TEXT = 500;

/**
 * Makes text of another system safe to store, show and log: one line, without control characters and without unpaired surrogates (PostgreSQL
 * refuses them), at most `length` characters long.
 */
export function remoteText(text: string, length = REMOTE_TEXT): string {
  // Several characters may become one, so more than `length` are read, but not all of megabytes.
  const line = text
    .slice(0, length * 4)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return (line.length <= length ? line : `${line.slice(0, length - 1)}…`).toWellFormed();
}

/**
 * Why a connection failed, for a caller. The text leaves out the addresses that the host resolved to, which may be of the inner network. It
 * goes through {@link remoteText}, because it may quote the other side, such as the names of its certificate.
 * A connection that was tried at several addresses fails with one error for each address and no message of its own.
 */
export function connectionErrorText(error: unknown): string {
  return remoteText(textOf(error));
}

function textOf(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.slice(0, 10).map(textOf))].join('; ');
  if (!(error instanceof Error)) return String(error);
  const { code, syscall, address } = error as { code?: unknown; syscall?: unknown; address?: unknown };
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'expected a connection in time, got none (UND_ERR_CONNECT_TIMEOUT)';
  if (typeof code === 'string' && typeof syscall === 'string' && address !== undefined) return `${syscall} ${code}`;
  return error.message || ('code' in error ? String(error.code) : error.name);
}
