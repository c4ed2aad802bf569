import fc from 'fast-check';
import { canonicalJson, fingerprint, formerFingerprint, isSameRequest } from './fingerprint.js';
import type { JsonValue } from './job.js';
import type { JsonText } from './json-text.js';

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
  const of = (kind: string, payload: JsonValue, options = {}) => fingerprint(kind, read(JSON.stringify(payload)), options).toString('hex');
  const read = (text: string) => ({ value: JSON.parse(text) as JsonValue, text: text as JsonText });
  const ofText = (text: string) => fingerprint('a.b', read(text), {}).toString('hex');

  test('is the same for the same request, written in another order', () => {
    expect(of('a.b', { x: 1, y: { p: 1, q: 2 } }, { queue: 'q', priority: 1 })).toBe(of('a.b', { y: { q: 2, p: 1 }, x: 1 }, { priority: 1, queue: 'q' }));
  });

  test.each([
    ['1', '1.0'],
    ['12345678901234567890', '12345678901234567891'],
    ['{"id":[9007199254740993]}', '{"id":[9007199254740992]}'],
    ['0', '-0'],
    ['1e400', '1e401'],
    ['0.1', '0.10000000000000000001'],
  ])('differs between %s and %s, which are different texts of numbers (C2)', (one, other) => {
    expect(ofText(one)).not.toBe(ofText(other));
  });

  test('does not depend on white space, the order of members and the escapes of strings, also where numbers are unusual (C2)', () => {
    expect(ofText('{ "b" : 1.50,\n"a":[ "\\u0041" ] }')).toBe(ofText('{"a":["A"],"b":1.50}'));
  });

  test('knows again what was stored in the former form, and only that (C2)', () => {
    const request = (text: string) => ({
      fingerprint: fingerprint('a.b', read(text), {}),
      formerFingerprint: () => formerFingerprint('a.b', read(text).value, {}),
    });
    expect(isSameRequest(formerFingerprint('a.b', 1, {}), request('1.0'))).toBe(true);
    expect(isSameRequest(request('1').fingerprint, request('1.0'))).toBe(false);
    expect(isSameRequest(formerFingerprint('a.b', 2, {}), request('1'))).toBe(false);
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
