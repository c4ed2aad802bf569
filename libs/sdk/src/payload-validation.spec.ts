import 'reflect-metadata';
import { Allow } from 'class-validator';
import { reservedMembers, validatePayload } from './payload-validation.js';

class Anything {
  @Allow() value: unknown;
}

describe('the validation of a payload', () => {
  test.each(['{"value":{"constructor":"x"}}', '{"value":[{"a":{"__proto__":1}}]}', '{"constructor":{}}'])(
    'refuses %s, which cannot become an instance of a class, with a pointer',
    (json) => {
      const faults = validatePayload(Anything, JSON.parse(json) as object as never);
      expect(faults).toEqual([{ pointer: expect.stringMatching(/^\/payload\/.*(constructor|__proto__)$/), detail: 'is a reserved name' }]);
    },
  );

  test('takes these words as values, and other members of any name', () => {
    expect(validatePayload(Anything, { value: { prototype: 'constructor', toString: ['__proto__'] } })).toEqual([]);
    expect(reservedMembers(null, '')).toEqual([]);
  });
});
