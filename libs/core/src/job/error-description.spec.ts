import fc from 'fast-check';
import { describeError, lineOf, ofThrown } from './error-description.js';

describe('what is kept of an error', () => {
  test('has what led to it, and what led to that (C10)', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const thrown = new TypeError('fetch failed', { cause: new Error('no address', { cause: refused }) });
    expect(describeError(thrown)).toMatchObject({
      name: 'TypeError',
      message: 'fetch failed',
      cause: { name: 'Error', message: 'no address', cause: { message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' } },
    });
  });

  test('has the errors that an AggregateError holds, and a message where it has none (C10)', () => {
    const thrown = new AggregateError([new Error('first'), { code: 7, message: 'second' }], '');
    expect(describeError(thrown)).toMatchObject({ message: 'first; 7: second', errors: [{ message: 'first' }, { message: '7: second' }] });
  });

  test('is bounded in depth and size, and ends for a circle (C10)', () => {
    const circle = new Error('circle');
    circle.cause = circle;
    expect(describeError(circle)).not.toHaveProperty('cause');
    let deep = new Error('end');
    for (let n = 0; n < 1_000; n++) deep = new Error(`${n} ${'x'.repeat(10_000)}`, { cause: deep });
    expect(JSON.stringify(describeError(deep)).length).toBeLessThan(12_000);
    const wide = new AggregateError(
      Array.from({ length: 1_000 }, () => new AggregateError(Array.from({ length: 100 }, () => new Error('\u0001'.repeat(1_000))))),
    );
    expect(JSON.stringify(describeError(wide)).length).toBeLessThan(12_000);
  });

  const fails = (): never => {
    throw new Error('no');
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  test.each([
    ['a Proxy that does not tell its class', new Proxy({}, { getPrototypeOf: fails, get: fails, ownKeys: fails })],
    ['a revoked Proxy', revoked.proxy],
    ['an error of errors that cannot be read', Object.assign(new AggregateError([]), { errors: new Proxy([], { get: fails }) })],
    ['an error with a cause that cannot be read', new Error('x', { cause: revoked.proxy })],
  ])('%s is described, and decides what becomes of its attempt (C10)', (_, thrown) => {
    expect(typeof describeError(thrown).message).toBe('string');
    expect(ofThrown(thrown, (error) => error instanceof Error || (error as { code: number }).code)).toBe(true);
  });

  test('has no half of a letter where a summary of its causes was cut (C10)', () => {
    const { message } = describeError(new AggregateError([new Error(`${'x'.repeat(499)}\u{13000}`)], ''));
    expect([message.length, message.isWellFormed()]).toEqual([500, true]);
  });

  test('never throws, whatever was thrown', () => {
    const wicked = new Proxy(new Error('x'), { get: () => { throw new Error('no'); } }); // prettier-ignore
    for (const thrown of [wicked, { cause: wicked }, new Error('x', { cause: wicked }), new AggregateError([wicked]), new Proxy({}, { get: () => { throw new Error('no'); } })]) {
      expect(typeof describeError(thrown).message).toBe('string');
      expect(typeof lineOf(thrown, 10)).toBe('string');
    } // prettier-ignore
    fc.assert(fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withMap: true, withDate: true, withSparseArray: true }), (thrown) => {
      const text = JSON.stringify(describeError(thrown));
      expect(text).not.toContain('\\u0000');
      expect(text.length).toBeLessThan(15_000);
    })); // prettier-ignore
  });
});
