/** `Prefer` of RFC 7240: one header or several, each a list. */
type Prefer = string | string[] | undefined;

export const MAX_WAIT_SECONDS = 60;

/** Seconds of `Prefer: wait=N` (RFC 7240, 4.3), at most {@link MAX_WAIT_SECONDS}; 0 without one. An unreadable value is ignored, as the RFC asks. */
export function preferredWait(header: Prefer): number {
  for (const preference of listOf(header).split(',')) {
    const wait = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(;|$)/i.exec(preference);
    if (wait) return Math.min(Number(wait[1]), MAX_WAIT_SECONDS);
  }
  return 0;
}

/** Whether an answer is wanted before the work is done (RFC 7240, 4.1). */
export function prefersAsync(header: Prefer): boolean {
  return listOf(header)
    .split(/[,;]/)
    .some((preference) => preference.trim().toLowerCase() === 'respond-async');
}

function listOf(header: Prefer): string {
  return [header ?? []].flat().join(',');
}
