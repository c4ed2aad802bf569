import { BULK_ACTS, type BulkAct, Refusal } from '@app/core';
import { readBulkChoice } from './bulk-choice.js';

const OTHERS: Record<BulkAct, object> = { cancel: {}, redrive: {}, reprioritise: { priority: 1 }, move: { queue: 'slow' }, discard: {} };

describe.each(Object.keys(BULK_ACTS) as BulkAct[])('%s of many jobs', (act) => {
  test.each([false, 7, {}, [false], [[]], null])('is refused with a pointer for a kind that is %j', (kind) => {
    const read = () => readBulkChoice(act, { filter: { kind, payload: { value: 6 } }, ...OTHERS[act] });
    expect(read).toThrow(Refusal);
    expect(read).toThrow(
      expect.objectContaining({ faults: [expect.objectContaining({ pointer: expect.stringMatching(/^\/filter\/kind/) as unknown })] }) as Error,
    );
  });
});
