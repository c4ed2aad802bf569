/** Milliseconds that a `Retry-After` asks to wait, which is seconds or an HTTP date; undefined when it is neither. */
export function parseRetryAfter(header: string | string[] | undefined, now = Date.now()): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** A connection tried at several addresses fails with one error for each, and no message of its own. */
export function connectionErrorText(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(connectionErrorText).join('; ');
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
}
