import { dayOf, monthNamed, timestampOf } from './date-values.js';

/** The letters of a `dateFormat`, the longest of each first. */
const TOKENS: Record<string, string> = {
  YYYY: '(?<year>\\d{4})',
  YY: '(?<shortYear>\\d{2})',
  MMMM: '(?<monthName>[a-z]{3,9})\\.?',
  MMM: '(?<monthName>[a-z]{3,9})\\.?',
  MM: '(?<month>\\d{2})',
  M: '(?<month>\\d{1,2})',
  DD: '(?<day>\\d{2})',
  D: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{2})',
  H: '(?<hour>\\d{1,2})',
  hh: '(?<hour>\\d{2})',
  h: '(?<hour>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
  SSS: '(?<fraction>\\d{1,6})',
  A: '(?<half>[ap])\\.?m\\.?',
};
const TOKEN = /YYYY|YY|MMMM|MMM|MM|M|DD|D|HH|H|hh|h|mm|ss|SSS|A/g;
/** A time behind a date whose format has none. */
const TIME_BEHIND = '(?:[T ](?<hour>\\d{1,2}):(?<minute>\\d{2})(?::(?<second>\\d{2})(?:\\.(?<fraction>\\d{1,6}))?)? ?(?<zone>Z|[+-]\\d{2}(?::?\\d{2})?)?)?';

/** At most one token of each letter. */
const ONCE = ['HH?', 'hh?', 'mm', 'ss', 'SSS', 'A'].map((token) => `(?=[^${token.charAt(0)}]*(?:${token})?[^${token.charAt(0)}]*$)`).join('');

/** The formats that {@link datePattern} knows: day, month and year once each, and a time, if any, with its hour. */
export const DATE_FORMAT = new RegExp(
  `^(?=[^Y]*(?:YYYY|YY)[^Y]*$)(?=[^M]*M{1,4}[^M]*$)(?=[^D]*DD?[^D]*$)${ONCE}(?!.*H.*h|.*h.*H)(?:(?=.*[Hh])|(?!.*[msSA]))[YMDHhmsSA .,/:T-]+$`,
);
export const DATE_FORMAT_HINT =
  'dateFormat must have the year (YYYY, YY), month (MM, M, MMM) and day (DD, D) once each, and may have a time (HH, H, hh, h, mm, ss, SSS, A): DD.MM.YYYY, MM/DD/YYYY hh:mm A';

export interface DateParts {
  /** `YYYY-MM-DD`. */
  day: string;
  time?: Record<string, string | undefined>;
}

/** Years of two digits are 1969 to 2068, as POSIX has them (strptime). */
const FIRST_SHORT_YEAR = 69;

/** Reads texts of the format: undefined for those of another form, `none` for those that have the form and are no day. */
export function datePattern(format: string): (text: string) => DateParts | 'none' | undefined {
  const form = format.split(TOKEN).map((mark) => mark.replaceAll(/[.-]/g, '\\$&'));
  const tokens = format.match(TOKEN) ?? [];
  const body = form.map((mark, index) => mark + (TOKENS[tokens[index] ?? ''] ?? '')).join('');
  const hasTime = /[Hh]/.test(format);
  const pattern = new RegExp(`^${body}${hasTime ? '' : TIME_BEHIND}$`, 'i');
  return (text) => {
    const parts = pattern.exec(text)?.groups;
    if (!parts) return undefined;
    const month = parts['monthName'] === undefined ? Number(parts['month']) : monthNamed(parts['monthName']);
    const day = dayOf(yearOf(parts), month, Number(parts['day']));
    if (day === undefined) return 'none';
    return parts['hour'] === undefined ? { day } : { day, time: parts };
  };
}

/** The instant, as PostgreSQL reads it; undefined for a time that there is not. */
export function parseTime(day: string, parts: Record<string, string | undefined>, zone: string): string | undefined {
  const { hour = '', minute = '00', second = '00', fraction = '', half } = parts;
  if (half !== undefined && (Number(hour) < 1 || Number(hour) > 12)) return undefined;
  const ofDay = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  return timestampOf(day, { hour: String(ofDay), minute, second, fraction: fraction === '' ? '' : `.${fraction}`, zone: parts['zone'] }, zone);
}

function yearOf({ year, shortYear }: Record<string, string | undefined>): string {
  if (year !== undefined) return year;
  return `${Number(shortYear) < FIRST_SHORT_YEAR ? 20 : 19}${shortYear ?? ''}`;
}
