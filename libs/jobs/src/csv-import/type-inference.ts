import type { ColumnType } from './column-types.js';
import { parseDate, parseTimestamp } from './date-values.js';
import type { ValueFormat } from './value-format.js';

/** What can hold a value without losing any of it, as a set of bits; `text` always can. */
const INTEGER = 1;
const BIGINT = 2;
const DECIMAL = 4;
const DOUBLE = 8;
const EXPONENT = 16;
const BOOLEAN = 32;
const DATE = 64;
const TIMESTAMP = 128;
/** A pair of words each, of which a column must have both: one of nothing but `F` may be about anything. */
const WORDS: readonly (readonly [bit: number, yes: string, no: string])[] = [
  [256, 'yes', 'no'],
  [512, 'y', 'n'],
  [1_024, 't', 'f'],
];
const ANYTHING = 2_047;

/** The narrowest first. */
const PREFERENCE: [number, ColumnType][] = [
  [INTEGER, 'integer'],
  [BIGINT, 'bigint'],
  [DECIMAL, 'numeric'],
  [DOUBLE, 'double'],
  [EXPONENT, 'numeric'],
  [BOOLEAN, 'boolean'],
  [DATE, 'date'],
  [TIMESTAMP, 'timestamptz'],
];
/** Where the file says how it writes dates, `20260131` is one. */
const DATES_FIRST = PREFERENCE.toSorted(([a], [b]) => Number(isOfDates(b)) - Number(isOfDates(a)));

const WHOLE = /^-?(0|[1-9]\d*)$/;
const FRACTION = /^-?(0|[1-9]\d*)?\.\d+$/;
const SCIENTIFIC = /^-?(0|[1-9]\d*)(\.\d+)?e[+-]?\d{1,3}$/i;
/** As many digits as a double keeps, whatever they are. */
const DOUBLE_DIGITS = 15;
const MAX_DIGITS = 1_000;

/**
 * Finds the narrowest type for each column that keeps every value it has seen. Widening is safe: `00501`, `+47…` and
 * numbers of unbounded length stay text; a decimal keeps its digits as `numeric` and becomes a double only where an
 * exponent says that it is one; an ambiguous `1/2/2026` stays text. A column without any value is text.
 */
export class TypeInference {
  readonly #left: number[];
  readonly #seen: boolean[];
  /** Words of {@link WORDS} that the column has, the one that means yes and the one that means no. */
  readonly #words: { yes: boolean; no: boolean }[];

  constructor(
    columns: number,
    private readonly formats: readonly (ValueFormat | undefined)[] = [],
  ) {
    this.#left = new Array<number>(columns).fill(ANYTHING);
    this.#seen = new Array<boolean>(columns).fill(false);
    this.#words = Array.from({ length: columns }, () => ({ yes: false, no: false }));
  }

  /** Takes in a record that has a field for each column. Empty fields, and blank ones, say nothing. */
  add(fields: readonly string[]): void {
    for (let column = 0; column < this.#left.length; column++) {
      const left = this.#left[column] ?? 0;
      if (left === 0) continue;
      const value = fields[column] ?? '';
      const format = this.formats[column];
      if (value === '' || format?.isEmpty(value)) continue;
      const text = value.trim();
      if (text === '') continue;
      const holders = format ? holdersByFormat(value, format) : holdersOf(text);
      this.#left[column] = left & (holders === 0 ? this.word(column, text.toLowerCase()) : holders);
      this.#seen[column] = true;
    }
  }

  types(): ColumnType[] {
    return this.#left.map((left, column) => {
      if (!this.#seen[column]) return 'text';
      const { yes, no } = this.#words[column] ?? {};
      if (yes && no && WORDS.some(([bit]) => (left & bit) !== 0)) return 'boolean';
      const order = this.formats[column]?.writesDates ? DATES_FIRST : PREFERENCE;
      return order.find(([bit]) => (left & bit) !== 0)?.[1] ?? 'text';
    });
  }

  /** What can hold a word: a boolean, by the pair that it is of. */
  private word(column: number, text: string): number {
    const pair = WORDS.find(([, yes, no]) => text === yes || text === no);
    const seen = this.#words[column];
    if (!pair || !seen) return 0;
    if (text === pair[1]) seen.yes = true;
    else seen.no = true;
    return pair[0];
  }
}

function isOfDates(bit: number): boolean {
  return bit === DATE || bit === TIMESTAMP;
}

function holdersByFormat(value: string, format: ValueFormat): number {
  const number = format.number(value);
  const numbers = number === '' ? 0 : holdersOf(number) & ~(DATE | TIMESTAMP);
  const dates = (format.date(value) === undefined ? 0 : DATE | TIMESTAMP) | (format.timestamp(value) === undefined ? 0 : TIMESTAMP);
  return numbers | dates | (/^(true|false)$/i.test(value.trim()) ? BOOLEAN : 0);
}

function holdersOf(value: string): number {
  const first = value.charCodeAt(0);
  const numeric = first === 45 || first === 46 || (first >= 48 && first <= 57);
  if (!numeric) {
    if (/^(true|false)$/i.test(value)) return BOOLEAN;
    return parseDate(value) === undefined ? 0 : DATE | TIMESTAMP;
  }
  if (WHOLE.test(value)) return wholeHolders(value);
  if (FRACTION.test(value)) return decimalHolders(value);
  if (SCIENTIFIC.test(value)) return scientificHolders(value);
  if (parseDate(value) !== undefined) return DATE | TIMESTAMP;
  return parseTimestamp(value) === undefined ? 0 : TIMESTAMP;
}

function wholeHolders(value: string): number {
  const any = decimalHolders(value);
  if (value.length <= 9) return any | INTEGER | BIGINT;
  if (value.length > 20) return any;
  const number = BigInt(value);
  if (number >= -(2n ** 31n) && number < 2n ** 31n) return any | INTEGER | BIGINT;
  return number >= -(2n ** 63n) && number < 2n ** 63n ? any | BIGINT : any;
}

function decimalHolders(value: string): number {
  if (value.length > MAX_DIGITS) return 0;
  return DECIMAL | EXPONENT | (value.length <= DOUBLE_DIGITS + 1 ? DOUBLE : 0);
}

function scientificHolders(value: string): number {
  const mantissa = value.slice(0, value.search(/e/i));
  const number = Number(value);
  const fits = mantissa.length <= DOUBLE_DIGITS + 1 && Number.isFinite(number) && (number !== 0 || !/[1-9]/.test(mantissa));
  return EXPONENT | (fits ? DOUBLE : 0);
}
