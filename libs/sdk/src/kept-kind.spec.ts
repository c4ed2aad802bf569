import { kindPolicy } from '@app/core';
import { kindRetention } from './kept-kind.js';

const policy = kindPolicy({ kind: 'report.render' });

test('times are durations, rounded up to seconds, or null for ever', () => {
  expect(kindRetention(policy, { succeeded: '1h', failed: null })).toEqual({ succeededSeconds: 3_600, failedSeconds: null });
  expect(kindRetention(policy, { succeeded: 1_500 })).toEqual({ succeededSeconds: 2 });
  expect(kindRetention(policy, { failed: 'P1W' })).toEqual({ failedSeconds: 604_800 });
});

test.each([
  [{}, 'expected retention of report.render to have succeeded, failed, or both, got neither'],
  [{ succeded: '1h' }, 'expected retention of report.render to have only succeeded, failed, got: succeded'],
  [{ succeeded: 0 }, 'expected retention.succeeded of report.render to be from 1 s to 100 years, or null for ever, got: 0'],
  [{ failed: '6000w' }, 'expected retention.failed of report.render to be from 1 s to 100 years, or null for ever, got: "6000w"'],
  [{ failed: 'a day' }, 'expected retention.failed of report.render to be milliseconds or text such as "30s", "15m" or "PT15M", got: "a day"'],
  ['1h', 'expected retention of report.render to be an object, got: "1h"'],
  [null, 'expected retention of report.render to be an object, got: null'],
])('%j is refused when the module is loaded', (written, message) => {
  expect(() => kindRetention(policy, written as never)).toThrow(new TypeError(message));
});
