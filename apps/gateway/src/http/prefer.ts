export const MAX_WAIT_SECONDS = 60;

/** Seconds of `Prefer: wait=N` (RFC 7240, 4.3), at most {@link MAX_WAIT_SECONDS}; 0 without one. An unreadable value is ignored, as the RFC asks. */
export function preferredWait(header: string | string[] | undefined): number {
  if (header === undefined) return 0;
  const text = Array.isArray(header) ? header.join(',') : header;
  for (const preference of text.split(',')) {
    const wait = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(;|$)/i.exec(preference);
    if (wait) return Math.min(Number(wait[1]), MAX_WAIT_SECONDS);
  }
  return 0;
}
