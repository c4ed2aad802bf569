/** Waits; ends early, and quietly, when the signal fires. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}

export interface Backoff {
  /** The first pause, in milliseconds; each further one is twice as long. */
  firstMs: number;
  longestMs: number;
}

/** The pause after the `failures`-th failure in a row, between half and the whole of it, so that callers do not come back together. */
export function pauseAfter(failures: number, { firstMs, longestMs }: Backoff, random: () => number = Math.random): number {
  return Math.min(longestMs, firstMs * 2 ** (failures - 1)) * (0.5 + random() / 2);
}

/** Milliseconds of a `Retry-After` header, in seconds or as a date; undefined without one that can be read. */
export function retryAfterMs(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
