/** The longest time of a timer, 24.8 days. With a longer one it fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits for any time, also for longer than one timer can. Resolves early when the signal fires. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    let timer: ReturnType<typeof setTimeout>;
    const wait = (left: number): void => {
      timer = left > LONGEST_TIMER_MS ? setTimeout(() => wait(left - LONGEST_TIMER_MS), LONGEST_TIMER_MS) : setTimeout(done, left);
    };
    wait(ms);
    signal?.addEventListener('abort', done);
  });
}

export interface Backoff {
  /** The first pause, in milliseconds; each next one is twice as long. */
  firstMs: number;
  longestMs: number;
}

/** The pause after so many failures in a row, shortened by a random part of up to half, so that callers do not come back together. */
export function pauseAfter(failures: number, { firstMs, longestMs }: Backoff, random: () => number = Math.random): number {
  return Math.min(longestMs, firstMs * 2 ** (failures - 1)) * (0.5 + random() / 2);
}

/** A year. Nobody means a longer wait, and the sum of a wait and a time must stay within the range of a Date. */
const LONGEST_WAIT_MS = 365 * 86_400_000;
/** The three forms of an HTTP date (RFC 9110, 5.6.7). `Date.parse` alone takes far more: `40.5` is a day of the year 2040 to it. */
const HTTP_DATE = /^(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?,? .*\d\d:\d\d:\d\d/i;

/** Milliseconds of a `Retry-After` header, in seconds (fractions count, as some servers send them) or as an HTTP date; undefined without one that can be read. */
export function retryAfterMs(header: string | null, now = Date.now()): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+([.]\d*)?$/.test(text)) return Math.min(Math.ceil(Number(text) * 1_000), LONGEST_WAIT_MS);
  // asctime's form has no zone, and means GMT.
  const date = HTTP_DATE.test(text) ? Date.parse(/(gmt|utc|[+-]\d{4})$/i.test(text) ? text : `${text} GMT`) : NaN;
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - now), LONGEST_WAIT_MS);
}
