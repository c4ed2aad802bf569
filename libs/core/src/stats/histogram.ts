/** Each bucket is 1.41 times as wide as the one before it; the last one has no end (3 days and more). */
export const BUCKETS = 57;

/** The bucket of a time: 0 for less than a millisecond, n for less than the square root of 2 to the power n. */
export function bucketOf(ms: number): number {
  if (!(ms >= 1)) return 0;
  return Math.min(BUCKETS - 1, 1 + Math.floor(2 * Math.log2(ms)));
}

const lower = (bucket: number): number => (bucket === 0 ? 0 : 2 ** ((bucket - 1) / 2));

/** Adds a histogram, which may be shorter or longer, to another. */
export function addTo(sum: number[], more: readonly number[]): void {
  for (const [bucket, count] of more.entries()) sum[bucket] = (sum[bucket] ?? 0) + count;
}

/** The time that `share` of all are below, in milliseconds; null of none. Read out of its bucket in proportion: mostly within a fifth of the exact one, and never 1.42 times as high or low. */
export function quantile(histogram: readonly number[], share: number): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = share * total;
  let before = 0;
  for (const [bucket, count] of histogram.entries()) {
    if (count > 0 && before + count >= rank) {
      const part = Math.max(0, rank - before) / count;
      return bucket === 0 ? part : lower(bucket) * Math.SQRT2 ** part;
    }
    before += count;
  }
  return lower(histogram.length);
}
