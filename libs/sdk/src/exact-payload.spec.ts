import 'reflect-metadata';
import { Type } from 'class-transformer';
import { Allow, ArrayMaxSize, IsArray, IsDate, IsInt, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { type Handles, type JobContext, JobHandler } from './job-handler.decorator.js';
import { readPayload, validatePayload } from './payload-validation.js';
import { testJob } from './testing/index.js';

class Line {
  @Type(() => BigInt) @Allow() id!: bigint;
  @IsOptional() @IsInt() count: number = 1;
}

class Order {
  @Type(() => BigInt) @Allow() account!: bigint;
  @IsArray() @ArrayMaxSize(3) @ValidateNested({ each: true }) @Type(() => Line) lines!: Line[];
  @IsOptional() @Type(() => Date) @IsDate() due?: Date;
  @IsOptional() @IsString() @MaxLength(5) note?: string;
  @IsOptional() @Allow() free?: unknown;
}

class Nothing {}

@JobHandler({ kind: 'test.nothing', payload: Nothing })
class DoNothing implements Handles<Nothing, unknown> {
  async run(payload: Nothing, job: JobContext): Promise<unknown> {
    return { raw: job.rawPayload, own: payload instanceof Nothing };
  }
}

@JobHandler({ kind: 'test.order', payload: Order })
class TakeOrder implements Handles<Order, unknown> {
  async run({ account, lines }: Order): Promise<unknown> {
    return { account: String(account), ids: lines.map(({ id }) => String(id)) };
  }
}

const read = (text: string) => readPayload(Order, JSON.parse(text) as never, text);

describe('a payload', () => {
  test('has whole numbers digit by digit where its class says BigInt, also in nested ones (C2)', () => {
    const { instance } = read('{"account":12345678901234567890,"lines":[{"id":-9007199254740993},{"id":"77"}],"due":"2026-01-31T00:00:00Z"}') as {
      instance: Order;
    };
    expect(instance.account).toBe(12345678901234567890n);
    expect(instance.lines).toEqual([Object.assign(new Line(), { id: -9007199254740993n }), Object.assign(new Line(), { id: 77n })]);
    expect(instance.lines[0]).toBeInstanceOf(Line);
    expect(instance.due).toEqual(new Date('2026-01-31T00:00:00Z'));
  });

  test.each(['1.5', '1e3', '"x"', 'true', '1'.repeat(1_001)])('is refused with %.20s for a BigInt (C2)', (literal) => {
    expect(read(`{"account":${literal},"lines":[]}`)).toEqual({ faults: [{ pointer: '/payload/account', detail: expect.stringContaining('whole number') }] });
  });

  test('reaches a handler in testJob as it does in a worker (C2)', async () => {
    const { result } = await testJob(TakeOrder).run({ account: 12345678901234567890n, lines: [{ id: 9007199254740993n, count: 1 }] });
    expect(result).toEqual({ account: '12345678901234567890', ids: ['9007199254740993'] });
  });

  test('keeps what has no class of its own as the very object that came (E6)', () => {
    const payload = JSON.parse('{"account":1,"lines":[],"free":{"a":[1]}}') as { free: unknown };
    const { instance } = readPayload(Order, payload as never) as { instance: Order };
    expect(instance.free).toBe(payload.free);
  });

  test.each([
    ['a list beyond its bound', { account: 1, lines: Array(20_000).fill({}) }, '/payload/lines'],
    ['a text beyond its bound', { account: 1, lines: [], note: 'x'.repeat(900_000) }, '/payload/note'],
  ])('with %s is refused for that alone (E6)', (_, payload, pointer) => {
    expect(validatePayload(Order, payload)).toEqual([{ pointer, detail: expect.stringMatching(/no more than|shorter than/) }]);
  });

  test('with unknown fields in number, in nested objects too, is refused with the first of them (E6)', () => {
    const many = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`k${index}`, 1]));
    for (const payload of [
      { account: 1, lines: [], ...many },
      { account: 1, lines: [many] },
    ]) {
      const faults = validatePayload(Order, payload);
      expect(faults.length).toBeLessThanOrEqual(20);
      expect(faults[0]?.detail).toBe('is not a known field');
    }
  });

  test('of a class without a decorated field may be {}, and nothing else (C12)', async () => {
    expect(validatePayload(Nothing, {})).toEqual([]);
    expect(validatePayload(Nothing, { a: 1 })).toEqual([{ pointer: '/payload/a', detail: 'is not a known field' }]);
    expect(validatePayload(Nothing, null)).toHaveLength(1);
    expect((await testJob(DoNothing).run({})).result).toEqual({ raw: '{}', own: true });
  });
});
