import { describeEachModeInProofs, type Stack, startStack } from '../support/index.js';

interface Answer {
  id: string;
  state: string;
  errors: { pointer: string; detail: string }[];
}

describeEachModeInProofs('of jobs with one unique key, in %s mode,', (mode) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode });
  });
  afterAll(() => stack.stop());

  const submit = (value: string, options: object, headers: Record<string, string> = {}) =>
    stack.api.call<Answer>('POST', '/jobs', { kind: 'debug.echo', payload: { value }, options }, headers);
  const oldest = (key: string) => ({ unique: { key }, delay: '1h' });
  const newest = (key: string) => ({ unique: { key, keep: 'newest' }, delay: '1h' });

  test('the one that waits is the answer, and is said to be, while the oldest is kept; when it has ended there is a new one', async () => {
    const first = await submit('first', oldest('a'));
    expect([first.status, first.headers.get('unique-replayed')]).toEqual([202, null]);
    const second = await submit('second', oldest('a'), { 'idempotency-key': 'second' });
    expect([second.status, second.body.id, second.headers.get('unique-replayed'), second.headers.get('idempotency-replayed')]).toEqual([
      202,
      first.body.id,
      'true',
      null,
    ]);
    const repeated = await submit('second', oldest('a'), { 'idempotency-key': 'second' });
    expect([repeated.body.id, repeated.headers.get('unique-replayed'), repeated.headers.get('idempotency-replayed')]).toEqual([first.body.id, null, 'true']);
    expect((await stack.api.call('GET', `/jobs/${first.body.id}`)).body).toMatchObject({ unique: { key: 'a' }, flowKey: null, startBefore: null });
    const rehearsed = await stack.api.call<{ existing: string }>('POST', '/jobs/dry-run', { kind: 'debug.echo', payload: { value: '' }, options: oldest('a') });
    expect(rehearsed.body.existing).toBe(first.body.id);
    await stack.api.call('POST', `/jobs/${first.body.id}/start`);
    expect((await stack.api.waitForState(first.body.id, 'succeeded')).result).toEqual({ value: 'first' });
    const third = await submit('third', oldest('a'));
    expect([third.body.id === first.body.id, third.body.state]).toEqual([false, 'scheduled']);
  });

  test('the last one runs while the newest is kept, and each of the others says which job took its place', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => submit(String(index), newest('b'))));
    const jobs = await Promise.all(
      answers.map(({ body }) => stack.api.call<{ id: string; state: string; cancellation: { reason: string } | null }>('GET', `/jobs/${body.id}`)),
    );
    const waiting = jobs.filter(({ body }) => body.state === 'scheduled');
    expect(waiting).toHaveLength(1);
    const ids = new Set(answers.map(({ body }) => body.id));
    for (const { body } of jobs.filter((job) => !waiting.includes(job))) {
      expect(body.state).toBe('cancelled');
      expect(ids.has(/^job (\S+) with the same unique key took its place$/.exec(body.cancellation?.reason ?? '')?.[1] ?? '')).toBe(true);
    }
    const last = waiting[0]?.body.id as string;
    await stack.api.call('POST', `/jobs/${last}/start`);
    await stack.api.waitForState(last, 'succeeded');
  });

  test('those of a batch come one after the other, and the batch says which of them made no job', async () => {
    const jobs = [oldest('c'), oldest('c'), newest('c'), {}].map((options, value) => ({ kind: 'debug.echo', payload: { value }, options }));
    const { status, body } = await stack.api.call<{ jobs: { id: string; replayed: boolean }[] }>('POST', '/jobs/batch', { jobs });
    expect([status, body.jobs.map(({ replayed }) => replayed)]).toEqual([202, [false, true, false, false]]);
    expect(body.jobs[1]?.id).toBe(body.jobs[0]?.id);
    expect((await stack.api.job(body.jobs[0]?.id as string)).state).toBe('cancelled');
  });

  test('a failed one is not put back while another waits, and the refusal names that one', async () => {
    const failed = await stack.api.call<Answer>('POST', '/jobs', {
      kind: 'debug.fail',
      payload: { message: 'no' },
      options: { unique: { key: 'd' }, maxAttempts: 1 },
    });
    await stack.api.waitForState(failed.body.id, 'failed');
    const other = await stack.api.call<Answer>('POST', '/jobs', { kind: 'debug.fail', payload: { message: 'no' }, options: oldest('d') });
    const refused = await stack.api.call<{ detail: string }>('POST', `/jobs/${failed.body.id}/redrive`);
    expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining(other.body.id)]);
    await stack.api.call('POST', `/jobs/${other.body.id}/cancel`);
    expect((await stack.api.call('POST', `/jobs/${failed.body.id}/redrive`)).status).toBe(202);
  });

  test('a key that is none is refused with 422 and a pointer', async () => {
    const { status, body } = await submit('a', { unique: { key: '', keep: 'last' } });
    expect([status, body.errors.map(({ pointer }) => pointer).sort()]).toEqual([422, ['/options/unique/keep', '/options/unique/key']]);
  });

  test('a schedule has none, for it says itself what overlaps', async () => {
    const schedule = { kind: 'debug.echo', payload: { value: 1 }, spec: { every: '1h' }, options: { unique: { key: 'a' } } };
    const { status, body } = await stack.api.call<Answer>('PUT', '/schedules/unique', schedule);
    expect([status, body.errors.map(({ pointer }) => pointer)]).toEqual([422, ['/options/unique']]);
  });
});
