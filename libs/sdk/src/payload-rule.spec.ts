import 'reflect-metadata';
import type { JsonText, JsonValue } from '@app/core';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength, ValidateNested } from 'class-validator';
import * as v from 'valibot';
import { z } from 'zod';
import { HandlerRegistry } from './handler-registry.js';
import { type Handles, type JobContext, JobHandler, type PayloadFrom } from './job-handler.decorator.js';
import type { PayloadSource } from './payload-rule.js';

/** The same payload, described in each library. */
class Address {
  @IsString() @MinLength(1) city!: string;
}
class ClassOrder {
  @IsString() @MinLength(1) @MaxLength(10) name!: string;
  @IsInt() @Min(1) @Max(9) count!: number;
  @ValidateNested() @Type(() => Address) address!: Address;
  @IsOptional() @IsString() note?: string;
}
const zodOrder = z.strictObject({
  name: z.string().min(1).max(10),
  count: z.int().min(1).max(9),
  address: z.strictObject({ city: z.string().min(1) }),
  note: z.string().optional(),
});
const valibotOrder = toStandardJsonSchema(
  v.strictObject({
    name: v.pipe(v.string(), v.minLength(1), v.maxLength(10)),
    count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(9)),
    address: v.strictObject({ city: v.pipe(v.string(), v.minLength(1)) }),
    note: v.optional(v.string()),
  }),
);
const arkOrder = type({
  '+': 'reject',
  name: '1 <= string <= 10',
  count: '1 <= number.integer <= 9',
  address: { '+': 'reject', city: 'string >= 1' },
  'note?': 'string',
});

/** A registry of one kind, whose handler returns its payload. */
function kindOf(payload: PayloadSource<object>): HandlerRegistry {
  @JobHandler({ kind: 'order.take', payload })
  class TakeOrder implements Handles<object, object> {
    run(order: object) {
      return Promise.resolve(order);
    }
  }
  return new HandlerRegistry([TakeOrder], () => new TakeOrder());
}

const context = { log: () => undefined } as unknown as JobContext;
const good = { name: 'a', count: 3, address: { city: 'b' } };

describe.each([
  ['a class', ClassOrder],
  ['zod', zodOrder],
  ['valibot', valibotOrder],
  ['arktype', arkOrder],
] as [string, PayloadSource<object>][])('a payload by %s', (_library, source) => {
  const registry = kindOf(source);
  const faults = async (payload: JsonValue, text = JSON.stringify(payload)) => registry.validate('order.take', payload, text as JsonText);
  const pointers = async (payload: JsonValue) => [...new Set((await faults(payload)).map(({ pointer }) => pointer))].sort();

  test('is taken when it is valid, and the handler gets it', async () => {
    expect(await faults(good)).toEqual([]);
    expect({ ...((await registry.run('order.take', JSON.stringify(good) as JsonText, context)) as object) }).toEqual(good);
  });

  test.each([
    ['a field that is missing', { count: 3, address: { city: 'b' } }, ['/payload/name']],
    ['a wrong type', { ...good, count: 'three' }, ['/payload/count']],
    ['what is too long and what is too large', { ...good, name: 'x'.repeat(11), count: 10 }, ['/payload/count', '/payload/name']],
    ['a fault within an object', { ...good, address: { city: '' } }, ['/payload/address/city']],
    ['a field that nobody knows', { ...good, 'a/b': 1 }, ['/payload/a~1b']],
    ['a broken number', { ...good, count: 1.5 }, ['/payload/count']],
  ])('is refused for %s, with a pointer to it', async (_what, payload, expected) => {
    // For an unknown field valibot and zod point to the object that has it.
    const got = await pointers(payload);
    expect(got.map((pointer) => (pointer === '/payload' ? '/payload/a~1b' : pointer))).toEqual(expected);
  });

  test.each(['{"constructor":{}}', '{"name":"a","address":{"__proto__":{}}}'])('is refused for a name that reaches for a prototype: %s', async (text) => {
    const found = await faults(JSON.parse(text) as JsonValue, text);
    expect(found).toEqual([{ pointer: expect.stringMatching(/(constructor|__proto__)$/) as string, detail: 'is a reserved name' }]);
  });

  test('has a JSON Schema', () => {
    expect(registry.payloadSchema('order.take')).toMatchObject({
      type: 'object',
      properties: { name: { type: 'string', minLength: 1, maxLength: 10 }, count: { type: 'integer', maximum: 9 }, address: { type: 'object' } },
      required: expect.arrayContaining(['name', 'count', 'address']) as unknown,
    });
  });
});

