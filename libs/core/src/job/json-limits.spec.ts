import fc from 'fast-check';
import { escapePointer, findJsonFault, MAX_JSON_DEPTH } from './json-limits.js';

function nested(levels: number): unknown {
  let value: unknown = 'core';
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { inner: value };
  return value;
}

describe('the limits of JSON', () => {
  test.each([
    ['a NUL character', { a: ['ok', 'b\u0000c'] }, { pointer: '/a/1', detail: 'holds the character U+0000, which PostgreSQL cannot store' }],
    ['half a surrogate pair', { a: '\ud800' }, { pointer: '/a', detail: 'holds half of a surrogate pair, which is not valid Unicode' }],
    [
      "NUL in a member's name",
      { a: { 'x\u0000': 1 } },
      { pointer: '/a', detail: 'has a member name that holds the character U+0000, which PostgreSQL cannot store' },
    ],
    [
      'a member with a slash and a tilde in its name',
      { 'a/b~c': '\u0000' },
      { pointer: '/a~1b~0c', detail: 'holds the character U+0000, which PostgreSQL cannot store' },
    ],
    ['the value itself', '\u0000', { pointer: '', detail: 'holds the character U+0000, which PostgreSQL cannot store' }],
  ])('%s is found, with a pointer to its place', (_, value, fault) => {
    expect(findJsonFault(value)).toEqual(fault);
  });

  test('a value as deep as allowed passes, a level more does not', () => {
    expect(findJsonFault(nested(MAX_JSON_DEPTH))).toBeUndefined();
    expect(findJsonFault(nested(MAX_JSON_DEPTH + 1))?.detail).toBe('is nested deeper than 64 levels');
  });

  test('a hundred thousand levels are refused and not recursed into', () => {
    expect(findJsonFault(nested(100_000))?.detail).toBe('is nested deeper than 64 levels');
  });

  test('ordinary JSON passes', () => {
    const ordinary = fc.jsonValue({ maxDepth: 8, stringUnit: 'grapheme' });
    fc.assert(
      fc.property(ordinary, (value) => {
        fc.pre(!JSON.stringify(value).includes('\\u0000'));
        expect(findJsonFault(value)).toBeUndefined();
      }),
    );
  });

  test('pointers begin where the caller says', () => {
    expect(findJsonFault({ a: '\u0000' }, '/payload')?.pointer).toBe('/payload/a');
    expect(escapePointer('~/')).toBe('~0~1');
  });
});
