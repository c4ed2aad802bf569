import { ago, bytes, clock, count, duration, listed, pointerWords, span } from './words';

describe('words of the console', () => {
  test.each([
    [4, '0.004 s'],
    [99, '0.099 s'],
    [2_100, '2.1 s'],
    [9_960, '10 s'],
    [59_400, '59 s'],
    [59_900, '1 min 00 s'],
    [421_000, '7 min 01 s'],
    [3_599_700, '1 h 00 min'],
    [12_000_000, '3 h 20 min'],
    [187_200_000, '2 d 4 h'],
    [0, '0 s'],
    [-5, '0 s'],
  ])('give %d ms in the unit that a reader thinks in', (ms, text) => expect(duration(ms)).toBe(text));

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [3_100, '3.1 kB'],
    [88_000, '88 kB'],
    [999_600, '1.0 MB'],
  ])('give %d bytes with a unit', (size, text) => expect(bytes(size)).toBe(text));

  test('tell a time relatively below an hour, and by the clock above', () => {
    const now = new Date(2026, 10, 27, 14, 32, 0);
    const before = (seconds: number): Date => new Date(now.getTime() - seconds * 1_000);
    expect([ago(before(3), now), ago(before(59.6), now), ago(before(724), now)]).toEqual(['3 s ago', '1 min ago', '12 min ago']);
    expect(ago(before(2 * 3_600), now)).toBe('12:32:00');
    expect(ago(before(-20), now)).toBe('in 20 s');
    expect(clock(new Date(2026, 10, 26, 9, 5, 3), now)).toBe('Thu 26 Nov, 09:05');
  });

  test('count one and many, and list with "and"', () => {
    expect([count(1, 'job'), count(1_403, 'job'), count(0, 'entry', 'entries')]).toEqual(['1 job', '1,403 jobs', '0 entries']);
    expect([listed([]), listed(['a']), listed(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c']);
  });
});

test.each([
  [900_000, '15 min'],
  [90_000, '90 s'],
  [21_600_000, '6 h'],
  [86_400_000, '1 d'],
  [1_500, '1500 ms'],
  ['15m', '15 min'],
  ['1h30m', '1 h 30 min'],
  ['250ms', '250 ms'],
])('a length of time that was set, %j, has its units: %s', (set, text) => {
  expect(span(set)).toBe(text);
});

test.each([
  ['/options/delay', 'Delay'],
  ['/options/maxAttempts', 'Max attempts'],
  ['/payload', 'Payload'],
  ['/payload/rows/0/name', 'Rows no. 1, name'],
  ['/notify/0/to', 'Notify no. 1, to'],
  ['/kinds', 'Kinds'],
  ['/0', 'No. 1'],
  ['/a~1b', 'A/b'],
  ['', ''],
])('what the pointer %j leads to is told in words: %s', (pointer, words) => {
  expect(pointerWords(pointer)).toBe(words);
});
