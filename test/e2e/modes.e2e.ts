import { describeEachMode, type Stack, startStack, waitFor } from '../support/index.js';

/** The same promises in both modes: only the configuration differs. */
describeEachMode('%s mode', (mode) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode, env: { QUEUES: 'slow' } });
  });
  afterAll(() => stack.stop());

  test('a submission is answered 202 with where to look, and the job succeeds', async () => {
    const { status, headers, body } = await stack.api.submit('debug.echo', { value: { deep: [1, 'ä', null] } });
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/jobs/${body.id}`);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    const job = await stack.api.waitForState(body.id, 'succeeded');
    expect(job).toMatchObject({ kind: 'debug.echo', attempt: 1, result: { value: { deep: [1, 'ä', null] } }, error: null });
    expect(Date.parse(job.finishedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(job.startedAt ?? ''));
  });

  test('a caller who prefers to wait gets the finished job with 200, or 202 when it takes longer', async () => {
    const quick = await stack.api.submit('debug.echo', { value: 1 }, undefined, { prefer: 'wait=20' });
    expect([quick.status, quick.body.state, quick.headers.get('preference-applied')]).toEqual([200, 'succeeded', 'wait=20']);
    const slow = await stack.api.submit('debug.sleep', { ms: 60_000 }, undefined, { prefer: 'wait=1' });
    expect([slow.status, slow.body.state]).toEqual([202, 'running']);
    await stack.api.call('POST', `/jobs/${slow.body.id}/cancel`);
    const waited = await stack.api.call('GET', `/jobs/${slow.body.id}`, undefined, { prefer: 'wait=20' });
    expect([waited.status, waited.body.state]).toEqual([200, 'cancelled']);
  });

  test('one idempotency key sent 100 times at once makes one job', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => stack.api.submit('debug.echo', { value: 1 }, undefined, { 'idempotency-key': '"once"' })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(99);
    const other = await stack.api.submit('debug.echo', { value: 2 }, undefined, { 'idempotency-key': 'once' });
    expect(other.status).toBe(422);
    expect(other.body).toMatchObject({ type: '/problems/idempotency-key-reused' });
  });

  test('an attempt that fails is retried with backoff until it succeeds', async () => {
    const { body } = await stack.api.submit('debug.fail', { message: 'not yet', times: 2 }, undefined, { prefer: 'wait=30' });
    expect(body).toMatchObject({ state: 'succeeded', attempt: 3, result: { attempts: 3 }, error: null });
  });

  test('a job that always throws ends failed and as a dead letter, and can be redriven', async () => {
    const { body } = await stack.api.submit('debug.fail', { message: 'never' }, { maxAttempts: 2 }, { prefer: 'wait=30' });
    expect(body).toMatchObject({ state: 'failed', attempt: 2, error: { code: 'handler_error', message: 'never', attempt: 2 } });
    const [letter] = (await stack.api.deadLetters()).filter(({ jobId }) => jobId === body.id);
    expect(letter).toMatchObject({ reason: 'handler_error', detail: 'never', kind: 'debug.fail' });
    const redriven = await stack.api.call<{ jobId: string }>('POST', `/dead-letters/${String(letter?.id)}/redrive`, {
      payload: { message: 'fixed', times: 0 },
    });
    expect([redriven.status, redriven.body.jobId]).toEqual([202, body.id]);
    expect(await stack.api.waitForState(body.id, 'succeeded')).toMatchObject({ attempt: 1 });
    expect((await stack.api.call('POST', `/jobs/${body.id}/redrive`)).status).toBe(409);
  });

  test('a non-retryable error is not retried', async () => {
    const { body } = await stack.api.submit('debug.fail', { message: 'no account', retryable: false }, undefined, { prefer: 'wait=30' });
    expect(body).toMatchObject({ state: 'failed', attempt: 1, error: { code: 'non_retryable' } });
  });

  test('a delayed job starts when its time has come, and one that has not started can be cancelled', async () => {
    const soon = await stack.api.submit('debug.echo', { value: 1 }, { delay: '1s' });
    expect(soon.body.state).toBe('scheduled');
    const late = await stack.api.submit('debug.echo', { value: 2 }, { runAt: new Date(Date.now() + 3_600_000).toISOString() });
    const cancelled = await stack.api.call('POST', `/jobs/${late.body.id}/cancel`);
    expect([cancelled.status, cancelled.body.state]).toEqual([200, 'cancelled']);
    const job = await stack.api.waitForState(soon.body.id, 'succeeded');
    expect(Date.parse(job.startedAt ?? '') - Date.parse(job.createdAt)).toBeGreaterThanOrEqual(1_000);
  });

  test('a repeated cancel is answered as the first was, and that of a job that ended otherwise is 409 (C35)', async () => {
    const call = async (id: string, verb = 'cancel') => {
      const { status, body } = await stack.api.call('POST', `/jobs/${id}/${verb}`);
      return [status, body.state];
    };
    const waiting = await stack.api.accepted('debug.echo', { value: 1 }, { delay: '1h' });
    for (let time = 0; time < 3; time++) expect(await call(waiting)).toEqual([200, 'cancelled']);
    const running = await stack.api.accepted('debug.sleep', { ms: 60_000 });
    await stack.api.waitForState(running, 'running');
    expect(await call(running)).toEqual([202, 'running']);
    // Its worker may have heard of it in between.
    for (let time = 0; time < 3; time++) expect([[202, 'running'], [200, 'cancelled']]).toContainEqual(await call(running)); // prettier-ignore
    await stack.api.waitForState(running, 'cancelled');
    expect(await call(running)).toEqual([200, 'cancelled']);
    const done = await stack.api.accepted('debug.echo', { value: 1 });
    await stack.api.waitForState(done, 'succeeded');
    expect((await call(done))[0]).toBe(409);
  });

  test('a repeated redrive, of a job or a dead letter, is answered as the first was; with edits it is 409 (C35)', async () => {
    const { body } = await stack.api.submit('debug.fail', { message: 'never' }, { maxAttempts: 1 }, { prefer: 'wait=30' });
    expect((await stack.api.call('POST', `/jobs/${body.id}/redrive`, undefined, {})).status).toBe(202);
    await waitFor('the job to fail again', async () => (await stack.api.deadLetters('?redriven=true')).filter(({ jobId }) => jobId === body.id).length === 2);
    const letters = (await stack.api.deadLetters('?redriven=true')).filter(({ jobId }) => jobId === body.id);
    const [open, redriven] = [letters[0]?.id ?? '', letters[1]?.id ?? ''];
    await stack.api.call('POST', '/queues/default/pause');
    await waitFor('the pause to be obeyed', async () => (await stack.api.submit('debug.echo', { value: 1 }, {}, { prefer: 'wait=1' })).body.state === 'queued');
    const redrive = async (path: string, edits?: object) => (await stack.api.call('POST', `${path}/redrive`, edits)).status;
    expect(await redrive(`/dead-letters/${redriven}`)).toBe(202);
    expect(await redrive(`/dead-letters/${redriven}`, { payload: { message: 'other' } })).toBe(409);
    expect(await redrive(`/dead-letters/${open}`)).toBe(202);
    for (let time = 0; time < 2; time++) {
      expect(await redrive(`/dead-letters/${open}`)).toBe(202);
      expect(await redrive(`/jobs/${body.id}`)).toBe(202);
    }
    expect((await stack.query('SELECT redrives FROM jobs WHERE id = $1', [body.id]))[0]).toEqual({ redrives: 2 });
    expect((await stack.api.call('POST', '/queues/default/pause')).status).toBe(200);
    for (let time = 0; time < 2; time++) expect((await stack.api.call('POST', '/queues/default/resume')).status).toBe(200);
    const fresh = await stack.api.accepted('debug.echo', { value: 1 }, { delay: '1h' });
    expect(await redrive(`/jobs/${fresh}`)).toBe(409);
  });

  test('an attempt that takes longer than its timeout is stopped', async () => {
    const { body } = await stack.api.submit('debug.sleep', { ms: 60_000 }, { timeout: '300ms', maxAttempts: 1 }, { prefer: 'wait=30' });
    expect(body).toMatchObject({ state: 'failed', error: { code: 'timeout' } });
  });

  test('a running job shows progress, and its validator changes with it', async () => {
    const id = await stack.api.accepted('debug.sleep', { ms: 60_000 });
    await waitFor('progress', async () => (await stack.api.job(id)).progress);
    await stack.api.call('POST', `/jobs/${id}/cancel`);
    await stack.api.waitForState(id, 'cancelled');
    const first = await stack.api.call('GET', `/jobs/${id}`);
    const etag = first.headers.get('etag') ?? '';
    expect((await stack.api.call('GET', `/jobs/${id}`, undefined, { 'if-none-match': etag })).status).toBe(304);
    expect((await stack.api.call('GET', `/jobs/${id}`, undefined, { 'if-none-match': '"another"' })).status).toBe(200);
  });

  test("a handler's writes in the job's transaction are committed once, with its success only", async () => {
    await stack.api.submit('debug.effect', { key: 'kept' }, undefined, { prefer: 'wait=20' });
    const stopped = await stack.api.submit('debug.effect', { key: 'undone', ms: 60_000 }, { timeout: 300, maxAttempts: 1 }, { prefer: 'wait=20' });
    expect(stopped.body.state).toBe('failed');
    expect(await stack.query('SELECT key FROM debug_effects')).toEqual([{ key: 'kept' }]);
  });

  test('a paused queue keeps its jobs, and a resumed one runs them', async () => {
    await stack.api.submit('debug.echo', { value: 0 }, { queue: 'slow' }, { prefer: 'wait=20' });
    expect((await stack.api.call('POST', '/queues/slow/pause')).body).toMatchObject({ name: 'slow', paused: true });
    await waitFor('the pause to be obeyed', async () => {
      const { body } = await stack.api.submit('debug.echo', { value: 1 }, { queue: 'slow' }, { prefer: 'wait=1' });
      return body.state === 'queued';
    });
    const { body } = await stack.api.call<{ items: { name: string; paused: boolean; queued: number }[] }>('GET', '/queues');
    expect(body.items.find(({ name }) => name === 'slow')).toMatchObject({ paused: true, queued: 1 });
    await stack.api.call('POST', '/queues/slow/resume');
    await waitFor('the queue to be empty', async () => {
      const listed = await stack.api.call<{ items: unknown[] }>('GET', '/jobs?queue=slow&state=queued');
      return listed.body.items.length === 0;
    });
  });

  test('a batch is accepted whole or refused whole, and lists page by page without gaps', async () => {
    const jobs = Array.from({ length: 25 }, (_, value) => ({ kind: 'debug.echo', payload: { value }, options: { tags: ['batch'] } }));
    const accepted = await stack.api.call<{ jobs: { id: string }[] }>('POST', '/jobs/batch', { jobs }, { 'idempotency-key': 'batch-1' });
    const again = await stack.api.call<{ jobs: { id: string; replayed: boolean }[] }>('POST', '/jobs/batch', { jobs }, { 'idempotency-key': 'batch-1' });
    expect([accepted.status, accepted.body.jobs.length]).toEqual([202, 25]);
    expect(again.body.jobs.map(({ id, replayed }) => [id, replayed])).toEqual(accepted.body.jobs.map(({ id }) => [id, true]));
    const refused = await stack.api.call<{ errors: { pointer: string }[] }>('POST', '/jobs/batch', { jobs: [...jobs, { kind: 'debug.echo', payload: {} }] });
    expect([refused.status, refused.body.errors[0]?.pointer]).toEqual([422, '/jobs/25/payload/value']);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/jobs?tag=batch&limit=10${cursor && `&cursor=${cursor}`}`;
      const { body } = await stack.api.call<{ items: { id: string }[]; nextCursor: string | null }>('GET', path);
      seen.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(accepted.body.jobs.map(({ id }) => id).reverse());
  });
});
