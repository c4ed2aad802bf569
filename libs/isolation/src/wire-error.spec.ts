import { deserialize, serialize } from 'node:v8';
import { isPlatformFault, LeaseLostError, markPlatformFault, NonRetryableError, RetryableError, SnoozeError } from '@app/core';
import { fromWire, toWire } from './wire-error.js';

/** The error as it arrives in the other process. */
const sent = (error: unknown) => fromWire(deserialize(serialize(toWire(error))) as ReturnType<typeof toWire>);

describe('an error on its way between processes', () => {
  test('keeps the class that decides what becomes of the attempt', () => {
    expect(sent(new NonRetryableError('no', { code: 'bad_file' }))).toMatchObject({ constructor: NonRetryableError, code: 'bad_file', message: 'no' });
    expect(sent(new RetryableError('busy', 5_000))).toMatchObject({ constructor: RetryableError, afterMs: 5_000, message: 'busy' });
    expect(sent(new SnoozeError(7_000))).toMatchObject({ constructor: SnoozeError, afterMs: 7_000 });
    expect(sent(new LeaseLostError('1'))).toBeInstanceOf(LeaseLostError);
  });

  test('keeps name, message and stack of any other', () => {
    const error = new RangeError('far');
    expect(sent(error)).toMatchObject({ name: 'RangeError', message: 'far', stack: error.stack });
  });

  const circular = Object.assign(new Error('circular'), { self: () => circular });
  test.each([
    ['text', 'boom', { name: 'string', message: 'boom' }],
    ['nothing', undefined, { name: 'undefined', message: 'undefined' }],
    ['an object without a prototype', Object.create(null), { message: '[Object: null prototype] {}' }],
    ['an error with what cannot be cloned', circular, { message: 'circular' }],
    ['an error with a delay that is none', new SnoozeError((() => 1) as never), { constructor: NonRetryableError, code: 'invalid_delay' }],
  ])('may be %s', (_, thrown, expected) => {
    expect(sent(thrown)).toMatchObject(expected);
  });

  test('has at most 2,000 characters of its message', () => {
    expect(sent(new Error('x'.repeat(1_000_000))).message).toHaveLength(2_000);
  });
});

test('a value that cannot be looked at crosses as an error that says so (C10)', () => {
  const fails = (): never => {
    throw new Error('no');
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  for (const thrown of [new Proxy({}, { getPrototypeOf: fails, get: fails }), revoked.proxy]) {
    expect(sent(thrown)).toMatchObject({ constructor: Error, message: 'something that cannot be printed' });
  }
});

test('an error of the platform is one in the other process too (C38)', () => {
  const cut = new Error('Connection terminated unexpectedly');
  markPlatformFault(cut);
  const arrived = sent(new Error('my own words', { cause: cut }));
  expect([arrived.message, isPlatformFault(arrived)]).toEqual(['my own words', true]);
  expect(isPlatformFault(sent(new Error('mine')))).toBe(false);
});
