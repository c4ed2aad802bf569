import 'reflect-metadata';
import { Type } from 'class-transformer';
import { Allow, IsInt, IsString, Length, Max, ValidateNested } from 'class-validator';
import { reservedMembers, validatePayload } from './payload-validation.js';

class Anything {
  @Allow() value: unknown;
}

class Part {
  @IsInt() @Max(9) count!: number;
}

class Order {
  @IsString() @Length(1, 20) name!: string;
  @Type(() => Part) @ValidateNested({ each: true }) parts!: Part[];
}

describe('the validation of a payload', () => {
  test('has one fault for a member that is missing, and one for each rule that a given one breaks', () => {
    const faults = validatePayload(Order, { parts: [{}, { count: 'x' }] }).map(({ pointer, detail }) => `${pointer} ${detail}`);
    expect(faults).toEqual([
      '/payload/name is missing: must be longer than or equal to 1 characters, must be a string',
      '/payload/parts/0/count is missing: must not be greater than 9, must be an integer number',
      '/payload/parts/1/count must not be greater than 9',
      '/payload/parts/1/count must be an integer number',
    ]);
  });

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
