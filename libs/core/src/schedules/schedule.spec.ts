import { dailyPatterns } from '../testing/daily-patterns.js';
import { scheduledOptionFaults, scheduleFaults, toSettings, type WrittenSchedule } from './schedule.js';

const NOW = Date.UTC(2026, 0, 31, 8);
const faultsOf = (written: WrittenSchedule) => scheduleFaults(written, dailyPatterns, NOW).map(({ pointer, detail }) => `${pointer} ${detail}`);
const daily = { cron: '0 3 * * *' };

describe('A schedule', () => {
  test.each<WrittenSchedule>([
    { spec: daily },
    { spec: { ...daily, timezone: 'Test/Summer' }, overlap: 'buffer', missed: 'all', missedWindow: '1d', jitter: '10m', pauseAfterFailures: 5 },
    { spec: { every: '1s' } },
    { spec: { every: 90_000, anchor: '2026-01-01T00:00:30Z' }, startsAt: '2026-02-01T00:00:00Z', endsAt: '2026-03-01T00:00:00Z' },
    { spec: { at: '2026-01-31T08:00:01Z' }, description: 'once' },
  ])('of a right form has no faults: %j', (written) => {
    expect(faultsOf(written)).toEqual([]);
  });

  test.each<[WrittenSchedule, string]>([
    [{}, '/spec must be an object with one of cron, every and at, got: undefined'],
    [{ spec: [] }, '/spec must be an object with one of cron, every and at, got: []'],
    [{ spec: {} }, '/spec must have exactly one of cron, every and at, got: none of them'],
    [{ spec: { ...daily, every: '1m' } }, '/spec must have exactly one of cron, every and at, got: cron, every'],
    [{ spec: { ...daily, tz: 'UTC' } }, '/spec/tz is not a known field; it has cron and timezone, or every and anchor, or at'],
    [{ spec: { cron: 7 } }, '/spec/cron must be a text of 200 characters at most, got: 7'],
    [{ spec: { cron: '0 '.repeat(101) } }, '/spec/cron must be a text of 200 characters at most, got: 202'],
    [{ spec: { cron: 'x' } }, '/spec/cron is not a cron pattern: it is none of minute and hour, got: "x"'],
    [{ spec: { cron: '0 24 * * *' } }, '/spec/cron never comes within ten years, got: "0 24 * * *"'],
    [
      { spec: { ...daily, timezone: 'summer' } },
      '/spec/timezone must be a name of the IANA time zone database, such as Europe/Berlin, got: "summer"; did you mean "Test/Summer"?',
    ],
    [{ spec: { ...daily, timezone: 1 } }, '/spec/timezone must be a name of the IANA time zone database, such as Europe/Berlin, got: 1'],
    [{ spec: { every: '1m', timezone: 'UTC' } }, '/spec/timezone belongs to cron; every goes by UTC, got: "UTC"'],
    [{ spec: { ...daily, anchor: '2026-01-01T00:00:00Z' } }, '/spec/anchor belongs to every, got: "2026-01-01T00:00:00Z"'],
    [{ spec: { every: '999ms' } }, '/spec/every must be from 1s to 366d, as milliseconds or text such as "30s", "15m" or "PT15M", got: "999ms"'],
    [{ spec: { every: 1e300 } }, '/spec/every must be from 1s to 366d'],
    [{ spec: { every: {} } }, '/spec/every must be from 1s to 366d'],
    [{ spec: { every: '1m', anchor: 'monday' } }, '/spec/anchor must be an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z, got: "monday"'],
    [{ spec: { at: '2026-01-31T08:00:00Z' } }, '/spec/at must be in the future, within ten years; it is 2026-01-31T08:00:00.000Z now'],
    [{ spec: { at: 'tomorrow' } }, '/spec/at must be an RFC 3339 time'],
    [{ spec: daily, overlap: 'queue' }, '/overlap must be one of skip, buffer, allow, cancel, got: "queue"'],
    [{ spec: daily, missed: null }, '/missed must be one of skip, last, all, got: null'],
    [{ spec: daily, missedWindow: '367d' }, '/missedWindow must be from 0 to 366d'],
    [{ spec: daily, jitter: '24h' }, '/jitter must be shorter than the time between two ticks, which is 86400000 ms, got: 86400000 ms'],
    [{ spec: daily, jitter: -1 }, '/jitter must be from 0 to 24h'],
    [{ spec: daily, pauseAfterFailures: 0 }, '/pauseAfterFailures must be a whole number from 1 to 1000, got: 0'],
    [{ spec: daily, startsAt: 'now' }, '/startsAt must be an RFC 3339 time'],
    [{ spec: daily, startsAt: '2099-01-01T00:00:00Z' }, '/startsAt must be an RFC 3339 time'],
    [{ spec: daily, endsAt: '2026-01-31T07:00:00Z' }, '/endsAt must be in the future'],
    [{ spec: daily, startsAt: '2026-03-01T00:00:00Z', endsAt: '2026-02-01T00:00:00Z' }, '/endsAt must be after startsAt, got: "2026-02-01T00:00:00Z"'],
    [{ spec: daily, endsAt: '2026-01-31T09:00:00Z' }, '/endsAt must leave room for a tick, got: 2026-01-31T09:00:00.000Z, before which there is none'],
    [{ spec: daily, description: 'a\u0000' }, '/description must be a printable text of 500 characters at most'],
  ])('is refused with what is allowed and what came: %j', (written, expected) => {
    const faults = faultsOf(written);
    expect(faults[0]?.slice(0, expected.length)).toBe(expected);
    expect(faults).toHaveLength(1);
  });

  test('says nothing of overlap, missed ticks and jitter: then one job runs at a time, the last missed tick is made up for, and nothing is put off', () => {
    expect(toSettings({ spec: daily })).toEqual({
      spec: { cron: '0 3 * * *', timezone: 'UTC' },
      ...{ startsAt: null, endsAt: null, description: '', overlap: 'skip', missed: 'last', missedWindowMs: 86_400_000, jitterMs: 0, pauseAfterFailures: null },
    });
  });

  test('does not let its options say when a job starts', () => {
    const pointers = scheduledOptionFaults({ runAt: '2026-02-01T00:00:00Z', delay: '1m', startBefore: '2026-02-01T00:00:00Z' }).map(({ pointer }) => pointer);
    expect(pointers).toEqual(['/options/runAt', '/options/delay', '/options/startBefore']);
    expect(scheduledOptionFaults({ startBefore: '1h', priority: 3 })).toEqual([]);
  });
});
