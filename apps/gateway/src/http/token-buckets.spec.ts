import { TokenBuckets } from './token-buckets.js';

function setUp(perSecond: number, burst: number) {
  const time = { at: 5_000 };
  return { time, buckets: new TokenBuckets(perSecond, burst, () => time.at) };
}

test('as many as the burst come at once, and then as many a second as the rate', () => {
  const { time, buckets } = setUp(10, 20);
  const taken = () => Array.from({ length: 100 }, () => buckets.take('ada')).filter((verdict) => verdict.taken).length;
  expect(taken()).toBe(20);
  time.at += 1_000;
  expect(taken()).toBe(10);
  time.at += 60_000;
  expect(taken()).toBe(20);
});

test('a bucket says how many are left, when it is full, and when the next may come', () => {
  const { time, buckets } = setUp(2, 4);
  expect(buckets.windowSeconds).toBe(2);
  expect(buckets.take('ada')).toEqual({ taken: true, left: 3, fullInSeconds: 1, retryInSeconds: 0 });
  for (let left = 2; left >= 0; left--) expect(buckets.take('ada')).toMatchObject({ taken: true, left });
  expect(buckets.take('ada')).toEqual({ taken: false, left: 0, fullInSeconds: 2, retryInSeconds: 1 });
  expect(buckets.waitOf('ada')).toBe(1);
  time.at += 500;
  expect(buckets.waitOf('ada')).toBe(0);
  expect(buckets.take('ada').taken).toBe(true);
});

test('a rate below one a second is told in seconds', () => {
  const { buckets } = setUp(1 / 30, 1);
  expect(buckets.take('ada')).toEqual({ taken: true, left: 0, fullInSeconds: 30, retryInSeconds: 0 });
  expect(buckets.take('ada')).toEqual({ taken: false, left: 0, fullInSeconds: 30, retryInSeconds: 30 });
});

test('each name has a bucket of its own, and what was refused takes nothing', () => {
  const { time, buckets } = setUp(1, 1);
  expect([buckets.take('ada').taken, buckets.take('eve').taken, buckets.take('ada').taken]).toEqual([true, true, false]);
  for (let i = 0; i < 100; i++) buckets.take('ada');
  time.at += 1_000;
  expect(buckets.take('ada').taken).toBe(true);
});

test('rates that are no whole parts of a second do not drift', () => {
  const { time, buckets } = setUp(3, 3);
  let taken = 0;
  for (let i = 0; i < 3_000; i++) {
    if (buckets.take('ada').taken) taken++;
    time.at += 100;
  }
  expect(taken).toBeGreaterThanOrEqual(900);
  expect(taken).toBeLessThanOrEqual(903);
});

test('full buckets are forgotten when there are many', () => {
  const { time, buckets } = setUp(1, 1);
  for (let i = 0; i < 10_000; i++) buckets.take(String(i));
  time.at += 2_000;
  buckets.take('one more');
  expect(buckets.size).toBe(1);
});
