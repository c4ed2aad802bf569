import { parseDate, parseTimestamp } from './date-values.js';
import { trimBlanks, type ValueFormat } from './value-format.js';

export const COLUMN_TYPES = ['text', 'integer', 'bigint', 'numeric', 'double', 'boolean', 'date', 'timestamptz'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** PostgreSQL's names. */
export const SQL_TYPES: Record<ColumnType, string> = {
  text: 'text',
  integer: 'integer',
  bigint: 'bigint',
  numeric: 'numeric',
  double: 'double precision',
  boolean: 'boolean',
  date: 'date',
  timestamptz: 'timestamp with time zone',
};

/** What COPY's text format has for NULL. */
const NULL = '\\N';
const TRUE = new Set(['true', 't', 'yes', 'y', 'on', '1']);
const FALSE = new Set(['false', 'f', 'no', 'n', 'off', '0']);
const WHOLE = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?$/i;
const NOT_FINITE = new Set(['nan', 'infinity', '-infinity']);

/** The value of one field as COPY takes it, or undefined when it is not of the type. A field without text is NULL, and so are blanks of any type but text. */
export function copyOf(type: ColumnType, value: string, format: ValueFormat | undefined): string | undefined {
  if (value === '' || format?.isEmpty(value)) return NULL;
  return encodeValue(type, value, format) ?? (value.trim() === '' ? NULL : undefined);
}

/**
 * The value as COPY's text format takes it, or undefined when it is not of the type. Blanks around anything but text
 * do not count. Whatever this returns, PostgreSQL accepts for a column of that type.
 */
export function encodeValue(type: ColumnType, value: string, format?: ValueFormat): string | undefined {
  switch (type) {
    case 'text':
      return escapeCopyText(format?.trims ? trimBlanks(value) : value);
    case 'integer':
      return whole(numberOf(value, format), -(2n ** 31n), 2n ** 31n - 1n);
    case 'bigint':
      return whole(numberOf(value, format), -(2n ** 63n), 2n ** 63n - 1n);
    case 'numeric':
      return numeric(numberOf(value, format)) ?? (value.trim().toLowerCase() === 'nan' ? 'NaN' : undefined);
    case 'double':
      return double(numberOf(value, format)) ?? notFinite(value.trim());
    case 'boolean':
      return boolean(value.trim().toLowerCase());
    case 'date':
      return format ? format.date(value) : parseDate(value.trim());
    case 'timestamptz':
      return format ? format.timestamp(value) : parseTimestamp(value.trim());
  }
}

function numberOf(value: string, format: ValueFormat | undefined): string {
  return format ? format.number(value) : value.trim();
}

/** COPY's text format reserves the backslash, the tabulator and line ends. */
function escapeCopyText(value: string): string {
  if (!/[\\\t\n\r]/.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

function whole(value: string, min: bigint, max: bigint): string | undefined {
  if (!WHOLE.test(value)) return undefined;
  if (value.length <= 9) return value;
  if (value.length > 1_000) return undefined;
  const number = BigInt(value.startsWith('+') ? value.slice(1) : value);
  return number >= min && number <= max ? value : undefined;
}

function numeric(value: string): string | undefined {
  if (value.length > 1_000 || !NUMBER.test(value)) return undefined;
  const exponent = Number(/e(.+)$/i.exec(value)?.[1] ?? 0);
  return Math.abs(exponent) <= 1_000 ? value : undefined;
}

function double(value: string): string | undefined {
  if (value.length > 1_000 || !NUMBER.test(value)) return undefined;
  const number = Number(value);
  // PostgreSQL refuses what overflows, and what is not zero and becomes zero.
  if (!Number.isFinite(number) || (number === 0 && /^[^e]*[1-9]/i.test(value))) return undefined;
  return value;
}

function notFinite(value: string): string | undefined {
  return NOT_FINITE.has(value.toLowerCase()) ? value : undefined;
}

function boolean(value: string): string | undefined {
  if (TRUE.has(value)) return 't';
  return FALSE.has(value) ? 'f' : undefined;
}
