import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { jsonText, JsonTextError } from './json-text.js';
import { RawJson, rawJson } from './raw-json.js';

function refusal(value: unknown, bounds = {}): { pointer: string; detail: string; tooLarge: boolean } {
  try {
    jsonText(value, bounds);
  } catch (error) {
    if (error instanceof JsonTextError) return { pointer: error.pointer, detail: error.detail, tooLarge: error.tooLarge };
    throw error;
  }
  throw new Error('expected a refusal, got none');
}

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}
class Cart {
  items = [1, 2];
  get total() {
    return 3;
  }
}
class Secretive {
  #secret = 1;
  reveal() {
    return this.#secret;
  }
}
class Money {
  #cents = 5n;
  toJSON() {
    return { cents: this.#cents };
  }
}

describe('the text of a value', () => {
  test('is what JSON.stringify writes, for all that JSON holds', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, stringUnit: 'grapheme' }), (value) => {
        if (JSON.stringify(value).includes('\\u0000')) return;
        expect(jsonText(value)).toBe(JSON.stringify(value));
      }),
    );
  });

  test.each([
    [{ a: undefined, b: 1 }, '{"b":1}'],
    [undefined, 'null'],
    [[undefined, 1, , 2], '[null,1,null,2]'], // eslint-disable-line no-sparse-arrays
    [{ at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    [new Point(1, -0), '{"x":1,"y":0}'],
    [{ url: new URL('http://a.example/') }, '{"url":"http://a.example/"}'],
    [{ '': { '"': '\n' } }, '{"":{"\\"":"\\n"}}'],
    [Object.assign(Object.create(null) as object, { a: [] }), '{"a":[]}'],
    [runInNewContext('({ a: { b: 1 }, c: [new Date(0)] })'), '{"a":{"b":1},"c":["1970-01-01T00:00:00.000Z"]}'],
    [{ ['__proto__']: 1 }, '{"__proto__":1}'],
    [[Object('a'), Object(1), Object(true)], '["a",1,true]'],
  ])('leaves out and converts as JSON does (%#)', (value, text) => {
    expect(jsonText(value)).toBe(text);
  });

  test('has a bigint digit by digit, and raw JSON as it is', () => {
    expect(jsonText({ id: 12345678901234567890n, row: rawJson('{"n": 0.10, "id": 9007199254740993}'), money: new Money() })).toBe(
      '{"id":12345678901234567890,"row":{"n": 0.10, "id": 9007199254740993},"money":{"cents":5}}',
    );
  });

  test.each<[string, unknown, string]>([
    ['a Map', { a: [new Map()] }, '/a/0'],
    ['a Set', { a: new Set() }, '/a'],
    ['an Error', { a: new Error('x') }, '/a'],
    ['an Error of another realm', runInNewContext('({ a: new TypeError("x") })'), '/a'],
    ['a RegExp', [/x/], '/0'],
    ['a Promise', { a: Promise.resolve(1) }, '/a'],
    ['binary data', { a: new Uint8Array(2) }, '/a'],
    ['a function', { a: { b: () => 1 } }, '/a/b'],
    ['a symbol', [Symbol('x')], '/0'],
    ['NaN', { 'a/b': { '~': NaN } }, '/a~1b/~0'],
    ['Infinity', [1, -Infinity], '/1'],
    ['an invalid date', { at: new Date(NaN) }, '/at'],
    ['an instance with an accessor', { cart: new Cart() }, '/cart'],
    ['an instance whose content is private', { a: new Secretive() }, '/a'],
    ['a NUL', { a: 'x\u0000' }, '/a'],
    ['half a surrogate pair', ['\ud800'], '/0'],
    ['a name with a NUL', { a: { 'x\u0000': 1 } }, '/a'],
    ['a member that throws', { get a(): number { throw new Error('no'); } }, '/a'],
    ['a toJSON that throws', { a: { toJSON: () => { throw new Error('no'); } } }, '/a'],
  ])('is refused for %s, with a pointer', (_, value, pointer) => {
    expect(refusal(value)).toMatchObject({ pointer, tooLarge: false, detail: expect.stringMatching(/^(is|holds|has|cannot) /) });
  }); // prettier-ignore

  test('is refused for a circle, and not for a value that stands at two places', () => {
    const circle: { self?: unknown; list: unknown[] } = { list: [] };
    circle.list.push(circle);
    expect(refusal(circle)).toMatchObject({ pointer: '/list/0', detail: expect.stringContaining('holds itself') });
    const shared = { a: 1 };
    expect(jsonText([shared, shared])).toBe('[{"a":1},{"a":1}]');
  });

  test('is bounded in depth, in bytes and in members, before the work is done', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 65; level++) deep = [deep];
    expect(refusal(deep).detail).toContain('nested deeper than 64');
    expect(jsonText('é'.repeat(9), { maxBytes: 20 })).toHaveLength(11);
    expect(refusal('é'.repeat(10), { maxBytes: 20 })).toMatchObject({ tooLarge: true, detail: 'takes more than 20 bytes as JSON' });
    let wide: unknown = 1;
    for (let level = 0; level < 60; level++) wide = [wide, wide];
    expect(refusal(wide)).toMatchObject({ tooLarge: true });
    expect(refusal(new Array(4_000_000_000))).toMatchObject({ tooLarge: true });
  });

  test('that is read back at once has null for NaN, and nothing that would come back as another number', () => {
    expect(jsonText([NaN, { a: -Infinity }], { comesBack: true })).toBe('[null,{"a":null}]');
    expect(refusal({ id: 1n }, { comesBack: true })).toMatchObject({ pointer: '/id', detail: expect.stringContaining('bigint') });
    expect(refusal([new RawJson(jsonText(1))], { comesBack: true }).pointer).toBe('/0');
  });
});

describe('raw JSON', () => {
  test.each(['', '{', '{"a":1} x', 'NaN', '"\\u0000"', '["\\ud800"]', `${'['.repeat(70)}${']'.repeat(70)}`])('is not made of %j', (text) => {
    expect(() => rawJson(text)).toThrow(/^expected rawJson\(\) to get/);
  });
});
