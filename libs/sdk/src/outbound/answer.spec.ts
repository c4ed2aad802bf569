import { connectionErrorText, parseRetryAfter } from './answer.js';

describe('the answer of a service', () => {
  it('may ask to wait, by Retry-After, for seconds or until a date, and by nothing else', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(parseRetryAfter('7')).toBe(7_000);
    expect(parseRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000);
    expect(parseRetryAfter('Wed, 31 Dec 2025 00:00:30 GMT', now)).toBe(0);
    expect(parseRetryAfter('soon')).toBeUndefined();
    expect(parseRetryAfter(undefined)).toBeUndefined();
  });

  it('tells why a connection failed, also one that was tried at several addresses', () => {
    expect(connectionErrorText(new AggregateError([new Error('refused'), Object.assign(new Error(''), { code: 'ETIMEDOUT' })]))).toBe('refused; ETIMEDOUT');
    expect(connectionErrorText('odd')).toBe('odd');
  });
});
