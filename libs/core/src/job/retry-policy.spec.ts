import fc from 'fast-check';
import { backoffDelay, backoffPolicy } from './retry-policy.js';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the backoff', () => {
  test('grows by its factor and stops at its maximum', () => {
    const policy = backoffPolicy({ base: '1s', factor: 3, max: '20s', jitter: 'none' });
    expect([1, 2, 3, 4, 1_000_000].map((attempt) => backoffDelay(policy, attempt, 0))).toEqual([1_000, 3_000, 9_000, 20_000, 20_000]);
  });

  test('with jitter lies between a tenth of the delay and the delay, whatever the attempt', () => {
    const policy = fc.record({ baseMs: fc.nat(1_000_000), factor: fc.double({ min: 1, max: 10, noNaN: true }), maxMs: fc.nat(10_000_000) });
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 5_000 }), random, (bounds, attempt, drawn) => {
        const whole = backoffDelay({ ...bounds, jitter: 'none' }, attempt, drawn);
        const delay = backoffDelay({ ...bounds, jitter: 'full' }, attempt, drawn);
        expect(whole).toBeLessThanOrEqual(bounds.maxMs);
        expect(delay).toBeLessThanOrEqual(whole);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(whole / 10));
        expect(Number.isInteger(delay)).toBe(true);
      }),
    );
  });

  test('without a base is none, however far the factor has grown', () => {
    expect(backoffDelay({ baseMs: 0, factor: 10, maxMs: 1_000, jitter: 'full' }, 1_001, 0.5)).toBe(0);
  });

  test('draws from its whole range', () => {
    const policy = backoffPolicy({ base: '10s' });
    expect(backoffDelay(policy, 1, 0)).toBe(1_000);
    expect(backoffDelay(policy, 1, 0.999_999_9)).toBe(10_000);
  });

  test.each([0.5, Number.NaN])('a factor of %p is refused', (factor) => {
    expect(() => backoffPolicy({ factor })).toThrow(`expected backoff.factor to be at least 1, got: ${factor}`);
  });

  test('a length that is none is refused by its name', () => {
    expect(() => backoffPolicy({ max: 'soon' })).toThrow('expected backoff.max to be milliseconds or text such as "30s", "15m" or "PT15M", got: "soon"');
  });
});
