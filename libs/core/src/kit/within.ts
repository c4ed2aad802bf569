import { systemClock } from './clock.js';

/** Waits for the end of `work`, well or badly, but at most so long. False: it has not ended. Never rejects. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const ended = work.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([ended, systemClock.sleep(ms, timer.signal).then(() => false)]);
  timer.abort();
  return inTime;
}
