import fc from 'fast-check';
import { exactInteger, memberText, NumberText, readJson, writeJson } from './exact-json.js';

describe('JSON that keeps its digits', () => {
  test('has a bigint for a whole number beyond 2^53, and a number for any other (C2)', () => {
    const text = '{"id":1234567890123456789,"low":-9223372036854775808,"safe":9007199254740991,"half":1.50,"zero":-0,"text":"1234567890123456789","e":1e3}';
    expect(readJson(text, exactInteger)).toEqual({
      id: 1234567890123456789n,
      low: -9223372036854775808n,
      safe: 9007199254740991,
      half: 1.5,
      zero: -0,
      text: '1234567890123456789',
      e: 1000,
    });
  });

  test.each(['1.0', '[12345678901234567890,-0,1E400,1e-400,0.10000000000000000001]', '{"a\\"1.0":"\\\\","b":[{"c":1.00}]}', '""', '"1.0"', 'null'])(
    '%s is read and written again as it was (C2)',
    (text) => {
      expect(writeJson(readJson(text, (literal) => new NumberText(literal)))).toBe(text);
    },
  );

  test('is what JSON.parse and JSON.stringify make of it otherwise', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(readJson(text, Number)).toEqual(JSON.parse(text));
        expect(writeJson(JSON.parse(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
    for (const wrong of ['{', '01', '1.', '-', '"', '[1,]', '{"a":1e}', '1 2']) expect(() => readJson(wrong, exactInteger)).toThrow(SyntaxError);
    expect(writeJson({ id: 12345678901234567890n, list: [1n] })).toBe('{"id":12345678901234567890,"list":[1]}');
  });

  test('has the text of each member (C2)', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.integer({ min: 0, max: 2 }), (object, space) => {
        const text = JSON.stringify(object, null, space);
        for (const [name, value] of Object.entries(JSON.parse(text) as object)) expect(JSON.parse(memberText(text, name) ?? '')).toEqual(value);
        expect(memberText(text, 'there is no such name')).toBeUndefined();
      }),
    );
    expect(memberText('{"a":{"result":1},"result": 1.00 ,"b":2}', 'result')).toBe('1.00');
  });
});
