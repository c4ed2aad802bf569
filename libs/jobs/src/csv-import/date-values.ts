const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH_NAMES = new Map(
  ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december', 'sept'].map((name) => [
    name,
    MONTHS.indexOf(name.slice(0, 3)) + 1,
  ]),
);
for (const [index, name] of MONTHS.entries()) MONTH_NAMES.set(name, index + 1);

const YEAR_FIRST = /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})$/;
const MONTH_NAMED = /^([a-z]{3,9})\.? (\d{1,2}),? (\d{4})$/i;
const DAY_NAMED = /^(\d{1,2})[ -]([a-z]{3,9})\.?[ -](\d{4})$/i;
const TIMESTAMP = /^([\d/-]{8,10})[T ](\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,6})?)? ?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/**
 * A date as `YYYY-MM-DD`, or undefined. Understood are forms that mean one day to everybody: `2026-01-31`,
 * `2026/1/31`, `Jan 31 2026`, `January 31, 2026`, `31 Jan 2026`; never `1/2/2026`, which is two days.
 */
export function parseDate(text: string): string | undefined {
  let parts = YEAR_FIRST.exec(text);
  if (parts) return dayOf(parts[1], Number(parts[3]), Number(parts[4]));
  parts = MONTH_NAMED.exec(text);
  if (parts) return dayOf(parts[3], monthNamed(parts[1]), Number(parts[2]));
  parts = DAY_NAMED.exec(text);
  if (parts) return dayOf(parts[3], monthNamed(parts[2]), Number(parts[1]));
  return undefined;
}

/** An instant as PostgreSQL reads it under any setting, or undefined. A time without a zone is in `zone`, UTC when left out; a date is its midnight. */
export function parseTimestamp(text: string, zone = '+00'): string | undefined {
  const parts = TIMESTAMP.exec(text);
  if (!parts) {
    const day = parseDate(text);
    return day === undefined ? undefined : `${day} 00:00:00${zone}`;
  }
  const [, dayText = '', hour = '', minute = '', second = '00', fraction = '', named] = parts;
  const day = parseDate(dayText);
  return day === undefined ? undefined : timestampOf(day, { hour, minute, second, fraction, zone: named }, zone);
}

export interface TimeParts {
  hour: string;
  minute: string;
  second: string;
  /** With its point, or empty. */
  fraction: string;
  zone: string | undefined;
}

/** The instant as PostgreSQL reads it, or undefined for a time of day or a zone that there is not. */
export function timestampOf(day: string, { hour, minute, second, fraction, zone: named }: TimeParts, zone: string): string | undefined {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const offset = named === undefined ? zone : parseZone(named);
  return offset === undefined ? undefined : `${day} ${hour.padStart(2, '0')}:${minute}:${second}${fraction}${offset}`;
}

function parseZone(zone: string): string | undefined {
  if (zone.toUpperCase() === 'Z') return '+00';
  const hours = Number(zone.slice(1, 3));
  const minutes = zone.length > 3 ? zone.slice(-2) : '00';
  return hours > 15 || Number(minutes) > 59 ? undefined : `${zone.slice(0, 3)}:${minutes}`;
}

/** 1 to 12; 0 for no month. */
export function monthNamed(name: string | undefined): number {
  return MONTH_NAMES.get((name ?? '').toLowerCase()) ?? 0;
}

/** `YYYY-MM-DD`, or undefined for a day that there is not. */
export function dayOf(year: string | undefined, month: number, day: number): string | undefined {
  if (year === undefined || year === '0000' || month < 1 || month > 12 || day < 1 || day > daysIn(Number(year), month)) return undefined;
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
