import { jest } from '@jest/globals';
import { Environment } from '../environment.js';
import { Redaction } from './redaction.js';

const redacting = (paths: string, values: NodeJS.ProcessEnv = {}) => Redaction.of(new Environment({ LOG_REDACT: paths }), values);
const logged = (redaction: Redaction, fields: object): unknown => JSON.parse(redaction.line(`${JSON.stringify(fields)}\n`));

describe('a line of the log', () => {
  test('has no field that LOG_REDACT names, at any depth, whatever its value', () => {
    const redaction = redacting('payload.card.number,payload.items.*.price,result.ok,headers.X-User,tags,idempotencyKey');
    const line = {
      payload: { card: { number: 4, name: 'n' }, items: [{ price: 1, id: 2 }] },
      err: { job: { result: { ok: true }, headers: { 'x-user': 'u', 'X-USER': 'v', other: 'o' } } },
      tags: ['t'],
      messageId: 'm',
      card: { number: 5 },
    };
    expect(logged(redaction, line)).toEqual({
      payload: { card: { number: '[redacted]', name: 'n' }, items: [{ price: '[redacted]', id: 2 }] },
      err: { job: { result: { ok: '[redacted]' }, headers: { 'x-user': '[redacted]', 'X-USER': '[redacted]', other: 'o' } } },
      tags: '[redacted]',
      messageId: '[redacted]',
      card: { number: '[redacted]' },
    });
  });

  test('has none of the values of a held payload, however they are written', () => {
    const redaction = redacting('payload.a,payload.n,payload.long');
    const long = 'secret words '.repeat(1_000);
    redaction.hold({ payload: { a: 'J"ü\n x', n: 4111_1111, long, open: 'shown' } });
    const msg = `J"ü\n x and ${JSON.stringify('J"ü\n x')} and ${encodeURIComponent('J"ü\n x')} and 41111111, not 141111111, shown`;
    expect(logged(redaction, { msg })).toEqual({ msg: '[redacted] and "[redacted]" and [redacted] and [redacted], not 141111111, shown' });
    expect(logged(redaction, { err: { message: `no ${long.slice(0, 200)}` }, reason: `no ${long.slice(0, 9)}…`, n: 41111111, attempt: 41111111 })).toEqual({
      err: { message: 'no [redacted]' },
      reason: 'no [redacted]…',
      n: '[redacted]',
      attempt: 41111111,
    });
    expect(redaction.text('a child says J"ü x')).toBe('a child says [redacted]');
  });

  test('has a value of a payload again when all who held it have let go of it for ten seconds', () => {
    jest.useFakeTimers();
    const redaction = redacting('payload');
    const holds = [redaction.hold({ payload: 'value' }), redaction.hold({ payload: ['value'] })];
    holds[0]?.();
    jest.advanceTimersByTime(11_000);
    expect(redaction.text('a value')).toBe('a [redacted]');
    holds[1]?.();
    expect(redaction.text('a value')).toBe('a [redacted]');
    jest.advanceTimersByTime(11_000);
    expect(redaction.text('a value')).toBe('a value');
    jest.useRealTimers();
  });

  test('has no credential of the environment, with or without LOG_REDACT', () => {
    const redaction = redacting('', { DATABASE_URL: 'postgres://u:correct-horse@h/d' });
    expect(logged(redaction, { msg: 'refused: correct-horse' })).toEqual({ msg: 'refused: [redacted]' });
  });

  test.each(['password', 'payload..a', 'payload.a[0]', 'payload .a', 'body.x'])('LOG_REDACT=%s stops the start with one line', (paths) => {
    expect(() => redacting(paths)).toThrow(/^expected LOG_REDACT to be a comma list of paths such as payload.card.number/);
  });
});
