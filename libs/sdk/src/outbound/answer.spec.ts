import { connectionErrorText, parseRetryAfter, remoteText } from './answer.js';

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

  it('tells no address that a host resolved to (E24)', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
      address: '10.1.2.3',
      port: 5432,
    });
    const slow = Object.assign(new Error('Connect Timeout Error (attempted address: 10.1.2.3:80)'), { code: 'UND_ERR_CONNECT_TIMEOUT' });
    expect(connectionErrorText(new AggregateError([refused, refused]))).toBe('connect ECONNREFUSED');
    expect(connectionErrorText(slow)).not.toContain('10.1.2.3');
  });

  it('keeps what another side says in one bounded line that a database takes (E24)', () => {
    const said = [
      'a\u0000b\r\nset-cookie: x\u2028\u001b[31mred',
      '\ud800half',
      `${'x'.repeat(499)}\u{13000}`,
      `${' '.repeat(10_000)}late`,
      '\u{13000}'.repeat(10_000),
      'DNS:host.example, '.repeat(100_000),
    ];
    for (const text of said) {
      for (const kept of [
        remoteText(text),
        connectionErrorText(new Error(text)),
        connectionErrorText(new AggregateError(Array(1_000).fill(new Error(text)))),
      ]) {
        expect([kept.length <= 500, kept.isWellFormed(), /[\p{Cc}\u2028]/u.test(kept)]).toEqual([true, true, false]);
      }
    }
    expect(remoteText('a\u0000b\r\nc')).toBe('a b c');
  });
});
