import fc from 'fast-check';
import { findJsonFault } from '../job/json-limits.js';
import { logLine, toldProgress } from './telling.js';

const ANYTHING = fc.anything({
  withNullPrototype: true,
  withBigInt: true,
  withMap: true,
  withSet: true,
  withDate: true,
  withTypedArray: true,
  withSparseArray: true,
});

describe('telling never fails, whatever is told (C9)', () => {
  test('as a line of its log', () => {
    fc.assert(
      fc.property(ANYTHING, ANYTHING, (message, fields) => {
        const line = logLine(message, fields);
        expect(line.message.length).toBeLessThanOrEqual(2_000);
        expect(findJsonFault(line.fields)).toBeUndefined();
        expect(JSON.stringify(line.fields).length).toBeLessThan(7_000);
      }),
    );
  });

  test('as progress of an attempt', () => {
    fc.assert(
      fc.property(fc.oneof(ANYTHING, fc.record({ done: ANYTHING, total: ANYTHING, message: ANYTHING })), (told) => {
        const progress = toldProgress(told, { done: 1 });
        if (progress === undefined) return;
        expect(Number.isFinite(progress.done)).toBe(true);
        expect(findJsonFault(progress)).toBeUndefined();
        expect(JSON.stringify(progress).length).toBeLessThan(4_000);
      }),
    );
  });

  const throwing = { get a(): number { throw new Error('unreadable'); } }; // prettier-ignore
  const circular: { self?: unknown } = {};
  circular.self = circular;
  test.each([
    ['an error', new TypeError('no'), undefined, 'TypeError: no', { err: { name: 'TypeError', message: 'no' } }],
    ['nothing', undefined, undefined, 'undefined', {}],
    ['a number', 42, null, '42', {}],
    ['an object', { a: 1 }, 5, '{ a: 1 }', { value: 5 }],
    ['a list', 'x', [1], 'x', { value: [1] }],
    ['an error as the fields', 'x', new Error('no'), 'x', { value: { name: 'Error', message: 'no' } }],
    ['fields that throw', 'x', throwing, 'x', { omitted: expect.stringContaining('unreadable') }],
    ['a circle', 'x', circular, 'x', { omitted: expect.stringContaining('no JSON') }],
    ['a bigint', 10n, { id: 10n }, '10n', { omitted: expect.stringContaining('no JSON') }],
    ['far too much', 'x'.repeat(9e6), { list: Array.from({ length: 1e6 }, () => 0) }, 'x'.repeat(2_000), { omitted: expect.stringContaining('too many') }],
  ])('as a line of %s', (_, message, fields, text, kept) => {
    expect(logLine(message, fields)).toEqual({ level: 'info', message: text, fields: kept });
  });
});
