import { aligned, counted } from './table.js';
import { USAGE, usageFor } from './usage.js';

const words = (text: string) => text.split(/\s+/);

describe('--help', () => {
  test.each([60, 80, 100])('is broken where a terminal of %d columns ends, and says the same', (columns) => {
    const text = usageFor(columns);
    expect(text.split('\n').filter((line) => line.length > columns)).toEqual([]);
    expect(words(text)).toEqual(words(USAGE));
  });

  test('goes on below what it says of a command', () => {
    const lines = usageFor(80).split('\n');
    const first = lines.indexOf('  why <id>                  Say why a job has not started, how many are before');
    expect(lines[first + 1]).toBe('                            it, and when it will start.');
  });

  test('is as it is where nobody knows how wide the terminal is, and never narrower than sixty columns', () => {
    expect(usageFor(undefined)).toBe(USAGE);
    expect(usageFor(10)).toBe(usageFor(60));
  });
});

describe('a table', () => {
  test('has columns of one width, and no spaces at the end of a line', () => {
    expect(
      aligned([
        ['ID', 'NOTES', ''],
        ['long', '', ''],
        ['x', 'y', 'z'],
      ]),
    ).toEqual(['ID    NOTES', 'long', 'x     y      z']);
  });

  test('is counted in words that fit the number', () => {
    expect([counted(1, 'schedule'), counted(2, 'schedule'), counted(0, 'letter matches', 'letters match')]).toEqual([
      '1 schedule',
      '2 schedules',
      '0 letters match',
    ]);
  });
});
