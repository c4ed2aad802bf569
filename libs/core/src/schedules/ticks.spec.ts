import { dailyPatterns } from '../testing/daily-patterns.js';
import { localTime, movedNote } from './local-time.js';
import { dueAt, jitterOf, newestTicks, nextTick, type Rhythm, shortestGap, ticksBetween } from './ticks.js';

const rhythm = (spec: Rhythm['spec'], bounds: Partial<Rhythm> = {}): Rhythm => ({ spec, startsAt: null, endsAt: null, ...bounds });
const at = (text: string) => new Date(text);
const texts = (ticks: Iterable<Date>) => [...ticks].map((tick) => tick.toISOString().slice(0, 19));
const minutely = rhythm({ cron: '* * * * *', timezone: 'UTC' });

describe('The next tick', () => {
  test('of an interval is a whole multiple away from its anchor, and from 1970 without one', () => {
    expect(texts([nextTick(rhythm({ every: '15m' }), at('2026-01-01T10:07:00Z'), dailyPatterns) as Date])).toEqual(['2026-01-01T10:15:00']);
    const anchored = rhythm({ every: '90s', anchor: '2026-01-01T00:00:10Z' });
    expect(texts(ticksBetween(anchored, at('2025-12-31T23:58:40Z'), at('2026-01-01T00:01:40Z'), dailyPatterns))).toEqual([
      '2026-01-01T00:00:10',
      '2026-01-01T00:01:40',
    ]);
  });

  test('of a single time is that time, and none after it', () => {
    const once = rhythm({ at: '2026-02-01T00:00:00+01:00' });
    expect(nextTick(once, at('2026-01-31T22:59:59Z'), dailyPatterns)).toEqual(at('2026-01-31T23:00:00Z'));
    expect(nextTick(once, at('2026-01-31T23:00:00Z'), dailyPatterns)).toBeNull();
  });

  test('is within the bounds, both of them included', () => {
    const bounded = rhythm({ every: '1h' }, { startsAt: at('2026-01-01T02:00:00Z'), endsAt: at('2026-01-01T04:00:00Z') });
    expect(texts(ticksBetween(bounded, at('2025-01-01T00:00:00Z'), at('2027-01-01T00:00:00Z'), dailyPatterns))).toEqual([
      '2026-01-01T02:00:00',
      '2026-01-01T03:00:00',
      '2026-01-01T04:00:00',
    ]);
  });
});

describe('The newest ticks', () => {
  test.each([1, 3, 59, 60, 61, 500])('are the last of all, in order, however far back they go: %d', (most) => {
    const [from, until] = [at('2026-01-01T00:00:00Z'), at('2026-01-01T07:00:30Z')];
    expect(newestTicks(minutely, from, until, most, dailyPatterns)).toEqual([...ticksBetween(minutely, from, until, dailyPatterns)].slice(-most));
  });

  test('cost no more than what is asked for after a year without a look', () => {
    let asked = 0;
    const counting = { ...dailyPatterns, next: (...args: Parameters<typeof dailyPatterns.next>) => (asked++, dailyPatterns.next(...args)) };
    expect(newestTicks(minutely, at('2025-01-01T00:00:00Z'), at('2026-01-01T00:00:00Z'), 100, counting)).toHaveLength(100);
    expect(asked).toBeLessThan(2_000);
  });

  test('are none where there was none', () => {
    expect(newestTicks(rhythm({ at: '2026-01-01T00:00:00Z' }), at('2026-01-02T00:00:00Z'), at('2026-02-01T00:00:00Z'), 10, dailyPatterns)).toEqual([]);
  });
});

describe('Jitter', () => {
  test('is the same each time, differs from tick to tick and from schedule to schedule, and stays below its bound', () => {
    const ticks = Array.from({ length: 200 }, (_, index) => new Date(index * 60_000));
    const put = (id: string) => ticks.map((tick) => jitterOf(id, tick, 30_000));
    expect(put('a')).toEqual(put('a'));
    expect(put('a')).not.toEqual(put('b'));
    expect(new Set(put('a')).size).toBeGreaterThan(190);
    expect(Math.max(...put('a'))).toBeLessThan(30_000);
    expect(dueAt('a', new Date(5_000), 0)).toEqual(new Date(5_000));
  });

  test('is measured against the shortest time between two ticks', () => {
    expect(shortestGap(rhythm({ cron: '0 3 * * *', timezone: 'Test/Summer' }), at('2026-03-28T00:00:00Z'), dailyPatterns)).toBe(23 * 3_600_000);
    expect(shortestGap(rhythm({ at: '2026-02-01T00:00:00Z' }), at('2026-01-01T00:00:00Z'), dailyPatterns)).toBe(Infinity);
  });
});

describe('A tick is shown', () => {
  test('as the clocks of its zone show it, with their offset', () => {
    expect(localTime('Test/Summer', at('2026-03-29T00:59:00Z'), dailyPatterns)).toBe('2026-03-29T01:59:00+01:00');
    expect(localTime('Test/Summer', at('2026-03-29T01:00:00Z'), dailyPatterns)).toBe('2026-03-29T03:00:00+02:00');
    expect(localTime('UTC', at('2026-03-29T01:00:00Z'), dailyPatterns)).toBe('2026-03-29T01:00:00+00:00');
  });

  test('with a note where its own time does not exist on that day, and without one on all others', () => {
    const spec = { cron: '30 2 * * *', timezone: 'Test/Summer' };
    const tick = dailyPatterns.next(spec.cron, spec.timezone, at('2026-03-28T12:00:00Z')) as Date;
    expect(tick).toEqual(at('2026-03-29T01:00:00Z'));
    expect(movedNote(spec, tick, dailyPatterns)).toBe('moved: 02:30 does not exist on that day in Test/Summer');
    expect(movedNote(spec, at('2026-03-30T00:30:00Z'), dailyPatterns)).toBeUndefined();
    expect(movedNote({ cron: '0 3 * * *', timezone: 'Test/Summer' }, tick, dailyPatterns)).toBeUndefined();
    expect(movedNote({ every: '1h' }, tick, dailyPatterns)).toBeUndefined();
  });
});
