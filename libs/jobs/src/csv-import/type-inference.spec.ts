import type { ColumnType } from './column-types.js';
import { encodeValue } from './column-types.js';
import { TypeInference } from './type-inference.js';

function inferred(...values: string[]): ColumnType | undefined {
  const inference = new TypeInference(1);
  for (const value of values) inference.add([value]);
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
