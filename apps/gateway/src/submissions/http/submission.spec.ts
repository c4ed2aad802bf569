import 'reflect-metadata';
import { Refusal } from '@app/core';
import { readBatch, readSubmission } from './submission.dto.js';

function faultsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof Refusal) return error.faults.map(({ pointer, detail }) => `${pointer} ${detail}`);
    throw error;
  }
  return [];
}

const job = (more: object) => ({ kind: 'debug.echo', payload: {}, ...more });

describe('a submission that speaks as other libraries do', () => {
  test.each([
    ['delayMs', 'delay'],
    ['delaySeconds', 'delay'],
    ['delay_ms', 'delay'],
    ['countdown', 'delay'],
    ['attempts', 'maxAttempts'],
    ['retries', 'maxAttempts'],
    ['maxRetries', 'maxAttempts'],
    ['max_attempts', 'maxAttempts'],
    ['retryLimit', 'maxAttempts'],
    ['scheduledAt', 'runAt'],
    ['run_at', 'runAt'],
    ['startAfter', 'runAt'],
    ['eta', 'runAt'],
    ['timeoutMs', 'timeout'],
    ['timeoutSeconds', 'timeout'],
    ['ttl', 'timeout'],
    ['expiration', 'timeout'],
    ['queueName', 'queue'],
    ['prio', 'priority'],
    ['webhookUrl', 'callbackUrl'],
    ['email', 'notifyEmail'],
    ['labels', 'tags'],
    ['uniqueKey', 'unique'],
    ['singletonKey', 'unique'],
    ['job_key', 'unique'],
  ])('is told that option %s is called %s here (C35)', (name, meant) => {
    const [fault, ...more] = faultsOf(() => readSubmission(job({ options: { [name]: 1 } })));
    expect(fault).toMatch(new RegExp(`^/options/${name} is not a known field; did you mean "${meant}"`));
    expect(more).toEqual([]);
    expect(faultsOf(() => readSubmission(job({ [name]: 1 })))).toEqual([`/${name} is not a known field; did you mean "options": {"${meant}": …}?`]);
  });

  test.each([
    [{ unique: 'a' }, ['/options/unique must be an object']],
    [{ unique: ['a'] }, ['/options/unique must be an object']],
    [{ unique: {} }, ['/options/unique/key is missing: must be a string']],
    [{ unique: { key: '' } }, ['/options/unique/key must be longer than or equal to 1 characters']],
    [{ unique: { key: 'x'.repeat(256) } }, ['/options/unique/key must be shorter than or equal to 255 characters']],
    [{ unique: { key: 'a\u0007' } }, ['/options/unique/key must be printable']],
    [{ unique: { key: 7 } }, ['/options/unique/key must be a string']],
    [{ unique: { key: 'a', keep: 'latest' } }, ['/options/unique/keep must be one of the following values: oldest, newest']],
    [{ unique: { key: 'a', scope: 'b' } }, ['/options/unique/scope is not a known field']],
    [{ unique: null }, ['/options/unique must not be null; leave it out']],
  ])('is told by pointer what is wrong with the unique key %j', (options, [first]) => {
    const faults = faultsOf(() => readSubmission(job({ options })));
    expect(faults[0]).toContain(first);
    expect(faults.filter((fault) => !fault.startsWith(first?.split(' ')[0] as string))).toEqual([]);
  });

  test('may have a unique key, and need not say which job stays', () => {
    for (const unique of [{ key: 'a' }, { key: 'a', keep: 'newest' }])
      expect(readSubmission(job({ options: { unique } }))).toMatchObject({ options: { unique } });
  });

  test('is told the unit of a time, which the other name may have held (C35)', () => {
    const [fault] = faultsOf(() => readSubmission(job({ options: { delaySeconds: 5 } })));
    expect(fault).toBe('/options/delaySeconds is not a known field; did you mean "delay" (milliseconds, or text such as "30s")?');
  });

  test.each(['idempotencyKey', 'idempotency_key', 'jobId', 'uniqueId', 'deduplicationId'])('is told where its %s belongs (C35)', (name) => {
    for (const body of [job({ options: { [name]: 'a' } }), job({ [name]: 'a' })])
      expect(faultsOf(() => readSubmission(body))[0]).toContain('Idempotency-Key header');
  });

  test.each([
    ['type', 'kind'],
    ['task', 'kind'],
    ['data', 'payload'],
    ['args', 'payload'],
    ['opts', 'options'],
    ['Payload', 'payload'],
  ])('is told that field %s is called %s here (C35)', (name, meant) => {
    expect(faultsOf(() => readSubmission(job({ [name]: {} })))).toEqual([`/${name} is not a known field; did you mean "${meant}"?`]);
  });

  test('keeps the key of an entry of a batch, and is told nothing of what is like no option (C35)', () => {
    expect(readBatch({ jobs: [job({ idempotencyKey: 'a' })] }, undefined)).toMatchObject([{ idempotencyKey: 'a' }]);
    expect(faultsOf(() => readSubmission(job({ zzzzzz: 1, options: { qqqqqq: 1 } })))).toEqual([
      '/zzzzzz is not a known field',
      '/options/qqqqqq is not a known field',
    ]);
  });
});
