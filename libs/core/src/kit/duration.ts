const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const;
const SHORT = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)$/;
/** Years and months are of no fixed length, so there is no answer to how long they are. */
const ISO_8601 = /^P(?=.)(?:(\d+(?:[.,]\d+)?)W)?(?:(\d+(?:[.,]\d+)?)D)?(?:T(?=.)(?:(\d+(?:[.,]\d+)?)H)?(?:(\d+(?:[.,]\d+)?)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$/i;
/** Ten years in milliseconds with a long fraction. */
const LONGEST = 100;

/** A length of time: milliseconds as a number, or text such as `500ms`, `30s`, `15m`, `2h`, `1d`, `1w`, or ISO 8601 (`PT15M`, `P1W`). */
export type Duration = number | string;

/** Milliseconds of `value`, or undefined when it is not a duration: negative, not finite, or text of another form. */
export function parseDuration(value: Duration): number | undefined {
  if (typeof value === 'number') return value >= 0 ? finite(value) : undefined;
  if (value.length > LONGEST) return undefined;
  const short = SHORT.exec(value);
  if (short) return finite(Number(short[1]) * UNIT_MS[short[2] as keyof typeof UNIT_MS]);
  const iso = ISO_8601.exec(value);
  if (!iso) return undefined;
  const parts = (iso.slice(1) as (string | undefined)[]).map((part) => Number((part ?? '0').replace(',', '.')));
  const [weeks, days, hours, minutes, seconds] = parts as [number, number, number, number, number];
  return finite(weeks * UNIT_MS.w + days * UNIT_MS.d + hours * UNIT_MS.h + minutes * UNIT_MS.m + seconds * UNIT_MS.s);
}

function finite(ms: number): number | undefined {
  return Number.isFinite(ms) ? Math.round(ms) : undefined;
}

/** Milliseconds of `value`; throws a TypeError that names `what` when it is not a duration. */
export function durationMs(value: Duration, what: string): number {
  const ms = parseDuration(value);
  if (ms === undefined) {
    throw new TypeError(`expected ${what} to be milliseconds or text such as "30s", "15m" or "PT15M", got: ${JSON.stringify(value)}`);
  }
  return ms;
}
