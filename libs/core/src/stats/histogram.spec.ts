import { addTo, BUCKETS, bucketOf, quantile } from './histogram.js';

const histogramOf = (times: number[]): number[] => {
  const histogram = new Array<number>(BUCKETS).fill(0);
  for (const ms of times) (histogram[bucketOf(ms)] as number)++;
  return histogram;
};

test('every time has a bucket, from none to a year, and longer ones have later buckets', () => {
  expect([0, 0.5, -1, NaN].map(bucketOf)).toEqual([0, 0, 0, 0]);
  const buckets = [1, 2, 5, 1_000, 60_000, 3_600_000, 86_400_000].map(bucketOf);
  expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
  expect(new Set(buckets).size).toBe(buckets.length);
  expect(bucketOf(365 * 86_400_000)).toBe(BUCKETS - 1);
  expect(bucketOf(Infinity)).toBe(BUCKETS - 1);
});

test('percentiles are in the bucket of the exact ones, whatever the times: at most 1.42 times as high, or as low', () => {
  for (const spread of [10, 1_000, 100_000]) {
    const times = Array.from({ length: 1_000 }, (_, n) => 2 + (n / 1_000) ** 2 * spread);
    for (const share of [0.5, 0.95, 0.99]) {
      const exact = times[Math.floor(share * 1_000)] as number;
      const read = quantile(histogramOf(times), share) as number;
      expect(Math.abs(Math.log(read / exact))).toBeLessThan(Math.log(1.42));
    }
  }
});

test('of nothing there is no percentile', () => {
  expect(quantile([], 0.5)).toBeNull();
  expect(quantile([0, 0], 0.5)).toBeNull();
});

test('histograms of different lengths are added up', () => {
  const sum = [1, 2];
  addTo(sum, [1, 0, 3]);
  expect(sum).toEqual([2, 2, 3]);
});
