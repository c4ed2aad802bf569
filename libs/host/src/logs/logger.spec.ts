import { loggedError } from './logger.js';

describe('an error in the log', () => {
  test('is bounded, whatever another side has put into it, and has no objects of libraries (E24)', () => {
    const circular: { self?: unknown; body: string } = { body: 'x'.repeat(1_000_000) };
    circular.self = circular;
    const error = Object.assign(new Error('x'.repeat(1_000_000)), {
      code: 'EENVELOPE',
      responseCode: 550,
      response: 'y'.repeat(1_000_000),
      $response: circular,
    });
    const logged = loggedError(error) as Record<string, unknown>;
    expect(logged).toMatchObject({ type: 'Error', code: 'EENVELOPE', responseCode: 550 });
    expect(JSON.stringify(logged).length).toBeLessThan(30_000);
    expect(logged).not.toHaveProperty('$response');
    const several = new AggregateError(Array.from({ length: 1_000 }, () => error));
    expect(JSON.stringify(loggedError(several)).length).toBeLessThan(300_000);
  });

  test('that cannot be looked at is a line all the same (C10)', () => {
    const fails = (): never => {
      throw new Error('no');
    };
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    for (const thrown of [revoked.proxy, new Proxy(new Error('x'), { get: fails, getPrototypeOf: fails })]) {
      expect(loggedError(thrown)).toMatchObject({ message: 'something that cannot be printed' });
    }
    for (const thrown of [null, undefined, 'text', 5n]) expect(loggedError(thrown)).toBe(thrown);
  });
});
