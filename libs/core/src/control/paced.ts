import type { Clock } from '../kit/clock.js';

/**
 * Pages of an act that may change so many in a second, or as many as go: a page takes at least the time that its changes may take. Rejects between two
 * pages when the act is told to stop.
 */
export function paced(
  clock: Pick<Clock, 'now' | 'sleep'>,
  rate: number | undefined,
  signal: AbortSignal,
): <Page extends { changed: number }>(page: () => Promise<Page>) => Promise<Page> {
  let begun = clock.now();
  return async (page) => {
    signal.throwIfAborted();
    const done = await page();
    if (rate !== undefined && done.changed > 0) {
      const end = begun + (done.changed / rate) * 1_000;
      if (end > clock.now()) await clock.sleep(end - clock.now(), signal);
    }
    begun = clock.now();
    return done;
  };
}
