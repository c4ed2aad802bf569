import type { ScheduleDetail } from '../../api/api';
import { putFlags, settingsOf, specOf, typedOf } from './settings';

const schedule = {
  ...{ id: 'nightly', kind: 'report.daily', spec: { cron: '0 3 * * *', timezone: 'Europe/Berlin' }, payload: { region: 'eu' }, options: { tags: ['vip'] } },
  ...{ description: '', overlap: 'buffer', missed: 'last', missedWindow: 86_400_000, jitter: 300_000, startsAt: null, endsAt: null, pauseAfterFailures: 7 },
} as unknown as ScheduleDetail;

test('a schedule that is opened to be changed and set without a change says the same', () => {
  expect(settingsOf(typedOf(schedule))).toEqual({
    ...{ kind: 'report.daily', payload: { region: 'eu' }, spec: schedule.spec, options: { tags: ['vip'] } },
    ...{ overlap: 'buffer', missed: 'last', jitter: '5m', pauseAfterFailures: 7 },
  });
});

test('only the fields of the chosen rhythm are sent', () => {
  const typed = { ...typedOf(undefined), every: '10s', at: '2026-12-24T18:00:00Z' };
  expect(specOf({ ...typed, rhythm: 'every' })).toEqual({ every: '10s' });
  expect(specOf({ ...typed, rhythm: 'at' })).toEqual({ at: '2026-12-24T18:00:00Z' });
});

test('a payload that is no JSON is named', () => {
  expect(() => settingsOf({ ...typedOf(undefined), payload: '{' })).toThrow(/^Payload: expected JSON, got: /);
});

test('the command line sets the same', () => {
  expect(putFlags(typedOf(schedule), '3')).toBe(
    ` --kind report.daily --cron '0 3 * * *' --timezone Europe/Berlin --payload '{"region":"eu"}' --options '{"tags":["vip"]}' --overlap buffer --jitter 5m --pause-after-failures 7 --revision 3`,
  );
});
