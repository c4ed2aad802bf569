import { NonRetryableError, RetryableError } from '@app/sdk';
import type { CallReport } from './service-call.js';
import { verdict } from './verdict.js';

const good: CallReport = { ok: true, status: 200, json: '1', attempts: 1, ms: 1 };
const gone: CallReport = { ok: false, status: 404, error: 'not found', retryable: false, attempts: 1, ms: 1 };
const busy: CallReport = { ok: false, status: 503, error: 'busy', retryable: true, attempts: 3, ms: 1 };

function of(...entries: [CallReport, boolean?][]) {
  return verdict(entries.map(([report, required = false], index) => ({ name: `s${index}`, required, report })));
}

describe('the verdict on a fan-out', () => {
  it('is a success with partial failure, while no required service failed and one answered', () => {
    expect(of([good], [gone], [busy])).toBeUndefined();
    expect(of([good, true], [gone])).toBeUndefined();
  });

  it('is a failure to be tried again, when what failed may pass', () => {
    expect(of([good], [busy, true])).toEqual(new Error('expected every required service to answer, got: s1: busy (3 attempts)'));
    expect(of([busy], [gone])).not.toBeInstanceOf(NonRetryableError);
    expect(of([busy], [gone])).toBeInstanceOf(Error);
  });

  it('is final, when a required service will never answer, or none will', () => {
    expect(of([busy, true], [gone, true], [good])).toBeInstanceOf(NonRetryableError);
    expect(of([gone], [gone])).toBeInstanceOf(NonRetryableError);
  });

  it('waits as long as the services ask for', () => {
    const failure = of([{ ...busy, retryAfterMs: 60_000 }, true], [{ ...busy, retryAfterMs: 90_000 }, true]);
    expect(failure).toBeInstanceOf(RetryableError);
    expect((failure as RetryableError).afterMs).toBe(90_000);
  });
});
