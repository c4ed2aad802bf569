import type { DryRun, WhyReason, WhyView } from '@app/contracts';
import { describeEachModeInProofs, type Stack, startStack, waitFor } from '../support/index.js';

const UNKNOWN = '019364d2-7c1e-7a33-8f3e-0b9f6a1d2c3e';

describeEachModeInProofs('why a job waits, in %s mode', (mode) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({
      mode,
      env: { QUEUES: 'slow,nobody', WORKER_CONCURRENCY: '1', ...(mode === 'distributed' ? { WORKER_QUEUES: 'default,slow' } : {}) },
    });
  });
  afterAll(() => stack.stop());

  const why = async (id: string): Promise<WhyView> => (await stack.api.call<WhyView>('GET', `/jobs/${id}/why`)).body;
  /** Until the first reason has this code. */
  const reason = <Code extends WhyReason['code']>(id: string, code: Code): Promise<Extract<WhyReason, { code: Code }>> =>
    waitFor(`why of ${id} to say ${code}`, async () => {
      const { reasons } = await why(id);
      const [first] = reasons;
      if (first?.code !== code) throw new Error(`it says ${JSON.stringify(reasons)}`);
      return first as Extract<WhyReason, { code: Code }>;
    });

  test('an unknown job and what is no id are 404', async () => {
    for (const id of [UNKNOWN, 'nonsense'])
      expect(await stack.api.call('GET', `/jobs/${id}/why`)).toMatchObject({ status: 404, body: { type: '/problems/not-found' } });
  });

  test('a job links to the answer until it has ended; then the answer has no reason', async () => {
    const { body: delayed } = await stack.api.submit('debug.echo', { value: 1 }, { delay: '1h' });
    expect(delayed.links.why).toBe(`/jobs/${delayed.id}/why`);
    const { body: ended } = await stack.api.submit('debug.echo', { value: 1 }, {}, { prefer: 'wait=20' });
    expect(ended.links.why).toBeUndefined();
    expect(await why(ended.id)).toEqual({
      id: ended.id,
      state: 'succeeded',
      reasons: [],
      estimatedStart: null,
      confidence: null,
      links: { job: `/jobs/${ended.id}` },
    });
  });

  test('a delay and the backoff of an attempt say until when, which is the estimate', async () => {
    const { body: delayed } = await stack.api.submit('debug.echo', { value: 1 }, { delay: '1h' });
    expect(await why(delayed.id)).toMatchObject({
      reasons: [{ code: 'scheduled', by: 'delay', attempt: 1, until: delayed.runAt }],
      estimatedStart: delayed.runAt,
    });
    const failing = await stack.api.accepted('debug.fail', { message: 'no' }, { maxAttempts: 20 });
    expect((await reason(failing, 'scheduled')).by).toBe('backoff');
    await stack.api.call('POST', `/jobs/${failing}/cancel`);
  });

  test('a paused queue and a paused kind say who and why', async () => {
    const note = { reason: 'repair', by: 'anna' };
    await stack.api.call('POST', '/queues/slow/pause', note);
    await stack.api.call('POST', '/kinds/debug.log/pause', note);
    // A pause holds within a second: a job that comes before may still have run.
    const held = (kind: string, payload: object, options?: object) =>
      waitFor(`a job of ${kind} to be held`, async () => {
        const id = await stack.api.accepted(kind, payload, options);
        const [first] = (await why(id)).reasons;
        return first?.code === 'paused' && { id, first };
      });
    const { id: queue, first: ofQueue } = await held('debug.echo', { value: 1 }, { queue: 'slow' });
    const { id: kind, first: ofKind } = await held('debug.log', { lines: 1 });
    expect(ofQueue).toEqual({ code: 'paused', what: 'queue', name: 'slow', since: expect.any(String), ...note });
    expect(ofKind).toEqual({ code: 'paused', what: 'kind', name: 'debug.log', since: expect.any(String), ...note });
    await stack.api.call('POST', '/queues/slow/resume');
    await stack.api.call('POST', '/kinds/debug.log/resume');
    await stack.api.waitForState(queue, 'succeeded');
    await stack.api.waitForState(kind, 'succeeded');
  });

  test('one that runs says which worker runs it, and those behind it that they wait', async () => {
    const running = await stack.api.accepted('debug.sleep', { ms: 600_000 });
    const { worker, attempt } = await reason(running, 'running');
    expect([worker, attempt]).toEqual([expect.stringMatching(/:\d+$/), 1]);
    const next = await stack.api.accepted('debug.echo', { value: 1 });
    const { reasons } = await why(next);
    expect(['published', 'behind']).toContain(reasons[0]?.code);
    await stack.api.call('POST', `/jobs/${running}/cancel`);
    await stack.api.waitForState(next, 'succeeded');
  });

  if (mode === 'distributed') {
    test('a queue that no worker takes says so', async () => {
      const id = await stack.api.accepted('debug.echo', { value: 1 }, { queue: 'nobody' });
      expect(await reason(id, 'no_worker')).toMatchObject({ queue: 'nobody', workers: 0, needsSlots: 1, largestWorker: null });
    });
  }

  test('a scheduled job that is started now runs at once; one that has ended is refused with its state', async () => {
    const id = await stack.api.accepted('debug.echo', { value: 1 }, { delay: '1h' });
    expect(await stack.api.call('POST', `/jobs/${id}/start`)).toMatchObject({ status: 200, body: { id, state: 'queued', runAt: null } });
    await stack.api.waitForState(id, 'succeeded');
    expect(await stack.api.call('POST', `/jobs/${id}/start`)).toMatchObject({
      status: 409,
      body: { type: '/problems/state-forbids', detail: expect.stringContaining('succeeded') },
    });
    expect((await stack.api.call('POST', `/jobs/${UNKNOWN}/start`)).status).toBe(404);
  });

  describe('a dry run', () => {
    const dryRun = (body: unknown, query = '?dryRun', headers?: Record<string, string>) => stack.api.call<DryRun>('POST', `/jobs${query}`, body, headers);
    const jobs = async () => (await stack.query<{ count: number }>('SELECT count(*)::integer FROM jobs'))[0]?.count;

    test('says what a job would meet, and stores nothing', async () => {
      const before = await jobs();
      const free = await dryRun({ kind: 'debug.echo', payload: { value: 1 }, options: { priority: 7 } });
      expect(free).toMatchObject({
        status: 200,
        body: { dryRun: true, existing: null, kind: 'debug.echo', queue: 'default', priority: 7, limits: [], links: {} },
      });
      const delayed = await dryRun({ kind: 'debug.echo', payload: { value: 1 }, options: { delay: '1h' } }, '?dryRun=true');
      expect(delayed.body).toMatchObject({ reasons: [{ code: 'scheduled', by: 'delay', until: delayed.body.estimatedStart }] });
      expect(await jobs()).toBe(before);
    });

    test('names the limits that the job would be under, and the one that is full', async () => {
      await stack.api.call('PUT', '/limits/partner', { match: { kind: 'debug.sleep' }, per: 'tag:tenant', concurrency: 1 });
      const holder = await stack.api.accepted('debug.sleep', { ms: 600_000 }, { tags: ['tenant:acme'] });
      await stack.api.waitForState(holder, 'running');
      const { body } = await dryRun({ kind: 'debug.sleep', payload: { ms: 1 }, options: { tags: ['tenant:acme'] } });
      expect(body.limits).toEqual([{ limit: 'partner/tenant:acme', capacity: 1, held: 1, nextAt: null }]);
      expect(body.reasons).toMatchObject([{ code: 'limit', limit: 'partner/tenant:acme', holders: [holder], ahead: 0, aheadIsExact: true }]);
      const { body: other } = await dryRun({ kind: 'debug.sleep', payload: { ms: 1 }, options: { tags: ['tenant:globex'] } });
      expect(other).toMatchObject({ limits: [{ limit: 'partner/tenant:globex', held: 0 }], reasons: [] });
      await stack.api.call('POST', `/jobs/${holder}/cancel`);
      await stack.api.call('DELETE', '/limits/partner');
      await stack.api.waitForState(holder, 'cancelled');
    });

    test('of a key that has its job already names that job, and of one that another request has used is refused', async () => {
      const key = { 'idempotency-key': '"dry"' };
      const body = { kind: 'debug.echo', payload: { value: 1 } };
      expect((await dryRun(body, '?dryRun', key)).body.existing).toBeNull();
      const { body: made } = await stack.api.call<{ id: string }>('POST', '/jobs', body, key);
      expect((await dryRun(body, '?dryRun', key)).body).toMatchObject({ existing: made.id, links: { existing: `/jobs/${made.id}` }, reasons: [] });
      expect((await dryRun({ ...body, payload: { value: 2 } }, '?dryRun', key)).status).toBe(422);
    });

    test('is refused as the submission would be, and for a value of dryRun that is neither yes nor no, which makes no job', async () => {
      const before = await jobs();
      expect(await dryRun({ kind: 'debug.sleep', payload: { ms: -1 } })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/payload/ms' }] } });
      expect(await dryRun({ kind: 'debug.echo', payload: { value: 1 }, options: { queue: 'lsow' } })).toMatchObject({ status: 422 });
      const body = { kind: 'debug.echo', payload: { value: 1 } };
      for (const query of ['?dryrun', '?dry_run=1', '?dry-run=true']) expect((await dryRun(body, query)).status).toBe(400);
      expect((await stack.api.call('POST', '/jobs/batch?dryRun', { jobs: [body] })).status).toBe(400);
      expect((await stack.api.call<DryRun>('POST', '/jobs/dry-run', body)).body).toMatchObject({ dryRun: true, kind: 'debug.echo' });
      for (const query of ['?dryRun=yes', '?dryRun=true&dryRun=false', '?dryRun=%00'])
        expect(await dryRun(body, query)).toMatchObject({ status: 400, body: { errors: [{ pointer: '/dryRun' }] } });
      expect(await jobs()).toBe(before);
      expect((await dryRun(body, '?dryRun=false')).status).toBe(202);
    });
  });

  test('starts are counted, for estimates', async () => {
    await stack.api.submit('debug.echo', { value: 1 }, {}, { prefer: 'wait=20' });
    await waitFor('the count of starts', async () => (await stack.query(`SELECT FROM starts WHERE subject = 'queue:default'`)).length > 0);
  });
});
