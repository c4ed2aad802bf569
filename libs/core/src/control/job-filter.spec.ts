import { filterFaults, JOB_FILTER_FIELDS, MOST_IDS, readJobFilter, writeJobFilter } from './job-filter.js';

const ID = '019364d2-7c1e-7a33-8f3e-0b9f6a1d2c3e';
const ALL = {
  state: ['failed', 'cancelled'],
  kind: 'csv.import',
  queue: 'slow',
  tag: ['customer-17', 'urgent'],
  id: ID,
  idempotencyKey: 'order-17',
  error: 'ECONNREFUSED',
  payload: '{"customer":7}',
  createdFrom: '2026-01-31T00:00:00.000Z',
  createdTo: '2026-02-01T00:00:00.000Z',
  finishedFrom: '2026-01-31T08:00:00.000Z',
  finishedTo: '2026-01-31T09:00:00.000Z',
};

describe('the conditions on jobs', () => {
  test('are read with one value or several, and written so that they can be read again', () => {
    const { conditions, faults } = readJobFilter(ALL);
    expect(faults).toEqual([]);
    expect(conditions).toMatchObject({ states: ['failed', 'cancelled'], kinds: ['csv.import'], tags: ['customer-17', 'urgent'] });
    expect(conditions.createdTo).toEqual(new Date('2026-02-01T00:00:00Z'));
    expect(writeJobFilter(conditions)).toEqual(ALL);
    expect(Object.keys(ALL)).toEqual(expect.arrayContaining(JOB_FILTER_FIELDS.filter((name) => name !== 'schedule')));
  });

  test('have a schedule as the tag that its jobs have', () => {
    expect(readJobFilter({ schedule: 'nightly', tag: 'a' }).conditions).toEqual({ tags: ['a', 'schedule:nightly'] });
  });

  test('have a list of ids only where several are allowed, and no longer one than that', () => {
    const other = ID.replace('019', '01a');
    expect(readJobFilter({ id: [ID, other] }).faults).toMatchObject([{ field: 'id', expected: 'the id of a job' }]);
    const { conditions, faults } = readJobFilter({ id: [ID, other, ID] }, undefined, MOST_IDS);
    expect([conditions, faults]).toEqual([{ ids: [ID, other] }, []]);
    expect(writeJobFilter(conditions)).toEqual({ id: [ID, other] });
    const many = Array.from({ length: MOST_IDS + 1 }, (_, n) => ID.slice(0, -4) + n.toString(16).padStart(4, '0'));
    expect(readJobFilter({ id: many }, undefined, MOST_IDS).faults).toMatchObject([
      { field: 'id', expected: 'one or a list of 1 to 1000, each the id of a job' },
    ]);
    expect(readJobFilter({ id: [ID, 'a'] }, undefined, MOST_IDS).faults).toMatchObject([{ field: 'id', index: 1 }]);
  });

  test('have a payload in the jobs of one kind alone, for another kind means something else by it', () => {
    const expected = '/kind must be one kind, in whose jobs the payload is looked for';
    const told = (fields: Record<string, unknown>) => filterFaults(readJobFilter(fields).faults, '').map(({ pointer, detail }) => `${pointer} ${detail}`);
    expect(told({ payload: '{"customer":7}' })).toEqual([`${expected}, got: null`]);
    expect(told({ payload: { customer: 7 }, kind: ['a.b', 'a.c'] })).toEqual([`${expected}, got: ["a.b","a.c"]`]);
    expect(told({ payload: { customer: 7 }, kind: ['a.b', 'a.b'] })).toEqual([]);
    expect(told({ payload: '[7]', kind: 'a.b' })).toEqual(['/payload must be a JSON object with a member at least, such as {"customer":7}, got: "[7]"']);
  });

  test('have a value once that comes twice', () => {
    expect(readJobFilter({ kind: ['a', 'b', 'a'] }).conditions).toEqual({ kinds: ['a', 'b'] });
  });

  test.each<[string, Record<string, unknown>, string, string]>([
    ['a state that there is not', { state: 'done' }, '/state', 'must be one of scheduled, queued, running'],
    ['such a state among others', { state: ['failed', 'done'] }, '/state/1', 'must be one of scheduled'],
    ['no state at all', { state: [] }, '/state', 'must be one or a list of 1 to 20'],
    ['more kinds than are allowed', { kind: Array.from({ length: 21 }, (_, n) => `k${n}`) }, '/kind', 'must be one or a list of 1 to 20'],
    ['a tag that is a number', { tag: ['a', 7] }, '/tag/1', 'must be a printable text of 1 to 500 characters, got: 7'],
    ['two queues', { queue: ['a', 'b'] }, '/queue', 'must be a printable text'],
    ['an id that is none', { id: '17' }, '/id', 'must be the id of a job, got: "17"'],
    ['an empty error', { error: '' }, '/error', 'must be a printable text'],
    ['a key with a line break', { idempotencyKey: 'a\nb' }, '/idempotencyKey', 'must be a printable text'],
    ['a time without an offset', { createdFrom: '2026-01-31T08:00:00' }, '/createdFrom', 'must be a date, or an RFC 3339 time'],
    ['an end before the beginning', { finishedFrom: '2026-02-01', finishedTo: '2026-01-01' }, '/finishedTo', 'must be later than finishedFrom'],
    ['what no condition is', { kinds: 'a' }, '/kinds', 'is not a known field'],
  ])('are refused with %s', (_, fields, pointer, detail) => {
    const [fault, ...others] = filterFaults(readJobFilter(fields).faults);
    expect(others).toEqual([]);
    expect(fault?.pointer).toBe(pointer);
    expect(fault?.detail).toContain(detail);
  });

  test.each([false, 7, null, {}, [false], [null, {}], [['a']], ''])('have no value that does not fit, so that nothing trips over it: %j', (value) => {
    for (const field of JOB_FILTER_FIELDS) {
      const { conditions, faults } = readJobFilter({ [field]: value });
      expect([field, faults.length > 0]).toEqual([field, true]);
      expect([field, Object.values(conditions).flat()]).toEqual([field, []]);
    }
  });

  test('are of the states alone that may be chosen', () => {
    expect(filterFaults(readJobFilter({ state: 'succeeded' }, ['failed']).faults, '/filter')).toEqual([
      { pointer: '/filter/state', detail: 'must be one of failed, got: "succeeded"' },
    ]);
  });
});
