import type { ScheduleTick, TickOutcome } from '../../api/api';
import { clockIn, spanText, specWords, stripWords, wallClock } from './words';

test.each([
  [{ cron: '0 3 * * *', timezone: 'Europe/Berlin' }, '0 3 * * *'],
  [{ every: '15m' }, 'every 15 min'],
  [{ every: 90_000, anchor: '2026-01-01T00:00:30Z' }, 'every 90 s, counted from 2026-01-01T00:00:30Z'],
  [{ at: '2026-12-24T18:00:00+01:00' }, 'once'],
])('a spec is said in words: %j', (spec, words) => {
  expect(specWords(spec)).toBe(words);
});

test.each([
  [86_400_000, '1d'],
  [5_400_000, '90m'],
  [90_000, '90s'],
  [1_500, '1500'],
  [0, '0'],
])('%i ms are the text %s, as the API takes it', (ms, text) => {
  expect(spanText(ms)).toBe(text);
});

test('a moment is shown by the clocks of another zone, with the day there where it is another', () => {
  const now = new Date('2026-03-10T12:00:00Z');
  expect(clockIn('America/New_York', new Date('2026-03-10T18:30:00Z'), now)).toBe('14:30');
  expect(clockIn('Asia/Tokyo', new Date('2026-03-10T18:30:00Z'), now)).toBe('Wed 11 Mar, 03:30');
  expect(clockIn('Nowhere/Land', now, now)).toBeUndefined();
});

test('what clocks show is read from a time with its offset', () => {
  expect(wallClock('2026-03-29T03:00:00+02:00')).toBe('Sun 29 Mar, 03:00');
  expect(wallClock('2026-03-29T23:59:30-05:00')).toBe('Sun 29 Mar, 23:59:30');
});

test('a strip of ticks says how many became what', () => {
  const tick = (outcome: TickOutcome) => ({ outcome }) as ScheduleTick;
  expect(stripWords([tick('submitted'), tick('missed'), tick('submitted')])).toBe('Of the last 3 ticks: 2 made a job and 1 missed');
  expect(stripWords([])).toBe('No tick yet');
});
