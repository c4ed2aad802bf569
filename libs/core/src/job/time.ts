const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)([.,]\d{1,9})?(Z|([+-])(\d\d):(\d\d))$/i;
const FULL_DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const LONGEST = 40;

/**
 * A time as RFC 3339 writes it, with its offset: also with a small `t` and `z`, and with the leap second `:60`, which is taken for the
 * second after. Undefined for any other text, for days that there are not (`2026-02-31`), and for a time without an offset,
 * which means another moment to each reader.
 */
export function parseTime(text: string): Date | undefined {
  const parts = text.length <= LONGEST ? RFC_3339.exec(text) : null;
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const [, , , , , , , fraction = '', , sign, offsetHour = '0', offsetMinute = '0'] = parts;
  if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 60 || Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -1 : 1);
  const ms = Math.floor(Number(`0${fraction.replace(',', '.')}`) * 1_000);
  const time = new Date(utc(year, month, day) + ((hour * 60 + minute - offset) * 60 + second) * 1_000 + ms);
  // A leap second ends a day by UTC, nowhere else.
  if (second === 60 && (time.getUTCHours() !== 0 || time.getUTCMinutes() !== 0)) return undefined;
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** A time as {@link parseTime} reads it, or a date, which is the beginning of that day by UTC. */
export function parseTimeOrDate(text: string): Date | undefined {
  const date = FULL_DATE.exec(text);
  if (!date) return parseTime(text);
  const [year, month, day] = date.slice(1).map(Number) as [number, number, number];
  return isDay(year, month, day) ? new Date(utc(year, month, day)) : undefined;
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(utc(year, month, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Not by `Date.UTC`, which takes the years before 100 for those of the last century. */
function utc(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}
