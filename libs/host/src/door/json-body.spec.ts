import { findJsonFault, type JsonText } from '@app/core';
import fc from 'fast-check';
import { readJson } from './json-body.js';

const read = (text: string, maxMembers = 10_000) => readJson(Buffer.from(text), { maxMembers });

describe('JSON of a door', () => {
  test.each(['{"a":1,"a":2}', '{"a":{"b":1,"\\u0062":2}}', '[{"x":1},{"y":1,"y":1}]'])('is refused with a name twice in one object: %s (E21)', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'malformed_request', message: expect.stringContaining('twice') }) as Error);
  });

  test.each(['{} x', '{}{}', '1 2', '[1,]', '{"a":1,}', "{'a':1}", 'NaN', '01', '\u00a0{} \u0000'])(
    'is refused with something that is no JSON: %j (E21)',
    (text) => {
      expect(() => read(text)).toThrow(expect.objectContaining({ code: 'malformed_request' }) as Error);
    },
  );

  test('may have the same name in different objects', () => {
    expect(read('[{"a":{"a":1}},{"a":1}]').value).toEqual([{ a: { a: 1 } }, { a: 1 }]);
  });

  test('with more members than are read is refused before it is parsed (E6)', () => {
    expect(() => read('{"a":1,"b":[{}]', 2)).toThrow(expect.objectContaining({ code: 'invalid_payload' }) as Error);
  });

  test.each([
    ['as it came', 'x'],
    ['encoded again, where characters are several bytes', 'é😀'],
  ])('gives the bytes of a large member, %s', (_, character) => {
    const payload = `{"text": "${character.repeat(70_000)}"}`;
    const body = read(`\n{"kind":"a.b", "payload" : ${payload}\n}`);
    expect(body.largeBytes(body.member('payload') as JsonText, 'payload')?.text).toBe(payload);
    expect(read(payload).largeBytes(payload as JsonText)?.text).toBe(payload);
    const entry = readJson(Buffer.from(`{"jobs": [ {"payload":  ${payload} } , {"payload":1}]}`), { maxMembers: 10, entriesOf: 'jobs' }).entry(0);
    expect(entry?.largeBytes(entry.member('payload') as JsonText, 'payload')?.text).toBe(payload);
    const small = read('{"payload":1}');
    expect(small.largeBytes(small.member('payload') as JsonText, 'payload')).toBeUndefined();
  });

  test('that is large and of one byte a character is not copied', () => {
    const bytes = Buffer.from(`{"payload":"${'x'.repeat(70_000)}"}`);
    const body = readJson(bytes, { maxMembers: 10 });
    expect(body.largeBytes(body.member('payload') as JsonText, 'payload')?.bytes.buffer).toBe(bytes.buffer);
  });

  test('is called sound only where nothing in it is a fault of the store', () => {
    const part = fc.constantFrom('a', '\\', '\\\\', '\\u0000', '\\ud83d', '\\ude00', '\\n', '[', '"');
    const text = fc.array(part, { maxLength: 6 }).map((parts) => `{"a":["${parts.join('')}"]}`);
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          fc.integer({ min: 60, max: 70 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
        ),
        (json) => {
          let body;
          try {
            body = read(json);
          } catch {
            return; // No JSON, or too deep to be read.
          }
          if (body.sound) expect(findJsonFault(body.value)).toBeUndefined();
        },
      ),
    );
    expect([read('{"a":"\\n é 😀"}').sound, read('{"a":"\\u0000"}').sound, read('{"a":"\\ud83d"}').sound]).toEqual([true, false, false]);
    expect([64, 65].map((depth) => read('['.repeat(depth) + ']'.repeat(depth)).sound)).toEqual([true, false]);
  });

  test('gives the text of a member as it came (C2)', () => {
    const body = read('{"kind":"a.b", "payload" : {"id": 12345678901234567890, "x":-0}\n}');
    expect(body.member('payload')).toBe('{"id": 12345678901234567890, "x":-0}');
    expect(body.member('options')).toBeUndefined();
  });
});
