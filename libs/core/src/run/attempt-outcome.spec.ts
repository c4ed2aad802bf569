import { NonRetryableError, ProcessLostError, RetryableError, SnoozeError, StopError, type StopReason } from '../job/errors.js';
import { LIMITS } from '../job/kind.js';
import { type AttemptView, hasLostProcess, jobError, returned, threw } from './attempt-outcome.js';

function view({ attempt = 1, stop }: { attempt?: number; stop?: StopReason } = {}): AttemptView {
  return {
    job: { attempt, maxAttempts: 3 },
    backoff: { baseMs: 1_000, factor: 2, maxMs: 60_000, jitter: 'none' },
    stop: stop && new StopError(stop, `stopped: ${stop}`),
    random: () => 0,
  };
}

describe('an attempt whose handler returned', () => {
  test.each([
    ['an object', { a: [1, 'x'] }, '{"a":[1,"x"]}'],
    ['nothing', undefined, 'null'],
    ['a date', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['a bigint, digit by digit', { id: 12345678901234567890n }, '{"id":12345678901234567890}'],
  ])('%s has succeeded with it', (_, value, result) => {
    expect(returned(value, view())).toEqual({ event: 'succeeded', result });
  });

  test('has succeeded even if it was told to stop meanwhile', () => {
    expect(returned('done', view({ stop: 'cancel' })).event).toBe('succeeded');
  });

  const circular: { self?: unknown } = {};
  circular.self = circular;
  test.each([
    ['a circular object', circular],
    ['a Map', new Map([[1, 2]])],
    ['NaN', { a: NaN }],
    ['text that cannot be stored', { a: '\u0000' }],
  ])('%s has failed for good, for it would again', (_, value) => {
    expect(returned(value, view())).toMatchObject({ event: 'failed', error: { code: 'result_not_json' } });
  });
});

describe('an attempt whose handler threw', () => {
  test('is retried after the backoff', () => {
    expect(threw(new Error('no'), view({ attempt: 2 }))).toMatchObject({
      event: 'retried',
      delayMs: 2_000,
      error: { code: 'handler_error', name: 'Error', message: 'no', attempt: 2 },
    });
  });

  test('has failed when it was the last', () => {
    expect(threw(new Error('no'), view({ attempt: 3 }))).toMatchObject({ event: 'failed', error: { code: 'handler_error' } });
  });

  test('has failed for good when the error says so, with its code', () => {
    expect(threw(new NonRetryableError('no', { code: 'bad_file' }), view())).toMatchObject({ event: 'failed', error: { code: 'bad_file' } });
  });

  test('whose own process ended is retried, and says how it ended', () => {
    expect(threw(new ProcessLostError('out_of_memory', 'too much'), view())).toMatchObject({ event: 'retried', error: { code: 'out_of_memory' } });
    expect(threw(new ProcessLostError('process_lost', 'SIGSEGV'), view({ attempt: 3 }))).toMatchObject({ event: 'failed', error: { code: 'process_lost' } });
  });

  test('is retried when the error asked for it', () => {
    expect(threw(new RetryableError('busy', 90_000), view())).toMatchObject({ event: 'retried', delayMs: 90_000 });
  });

  test('is snoozed without an error', () => {
    expect(threw(new SnoozeError(5_000), view({ attempt: 3 }))).toEqual({ event: 'snoozed', delayMs: 5_000 });
  });

  test.each([
    [1.5, 100, 2],
    [0, 100, 0],
    [LIMITS.delayMs, LIMITS.delayMs, LIMITS.delayMs],
  ])('a delay of %p that it asked for is kept, but a snooze never loops without a pause', (afterMs, snoozed, retried) => {
    expect(threw(new SnoozeError(afterMs), view())).toMatchObject({ event: 'snoozed', delayMs: snoozed });
    expect(threw(new RetryableError('busy', afterMs), view())).toMatchObject({ event: 'retried', delayMs: retried });
  });

  test.each([NaN, Infinity, -1, LIMITS.delayMs + 1, undefined, '5s', 10n])(
    'a delay of %p that it asked for is refused, and it is not retried (C11)',
    (afterMs) => {
      for (const error of [new SnoozeError(afterMs as number), new RetryableError('busy', afterMs as number)]) {
        expect(threw(error, view())).toMatchObject({
          event: 'failed',
          error: {
            code: 'invalid_delay',
            message: expect.stringContaining(`afterMs of a ${error.name} to be milliseconds`),
            stack: expect.stringContaining('.spec.ts'),
          },
        });
      }
    },
  );

  test.each([
    ['drain', 'interrupted'],
    ['cancel', 'cancelled'],
  ] as const)('after %s is %s, whatever it threw', (stop, event) => {
    expect(threw(new NonRetryableError('no'), view({ stop }))).toEqual({ event });
  });

  test('after its time is retried, and has failed when it was the last', () => {
    expect(threw(new Error('aborted'), view({ stop: 'timeout' }))).toMatchObject({ event: 'retried', error: { code: 'timeout', message: 'stopped: timeout' } });
    expect(threw(new Error('aborted'), view({ stop: 'timeout', attempt: 3 })).event).toBe('failed');
  });
});

describe("a job's error", () => {
  test('is bounded and without what a database refuses', () => {
    const error = jobError(new Error(`a\u0000b\ud800${'x'.repeat(5_000)}`), 'co\u0000de', 1);
    expect(error.message).toHaveLength(2_000);
    expect(error.message.startsWith('a\ufffdb\ufffdx')).toBe(true);
    expect(error.code).toBe('co\ufffdde');
    expect(error.stack).not.toContain('\u0000');
  });

  const wicked = Object.assign(new Error('x'), { name: 5, message: { toString: () => { throw new Error('no'); } } }); // prettier-ignore
  test.each([
    ['text', 'boom', 'boom'],
    ['nothing', undefined, 'undefined'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['an object without a prototype', Object.create(null), '[Object: null prototype] {}'],
    ['an object with message and code', { code: 'E42', message: 'no such row' }, 'E42: no such row'],
    ['another object', { status: 502, body: { a: [1] } }, '{ status: 502, body: { a: [ 1 ] } }'],
    ['an error whose message throws', wicked, 'something that cannot be printed'],
  ])('of %s thrown has a message', (_, thrown, message) => {
    expect(jobError(thrown, 'handler_error', 1).message).toBe(message);
  });
});

test('a thrown value that cannot be looked at is a failed attempt like any other (C10)', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const outcome = threw(revoked.proxy, view({ attempt: 3 }));
  expect(outcome).toMatchObject({ event: 'failed', error: { code: 'handler_error', message: 'something that cannot be printed' } });
});

test('whether a process was lost is asked without harm of what no code can look at', () => {
  const hostile = new Proxy(
    {},
    {
      getPrototypeOf: () => {
        throw new Error('not to be looked at');
      },
    },
  );
  expect(hasLostProcess(hostile)).toBe(false);
  expect(hasLostProcess(new ProcessLostError('process_lost', 'gone'))).toBe(true);
});
