import { datePattern, type DateParts, parseTime } from './date-format.js';
import { parseDate, parseTimestamp } from './date-values.js';

/** How a file, or one of its columns, writes values. What is left out is as it is read anyhow. */
export interface ValueRules {
  /** Fields that are empty, whatever the type of their column. */
  nullValues?: readonly string[] | undefined;
  trim?: boolean | undefined;
  decimal?: string | undefined;
  thousands?: string | undefined;
  currency?: string | undefined;
  dateFormat?: string | undefined;
  timeZone?: string | undefined;
}

/** What PostgreSQL reads for a time without a zone. */
const UTC = '+00';
const SPACES = '[ \\u00a0\\u202f]';

/** Reads the values of a column as its file writes them. Values are byte strings, as {@link CsvRecord} has them. */
export class ValueFormat {
  readonly trims: boolean;
  readonly #nulls: ReadonlySet<string>;
  readonly #number: NumberPattern | undefined;
  readonly #date: ((text: string) => DateParts | 'none' | undefined) | undefined;
  readonly #zone: string;

  private constructor(rules: ValueRules) {
    this.trims = rules.trim === true;
    this.#nulls = new Set((rules.nullValues ?? []).map((text) => trimBlanks(Buffer.from(text).toString('latin1'))));
    this.#number = rules.decimal === undefined && rules.thousands === undefined && rules.currency === undefined ? undefined : numberPattern(rules);
    this.#date = rules.dateFormat === undefined ? undefined : datePattern(rules.dateFormat);
    this.#zone = rules.timeZone === undefined ? UTC : ` ${rules.timeZone}`;
  }

  /** Undefined where the rules say nothing, so that such a file costs nothing more. */
  static of(rules: ValueRules): ValueFormat | undefined {
    const { nullValues = [], trim = false, decimal, thousands, currency, dateFormat, timeZone } = rules;
    const says = [decimal, thousands, currency, dateFormat, timeZone].some((rule) => rule !== undefined);
    return nullValues.length > 0 || trim || says ? new ValueFormat(rules) : undefined;
  }

  get writesDates(): boolean {
    return this.#date !== undefined;
  }

  isEmpty(value: string): boolean {
    if (this.#nulls.size === 0 && !this.trims) return false;
    const trimmed = trimBlanks(value);
    return (this.trims && trimmed === '') || this.#nulls.has(trimmed);
  }

  /** The number as PostgreSQL writes it; an empty text for what is no number here. */
  number(value: string): string {
    return this.#number === undefined ? value.trim() : readNumber(decoded(value).trim(), this.#number);
  }

  /** As {@link parseDate}. A text that has the form of `dateFormat` is read by that alone. */
  date(value: string): string | undefined {
    const parts = this.#date?.(decoded(value).trim());
    if (parts === undefined) return parseDate(value.trim());
    return parts === 'none' || parts.time !== undefined ? undefined : parts.day;
  }

  /** As {@link parseTimestamp}. A time that names no zone is in `timeZone`. */
  timestamp(value: string): string | undefined {
    const parts = this.#date?.(decoded(value).trim());
    if (parts === undefined) return parseTimestamp(value.trim(), this.#zone);
    if (parts === 'none') return undefined;
    return parts.time === undefined ? `${parts.day} 00:00:00${this.#zone}` : parseTime(parts.day, parts.time, this.#zone);
  }
}

/** Without blanks around it. Unlike `trim()` this leaves the bytes of letters alone, of which one may be that of a no-break space. */
export function trimBlanks(value: string): string {
  return value.replace(/^[ \t\r\n]+/, '').replace(/(?<![ \t\r\n])[ \t\r\n]+$/, '');
}

interface NumberPattern {
  currency: string;
  whole: RegExp;
  thousands: RegExp | undefined;
}

function numberPattern({ decimal, thousands, currency = '' }: ValueRules): NumberPattern {
  const point = decimal ?? (thousands === '.' ? ',' : '.');
  const separator = thousands === undefined ? undefined : thousands === ' ' ? SPACES : thousands === "'" ? "['\\u2019]" : `[${thousands}]`;
  // Groups of three, and of two before these, as India writes lakhs.
  const digits = separator === undefined ? '\\d+' : `\\d{1,3}(?:${separator}\\d{2,3})*${separator}\\d{3}|\\d+`;
  const form = `^(?<digits>${digits})?(?:[${point}](?<fraction>\\d*))?(?<exponent>e[+-]?\\d{1,4})?$`;
  return { currency, whole: new RegExp(form, 'i'), thousands: separator === undefined ? undefined : new RegExp(separator, 'g') };
}

/** `(1,234.00)` is a negative amount, as accountants write it, where there is a currency. */
function readNumber(value: string, { currency, whole, thousands }: NumberPattern): string {
  let text = value;
  let sign = '';
  if (currency !== '') {
    if (text.startsWith('(') && text.endsWith(')')) [sign, text] = ['-', text.slice(1, -1).trim()];
    const signed = /^[+\u2212-]/.test(text) && sign === '' ? text.charAt(0) : '';
    text = text.slice(signed.length).trim();
    if (text.startsWith(currency)) text = text.slice(currency.length).trim();
    else if (text.endsWith(currency)) text = text.slice(0, -currency.length).trim();
    sign ||= signed;
  }
  if (sign === '' && /^[+\u2212-]/.test(text)) [sign, text] = [text.charAt(0), text.slice(1)];
  const { digits = '', fraction, exponent = '' } = whole.exec(text)?.groups ?? {};
  if (digits === '' && (fraction ?? '') === '') return '';
  const plain = thousands === undefined ? digits : digits.replaceAll(thousands, '');
  return `${sign === '\u2212' ? '-' : sign}${plain}${fraction ? `.${fraction}` : ''}${exponent}`;
}

function decoded(value: string): string {
  return /[\x80-\xff]/.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value;
}
