import { keptTimes, keptTimesFaults, LONGEST_KEPT_SECONDS, ruleKindsFaults } from './retention-rule.js';

const DAY = 86_400;

test.each(['*', 'report.render', 'report.*', 'report.daily.*', 'a.b-c_d'])('a rule may be for %s', (kinds) => {
  expect(ruleKindsFaults(kinds)).toEqual([]);
});

test.each(['', 'report', 'report*', '*.render', 'report.*.daily', '.*', `a.${'b'.repeat(100)}`])(
  'a rule for %j is refused with what is allowed and what came',
  (kinds) => {
    const detail = `must be a kind, a prefix such as "report.*", or "*" for every kind, got: ${JSON.stringify(kinds).slice(0, 100)}`;
    expect(ruleKindsFaults(kinds)).toEqual([{ pointer: '/kinds', detail }]);
  },
);

test.each(['longhaul.webhook', 'longhaul.*'])("Longhaul's own %s is named by no rule", (kinds) => {
  expect(ruleKindsFaults(kinds)).toEqual([{ pointer: '/kinds', detail: `must not be one of Longhaul's own kinds; "*" is for them too, got: "${kinds}"` }]);
});

test.each([{ succeededSeconds: DAY }, { failedSeconds: null }, { succeededSeconds: null, failedSeconds: LONGEST_KEPT_SECONDS }])('%j is valid', (written) => {
  expect(keptTimesFaults(written, DAY)).toEqual([]);
  expect(keptTimes({ ...written, other: 1 })).toEqual(written);
});

test.each([DAY - 1, 0, -1, 1.5 * DAY + 0.5, LONGEST_KEPT_SECONDS + 1, '7d', true, [DAY]])(
  '%j seconds are refused with what is allowed and what came',
  (value) => {
    const detail = `must be a whole number of seconds from ${DAY} (IDEMPOTENCY_SECONDS) to ${LONGEST_KEPT_SECONDS}, or null for ever, got: ${JSON.stringify(value)}`;
    expect(keptTimesFaults({ succeededSeconds: value, failedSeconds: null }, DAY)).toEqual([{ pointer: '/succeededSeconds', detail }]);
    expect(keptTimesFaults({ failedSeconds: value }, DAY)).toEqual([{ pointer: '/failedSeconds', detail }]);
  },
);

test('a rule that says nothing is refused', () => {
  expect(keptTimesFaults({}, DAY)).toEqual([{ pointer: '', detail: 'must have succeededSeconds, failedSeconds, or both' }]);
});

test('what is left out is left to the next rule', () => {
  expect(keptTimes({ failedSeconds: null })).toEqual({ failedSeconds: null });
});
