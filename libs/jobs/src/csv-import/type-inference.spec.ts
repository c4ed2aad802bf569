import type { ColumnType } from './column-types.js';
import { encodeValue } from './column-types.js';
import { TypeInference } from './type-inference.js';
import { ValueFormat, type ValueRules } from './value-format.js';

function inferred(...values: string[]): ColumnType | undefined {
  return inferredBy({}, ...values);
}

function inferredBy(rules: ValueRules, ...values: string[]): ColumnType | undefined {
  const inference = new TypeInference(1, [ValueFormat.of(rules)]);
  for (const value of values) inference.add([Buffer.from(value).toString('latin1')]);
  return inference.types()[0];
}

describe('the inferred type', () => {
  it.each<[ColumnType, string[]]>([
    ['integer', ['0', '-7', '2147483647']],
    ['bigint', ['1', '2147483648', '-9223372036854775808']],
    ['numeric', ['1', '9223372036854775808']],
    ['numeric', ['1', '2.50', '-.5']],
    ['double', ['1', '2.5', '1e-7']],
    ['numeric', ['12345678901234567.1', '1e-7']],
    ['boolean', ['true', 'FALSE']],
    ['date', ['2026-01-31', '2026/2/1']],
    ['date', ['Jan 1 2000', 'February 29, 2000', '3 Mar 2000']],
    ['timestamptz', ['2026-01-31', '2010-01-01T01:00:00', '2010-01-01 01:00:00.5+02:00']],
  ])('is %s for %j', (type, values) => {
    expect(inferred(...values)).toBe(type);
  });

  it.each([
    ['leading zeros', ['00501', '10001']],
    ['a leading plus', ['+4712345']],
    ['days that are not there', ['2026-02-30']],
    ['days that could be two', ['1/2/2026']],
    ['a mixture', ['1', 'n/a']],
    ['a mixture of dates and numbers', ['2026-01-31', '5']],
    ['no value at all', ['', '']],
    ['more digits than a number should have', ['1'.repeat(2_000)]],
    ['numbers beyond a double', ['1e999x']],
  ])('stays text for %s', (_what, values) => {
    expect(inferred(...values)).toBe('text');
  });

  it.each([
    ['yes', 'No'],
    ['Y', 'N', 'y'],
    ['t', 'F'],
  ])('is boolean for both words of a pair: %s and %s (D10)', (...words) => {
    expect(inferred(...words)).toBe('boolean');
    for (const word of words) expect(encodeValue('boolean', word)).toMatch(/^[tf]$/);
  });

  it.each([[['F', 'F']], [['no']], [['y', 'yes', 'n']], [['t', 'f', 'm']], [['yes', 'no', 'true']]])(
    'stays text for %j, which need not be of yes and no',
    (words) => {
      expect(inferred(...words)).toBe('text');
    },
  );

  it.each<[ColumnType, ValueRules, string[]]>([
    ['integer', { nullValues: ['NA', 'NULL', '-'] }, ['1', 'NA', ' - ', 'NULL', '7']],
    ['numeric', { nullValues: ['NaN', 'N/A'] }, ['1.5', 'NaN', 'N/A']],
    ['date', { nullValues: ['\u2013'] }, ['2026-01-31', '\u2013']],
    ['integer', { thousands: ',' }, ['1,234', '7', '-1,234,567']],
    ['integer', { thousands: ',' }, ['12,34,567']],
    ['text', { thousands: ',' }, ['1,23']],
    ['numeric', { decimal: ',' }, ['1,5', '-0,25', '7']],
    ['text', { decimal: ',' }, ['1.5', '2,5']],
    ['numeric', { thousands: '.' }, ['1.234,50', '1.234']],
    ['integer', { thousands: ' ' }, ['1 234', '1\u00a0234', '1\u202f234']],
    ['integer', { thousands: "'" }, ["1'234", '1\u2019234']],
    ['numeric', { currency: '€', decimal: ',', thousands: '.' }, ['1.234,50 €', '€ 7', '-3,00 €', '(2,00 €)']],
    ['text', { currency: '€' }, ['5 $']],
    ['date', { dateFormat: 'DD.MM.YYYY' }, ['31.01.2026', '2026-02-01']],
    ['timestamptz', { dateFormat: 'DD.MM.YYYY' }, ['31.01.2026', '01.02.2026 10:30']],
    ['date', { dateFormat: 'YYYYMMDD' }, ['20260131', '20260201']],
    ['integer', { dateFormat: 'YYYYMMDD' }, ['20260131', '99999999']],
    ['text', { dateFormat: 'DD/MM/YYYY' }, ['31/01/2026', '01/31/2026']],
  ])('is %s with %j for %j (D9, D10)', (type, rules, values) => {
    expect(inferredBy(rules, ...values)).toBe(type);
  });

  it('does not change because of blank fields, which are empty for all types but text (D9)', () => {
    expect(inferred('1', '  ', '\t')).toBe('integer');
    expect(inferred('2026-01-31', ' ')).toBe('date');
    expect(inferred('a', ' ')).toBe('text');
  });

  it('does not change because of empty fields or blanks around a number', () => {
    expect(inferred('', ' 12', '', '7 ')).toBe('integer');
  });

  it.each([
    '0',
    '-5',
    '2147483648',
    '0.10',
    '.5',
    '1e-5',
    '1e300',
    'true',
    '2024-02-29',
    'Jan 1 2000',
    '2015/01/01 01:00:00',
    '99999999999999999999',
    '\\N',
    'a\tb\\',
  ])('can hold the value %j that it was inferred from', (value) => {
    expect(encodeValue(inferred(value) ?? 'text', value)).toBeDefined();
  });
});

describe('a value of a given type', () => {
  it.each<[ColumnType, string, string]>([
    ['integer', ' +007 ', '+007'],
    ['boolean', 'Yes', 't'],
    ['boolean', '0', 'f'],
    ['date', 'Jan 31 2026', '2026-01-31'],
    ['timestamptz', '2026-01-31', '2026-01-31 00:00:00+00'],
    ['timestamptz', '2026-01-31T9:05', '2026-01-31 09:05:00+00'],
    ['timestamptz', '2026-01-31 09:05:06.123456-0330', '2026-01-31 09:05:06.123456-03:30'],
    ['numeric', 'NaN', 'NaN'],
    ['text', 'a\\b\tc\r\nd', 'a\\\\b\\tc\\r\\nd'],
  ])('%s %j goes to COPY as %j', (type, value, encoded) => {
    expect(encodeValue(type, value)).toBe(encoded);
  });

  it.each<[ColumnType, string]>([
    ['integer', '2147483648'],
    ['integer', '1.0'],
    ['bigint', '9223372036854775808'],
    ['numeric', '1,5'],
    ['numeric', '1e9999'],
    ['double', '1e400'],
    ['double', '1e-400'],
    ['boolean', 'maybe'],
    ['date', '2026-13-01'],
    ['date', '0000-01-01'],
    ['timestamptz', '2026-01-01 24:00'],
    ['timestamptz', '2026-01-01 10:00+16'],
    ['numeric', ' '],
  ])('%s refuses %j', (type, value) => {
    expect(encodeValue(type, value)).toBeUndefined();
  });
});
