import { parseTime, parseTimeOrDate } from './time.js';

describe('a time', () => {
  test.each([
    ['2026-01-31T08:00:00Z', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31t08:00:00z', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31 08:00:00.25+01:00', '2026-01-31T07:00:00.250Z'],
    ['2026-01-31T08:00:00.123456789-00:30', '2026-01-31T08:30:00.123Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2017-01-01T00:59:60+01:00', '2017-01-01T00:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('%s is %s (C35)', (text, iso) => expect(parseTime(text)?.toISOString()).toBe(iso));

  test.each([
    '2026-02-31T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T08:60:00Z',
    '2026-01-31T08:00:61Z',
    '2026-01-31T08:00:60Z',
    '2026-01-31T08:00:00',
    '2026-01-31T08:00Z',
    '2026-01-31',
    'tomorrow',
    '',
    '2026-01-31T08:00:00+24:00',
    `2026-01-31T08:00:00.${'1'.repeat(100_000)}Z`,
  ])('%.40s is none (C30)', (text) => expect(parseTime(text)).toBeUndefined());

  test('or a date, which is the beginning of its day by UTC (C30)', () => {
    expect(parseTimeOrDate('2026-02-28')?.toISOString()).toBe('2026-02-28T00:00:00.000Z');
    expect(parseTimeOrDate('2026-02-31')).toBeUndefined();
    expect(parseTimeOrDate('2026-02-28T10:00:00')).toBeUndefined();
  });
});
