// Medians, ranges and percentiles.

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** By nearest rank. @param {number[]} values @param {number} percent */
export function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN;
}

/** @param {number[]} values */
export function percentiles(values) {
  return { p50: percentile(values, 50), p99: percentile(values, 99), max: values.length > 0 ? Math.max(...values) : NaN };
}

/** As few digits as tell something. @param {number} value */
export function short(value) {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3).replace(/\.?0+$/, '');
}

/** @param {number[]} values  of the repeats */
export function withRange(values) {
  if (values.length === 0) return '-';
  if (values.length === 1) return short(values[0] ?? NaN);
  return `${short(median(values))} (${short(Math.min(...values))}–${short(Math.max(...values))})`;
}