describe('a payload by a Standard Schema', () => {
  const BIG = '9007199254740993';
  const bigs = {
    zod: z.object({ id: z.bigint(), ids: z.array(z.bigint()) }),
    valibot: v.object({ id: v.bigint(), ids: v.array(v.bigint()) }),
    arktype: type({ id: 'bigint', ids: 'bigint[]' }),
  };

  test.each(Object.entries(bigs))('reads a whole number exactly where %s wants a bigint', async (_library, schema) => {
    const text = `{"id":${BIG},"ids":[1,-${BIG}]}` as JsonText;
    const registry = kindOf(schema);
    expect(await registry.validate('order.take', JSON.parse(text) as JsonValue, text)).toEqual([]);
    expect(await registry.run('order.take', text, context)).toEqual({ id: BigInt(BIG), ids: [1n, -BigInt(BIG)] });
  });

  test('refuses a broken number where a bigint is wanted, and a text of it', async () => {
    const registry = kindOf(bigs.zod);
    const pointers = async (text: string) =>
      (await registry.validate('order.take', JSON.parse(text) as JsonValue, text as JsonText)).map(({ pointer }) => pointer);
    expect(await pointers('{"id":1.5,"ids":[]}')).toEqual(['/payload/id']);
    expect(await pointers('{"id":"1","ids":[1,"2"]}')).toEqual(['/payload/id', '/payload/ids/1']);
  });

  test('gives the handler what the schema makes of it: defaults and transforms', async () => {
    const registry = kindOf(z.object({ at: z.string().transform((text) => text.length), region: z.string().default('eu') }));
    expect(await registry.run('order.take', '{"at":"four"}' as JsonText, context)).toEqual({ at: 4, region: 'eu' });
  });

  test('may need time to judge', async () => {
    const registry = kindOf(z.object({ name: z.string().refine(async (name) => Promise.resolve(name !== 'taken'), 'is taken') }));
    const faults = (name: string) => registry.validate('order.take', { name }, JSON.stringify({ name }) as JsonText);
    expect([await faults('free'), await faults('taken')]).toEqual([[], [{ pointer: '/payload/name', detail: 'is taken' }]]);
  });

  test('tells no more than twenty faults, each of a bounded text', async () => {
    const registry = kindOf(z.object({ rows: z.array(z.object({ name: z.string(`no ${'x'.repeat(2_000)}`) })) }));
    const payload = { rows: Array.from({ length: 5_000 }, () => ({ name: 1 })) };
    const faults = await registry.validate('order.take', payload, JSON.stringify(payload) as JsonText);
    expect([faults.length, faults[0]?.detail.length]).toEqual([20, 500]);
  });

  test('without words for JSON Schema has a schema that says nothing', () => {
    expect(kindOf(z.object({ at: z.date() })).payloadSchema('order.take')).toEqual({});
  });

  test('types the handler, and what a caller may submit', () => {
    const order = z.object({ name: z.string(), count: z.number().default(1) });

    @JobHandler({ kind: 'typed.order', payload: order })
    class Typed implements Handles<PayloadFrom<typeof order>, number> {
      run({ name, count }: PayloadFrom<typeof order>) {
        return Promise.resolve(name.length + count);
      }
    }
    // @ts-expect-error -- the handler takes another payload than the schema gives
    @JobHandler({ kind: 'wrong.order', payload: order })
    class Wrong implements Handles<{ other: string }, string> {
      run({ other }: { other: string }) {
        return Promise.resolve(other);
      }
    }
    expect(new HandlerRegistry([Typed, Wrong]).names()).toEqual(['typed.order', 'wrong.order']);
  });
});
