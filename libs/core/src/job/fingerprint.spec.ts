import fc from 'fast-check';
import { canonicalJson, fingerprint } from './fingerprint.js';
import type { JsonValue } from './job.js';

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>;

/** The same value with the members of each object in the opposite order. */
function reordered(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reordered);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).reverse();
  return Object.fromEntries(members.map(([name, member]) => [name, reordered(member)]));
}

describe('canonical JSON', () => {
  test('does not depend on the order of members', () => {
    fc.assert(fc.property(json, (value) => expect(canonicalJson(reordered(value))).toBe(canonicalJson(value))));
  });

  test('is JSON of the same value, so different values differ', () => {
    fc.assert(fc.property(json, (value) => expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))));
  });

  test('keeps the order of arrays', () => {
    expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
  });
});

describe('the fingerprint', () => {
  const of = (kind: string, payload: JsonValue, options = {}) => fingerprint(kind, payload, options).toString('hex');

  test('is the same for the same request, written in another order', () => {
    expect(of('a.b', { x: 1, y: { p: 1, q: 2 } }, { queue: 'q', priority: 1 })).toBe(of('a.b', { y: { q: 2, p: 1 }, x: 1 }, { priority: 1, queue: 'q' }));
  });

  test.each([
    ['the kind', of('a.c', { x: 1 })],
    ['a value', of('a.b', { x: 2 })],
    ["a value's type", of('a.b', { x: '1' })],
    ['an option', of('a.b', { x: 1 }, { queue: 'q' })],
  ])('differs by %s', (_, other) => {
    expect(other).not.toBe(of('a.b', { x: 1 }));
  });
});
