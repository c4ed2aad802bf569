import fc from 'fast-check';
import { type ExactValue, inexactLiteral, readExactJson } from './exact-json.js';
import { RawJson } from './raw-json.js';

function plain(value: ExactValue): unknown {
  if (value instanceof RawJson) return Number(value.text);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]));
  return value;
}

describe('exact JSON', () => {
  test('is what a parser reads, but for its numbers (C2)', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        if (!text.includes('__proto__')) expect(plain(readExactJson(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  test.each(['{"a":1,"a":2}', '[{"b":{"a":1,"\\u0061":2}}]'])('tells of the name that an object of %s has twice (E21)', (text) => {
    const names: string[] = [];
    readExactJson(text, (name) => names.push(name));
    expect(names).toEqual(['a']);
  });

  test.each(['12345678901234567890', '9007199254740993', '1E400', '1e-400', '0.10000000000000000001', '-1e999', '3.14159265358979323846'])(
    'tells that %s is another number once it is a double (C2)',
    (literal) => expect(inexactLiteral(`{"a":["1",${literal}]}`)).toBe(literal),
  );

  test.each(['0', '-0', '1.0', '0.1', '1e3', '1E+2', '9007199254740992', '123456789012345', '1.50', '1e22', '100000000000000000000', '"12345678901234567890"'])(
    'tells that %s stays what it is (C2)',
    (literal) => expect(inexactLiteral(`{"a":[${literal}]}`)).toBeUndefined(),
  );

  test('finds no number inexact that JavaScript has written (C2)', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => expect(inexactLiteral(JSON.stringify([number]))).toBeUndefined()));
  });
});
