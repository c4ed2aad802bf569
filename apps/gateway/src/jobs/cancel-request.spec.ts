import { CANCEL_GRACE_MAX_MS, CANCEL_OUTCOMES } from '@app/contracts/schemas';
import * as core from '@app/core';

test('the grace of a cancel may be as long as the time that a handler has, and its outcomes are those that are documented', () => {
  expect(CANCEL_GRACE_MAX_MS).toBe(core.STOP_GRACE_MS);
  expect(CANCEL_OUTCOMES).toEqual(core.CANCEL_OUTCOMES);
});
