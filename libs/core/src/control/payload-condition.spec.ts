import { exactMember, readPayloadCondition } from './payload-condition.js';

const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

describe('the payload that jobs are looked for by', () => {
  test.each([
    ['{"customer": 7}', '{"customer":7}'],
    [' {"b":1, "a":[{"x":null}]}\n', '{"a":[{"x":null}],"b":1}'],
    ['{"order":12345678901234567890,"share":0.10}', '{"order":12345678901234567890,"share":0.10}'],
    ['{"much":1e400,"little":-2.5E-300}', '{"much":1e400,"little":-2.5E-300}'],
    ['{"__proto__":{"a":1},"a":{}}', '{"__proto__":{"a":1},"a":{}}'],
    [deep(64), deep(64)],
  ])('is an object in JSON, of which each number keeps its digits: %j', (given, text) => {
    const read = readPayloadCondition(given);
    expect('text' in read ? JSON.parse(read.text) : read).toEqual(JSON.parse(text));
    for (const literal of text.match(/\d{9,}|0\.10|1e400|-2\.5E-300/g) ?? []) expect(read).toMatchObject({ text: expect.stringContaining(literal) as string });
  });

  test('may be an object in the body of an act, whose text counts where it is known', () => {
    expect(readPayloadCondition({ customer: 7 })).toEqual({ text: '{"customer":7}' });
    const body = '{"kind":"a.b","payload":{"order":12345678901234567890}}';
    expect(readPayloadCondition((JSON.parse(body) as { payload: object }).payload, exactMember(body, 'payload'))).toEqual({
      text: '{"order":12345678901234567890}',
    });
    expect([exactMember(body, 'other'), exactMember('[1]', 'payload'), exactMember(undefined, 'payload')]).toEqual([undefined, undefined, undefined]);
  });

  test.each<[string, unknown, string]>([
    ['no JSON', '{customer:7}', 'a JSON object with a member at least'],
    ['a text that ends early', '{"a":"', 'a JSON object with a member at least'],
    ['nothing', '', 'a JSON object with a member at least'],
    ['an array', '[1]', 'a JSON object with a member at least'],
    ['a number', '7', 'a JSON object with a member at least'],
    ['null', 'null', 'a JSON object with a member at least'],
    ['an object without members, which is in every payload', '{}', 'a JSON object with a member at least'],
    ['two values', ['{"a":1}', '{"b":1}'], 'a JSON object with a member at least'],
    ['a number in a body', 7, 'a JSON object with a member at least'],
    ['a long text', `{"a":"${'x'.repeat(4_000)}"}`, 'a JSON object of 4000 characters at most'],
    ['a large object', { a: Array.from({ length: 4_000 }, () => 1) }, 'a JSON object of 4000 characters at most'],
    ['deep nesting', deep(65), 'nested 64 levels deep at most'],
    ['deeper nesting than a parser bears', '{"a":'.repeat(700), 'nested 64 levels deep at most'],
    ['U+0000', '{"a":["\\u0000"]}', 'it holds the character U+0000, which PostgreSQL cannot store at /a/0'],
    ['half a surrogate pair in a name', '{"\\ud800":1}', 'has a member name that holds half of a surrogate pair'],
    ['a name twice', '{"a":1,"a":2}', 'that has every name once'],
    ['a number that is too large', '{"a":1e10001}', 'exponents from -10000 to 10000'],
    ['a number that is too small', '{"a":[{"b":-1E-200000}]}', 'exponents from -10000 to 10000'],
  ])('is refused when it is %s', (_, given, expected) => {
    expect(readPayloadCondition(given)).toEqual({ expected: expect.stringContaining(expected) as string });
  });
});
