import { pauseAfter, retryAfterMs, sleep } from './time.js';

describe('pauses', () => {
  test.each([2 ** 31, 365 * 86_400_000])('of %d ms do not end at once, as a timer of that length would (C14)', async (ms) => {
    const stop = new AbortController();
    let over = false;
    const waiting = sleep(ms, stop.signal).then(() => (over = true));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(over).toBe(false);
    stop.abort();
    await waiting;
  });

  test('double with each failure up to the longest, of which half is chance', () => {
    const backoff = { firstMs: 100, longestMs: 1_000 };
    expect([1, 2, 3, 4, 5, 50].map((failures) => pauseAfter(failures, backoff, () => 1))).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(pauseAfter(1, backoff, () => 0)).toBe(50);
  });

  test.each([
    [null, undefined],
    ['3', 3_000],
    [' 0 ', 0],
    ['Thu, 01 Jan 1970 00:00:07 GMT', 6_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
    ['40.5', 40_500],
    ['0.0001', 1],
    ['-5', undefined],
    ['-5.5', undefined],
    ['1e3', undefined],
    ['', undefined],
    ['2040', 2_040_000],
    ['99999999999999999999', 365 * 86_400_000],
    ['Thursday, 01-Jan-70 00:00:07 GMT', 6_000],
    ['Thu Jan  1 00:00:07 1970', 6_000],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 365 * 86_400_000],
    ['Jan 5', undefined],
  ])('Retry-After %j means %j ms (C29)', (header, ms) => {
    expect(retryAfterMs(header, 1_000)).toBe(ms);
  });

  test('end at once when the signal fires, or has fired', async () => {
    const controller = new AbortController();
    const sleeping = sleep(60_000, controller.signal);
    controller.abort();
    await sleeping;
    await sleep(60_000, controller.signal);
  });
});
