import { durationMs, parseDuration } from './duration.js';

describe('a duration', () => {
  test.each([
    [0, 0],
    [1_500.4, 1_500],
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['1 d', 86_400_000],
    ['PT15M', 900_000],
    ['P1DT2H3M4.5S', 93_784_500],
    ['P2D', 172_800_000],
    // C35
    ['P1W', 604_800_000],
    ['p1w', 604_800_000],
    ['P1W2DT1H', 781_200_000],
    ['PT1,5S', 1_500],
    ['2w', 1_209_600_000],
  ])('%p is %p ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    -1,
    Infinity,
    NaN,
    '',
    '30',
    's',
    '-1s',
    '1y',
    'P',
    'P1Y',
    'P1WT',
    'P1D1W',
    `P${'1'.repeat(100_000)}D`,
    'PT',
    'P1DT',
    'P1M',
    '1s ',
    '1e3s',
    `${'9'.repeat(400)}d`,
  ])('%p is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test('one that is none is refused by its name', () => {
    expect(() => durationMs('soon', 'timeout of a.b')).toThrow(
      'expected timeout of a.b to be milliseconds or text such as "30s", "15m" or "PT15M", got: "soon"',
    );
  });
});
