import { randomBytes } from 'node:crypto';
import { DocumentedApi } from '../support/documented-api.js';
import { type Stack, startStack, waitFor, type WebhookReceiver, webhookReceiver } from '../support/index.js';

interface Job {
  id: string;
  state: string;
  payload?: unknown;
  worker?: string | null;
  errors?: { attempt: number; message: string; stack?: string }[];
  error: object | null;
}
interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}
interface Described {
  id: string;
}

describe('what the document of the API says is what the API answers', () => {
  let stack: Stack;
  let receiver: WebhookReceiver;
  let api: DocumentedApi;
  beforeAll(async () => {
    receiver = await webhookReceiver();
    stack = await startStack({
      mode: 'single-process',
      env: { LOG_LEVEL: 'warn', WEBHOOK_ALLOW_HOSTS: '127.0.0.1', WEBHOOK_SCHEDULE: '200ms', LONGHAUL_SECRET_KEYS: `a:${randomBytes(32).toString('base64')}` },
    });
    api = await DocumentedApi.of(stack.gateway.url);
  });
  afterAll(async () => {
    await stack.stop();
    await receiver.close();
  });

  const submit = async (kind: string, payload: unknown, options: object = {}): Promise<string> =>
    ((await api.call('submitJob', { body: { kind, payload, options } })).body as Job).id;
  const jobWhen = (id: string, state: string): Promise<Job> =>
    waitFor(`job ${id} to be ${state}`, async () => {
      const job = (await api.call('getJob', { path: { id } })).body as Job;
      return job.state === state ? job : undefined;
    });

  test('of jobs: submitted, waited for, listed, cancelled, put back', async () => {
    const waited = await api.call('submitJob', { headers: { prefer: 'wait=20' }, body: { kind: 'debug.echo', payload: { value: 1 } } });
    expect(waited.status).toBe(200);
    const { id } = waited.body as Job;
    const job = await api.call('getJob', { path: { id } });
    expect(job.body).toMatchObject({ payload: { value: 1 }, errors: [], worker: null });
    expect((await api.call('getJob', { path: { id }, headers: { 'if-none-match': String(job.headers.etag) } })).status).toBe(304);

    const dry = await api.call('dryRunJob', { body: { kind: 'debug.echo', payload: { value: 1 }, options: { delay: '1h' } } });
    expect(dry).toMatchObject({ status: 200, body: { dryRun: true, reasons: [{ code: 'scheduled' }] } });
    expect((await api.call('submitJob', { query: '?dryRun=maybe', body: { kind: 'debug.echo', payload: {} } })).status).toBe(400);
    expect((await api.call('dryRunJob', { body: { kind: 'no.such', payload: {} } })).status).toBe(422);
    expect((await api.call('submitBatch', { body: { jobs: [{ kind: 'debug.echo', payload: { value: 2 } }] } })).status).toBe(202);
    const list = (await api.call('listJobs', { query: '?limit=1' })).body as Page<Job>;
    expect(Object.keys(list.items[0] ?? {})).not.toContain('payload');
    const found = '?state=succeeded&state=failed&kind=debug.echo&createdFrom=2026-01-01&order=oldest&count=true&limit=1';
    const counted = (await api.call('listJobs', { query: found })).body as Page<Job> & { count: number; countIsExact: boolean };
    expect(counted).toMatchObject({ items: [{ id }], countIsExact: true, previousCursor: null, partial: false });
    expect(counted.count).toBeGreaterThan(0);
    expect((await api.call('listJobs', { query: '?state=done' })).status).toBe(400);
    const held = `?kind=debug.echo&payload=${encodeURIComponent('{"value":1}')}`;
    expect((await api.call('listJobs', { query: held })).body).toMatchObject({ items: [{ id }] });

    const later = await submit('debug.echo', { value: 3 }, { delay: '1h' });
    expect((await api.call('createStatusLink', { path: { id: later }, body: { shows: ['result'] } })).status).toBe(201);
    expect((await api.call('createStatusLink', { path: { id: later }, body: { shows: ['payload'] } })).status).toBe(422);
    expect((await api.call('whyJob', { path: { id: later } })).body).toMatchObject({ reasons: [{ code: 'scheduled' }] });
    const sooner = await submit('debug.echo', { value: 3 }, { delay: '1h' });
    expect((await api.call('startJob', { path: { id: sooner } })).status).toBe(200);
    await jobWhen(sooner, 'succeeded');
    expect((await api.call('startJob', { path: { id: sooner } })).status).toBe(409);
    expect((await api.call('cancelJob', { path: { id: later } })).status).toBe(200);
    expect((await api.call('whyJob', { path: { id: later } })).body).toMatchObject({ reasons: [] });
    const running = await submit('debug.sleep', { ms: 600_000 });
    expect((await jobWhen(running, 'running')).worker).toMatch(/:\d+$/);
    expect((await api.call('whyJob', { path: { id: running } })).body).toMatchObject({ reasons: [{ code: 'running' }] });
    expect((await api.call('cancelJob', { path: { id: running } })).status).toBe(202);
    expect((await jobWhen(running, 'cancelled')).worker).toBeNull();
    await api.call('cancelJob', { path: { id } });
  });

  test('of a job that fails: each attempt with the lines of its source, of that one job alone', async () => {
    const id = await submit('debug.fail', { message: 'no luck' }, { maxAttempts: 2 });
    const failed = await jobWhen(id, 'failed');
    expect(failed.errors?.map(({ attempt, message }) => [attempt, message])).toEqual([[1, 'no luck'], [2, 'no luck']]); // prettier-ignore
    expect(failed.errors?.[0]?.stack).toContain('no luck');
    expect(failed.errors?.[0]?.stack).toMatch(/test\/kinds\/debug\.jobs\.ts:\d+/);
    expect(Object.keys(failed.error ?? {})).not.toContain('stack');
    const listed = ((await api.call('listJobs', { query: '?state=failed' })).body as Page<Job>).items.find((job) => job.id === id);
    expect(JSON.stringify(listed)).not.toContain('stack');
    expect((await api.call('redriveJob', { path: { id }, body: { payload: { times: 'x' } } })).status).toBe(422);
    expect((await api.call('redriveJob', { path: { id } })).status).toBe(202);
    await jobWhen(id, 'failed');

    const letters = (await api.call('listDeadLetters', { query: '?source=job' })).body as Page<Described & { jobId: string }>;
    const letter = letters.items.find(({ jobId }) => jobId === id);
    expect((await api.call('getDeadLetter', { path: { id: letter?.id ?? '' } })).body).toMatchObject({ payload: { message: 'no luck' } });
    const { group } = letter as unknown as { group: string };
    expect((await api.call('listLetterGroups', { query: '?source=job&hours=2' })).body).toMatchObject({ items: [{ group, sampleId: letter?.id }], letters: 1 });
    expect((await api.call('listLetterGroups', { query: '?hours=0' })).status).toBe(400);
    for (const body of [undefined, { reason: 'Ann is on it', by: 'ann' }])
      expect((await api.call('acknowledgeLetterGroup', { path: { group }, body })).body).toMatchObject({ state: 'acknowledged' });
    expect((await api.call('acknowledgeLetterGroup', { path: { group: 'none' } })).status).toBe(404);
    expect((await api.call('acknowledgeLetterGroup', { path: { group }, body: { reason: 1 } })).status).toBe(422);
    expect((await api.call('reopenLetterGroup', { path: { group } })).body).toMatchObject({ state: 'open' });
    expect((await api.call('reopenLetterGroup', { path: { group: '0000000000000000' } })).status).toBe(404);
    expect((await api.call('getDeadLetterBody', { path: { id: letter?.id ?? '' } })).status).toBe(404);
    const [message] = await stack.query<{ id: string }>(
      `INSERT INTO dead_letters (identity, source, reason, detail, body, properties) VALUES ('message:contract', 'message', 'unreadable', '', '\\x00ff', '{"priority": 3}') RETURNING id`,
    );
    expect((await api.call('getDeadLetterBody', { path: { id: String(message?.id) } })).status).toBe(200);
    expect((await api.call('discardDeadLetter', { path: { id: String(message?.id) } })).status).toBe(200);
    expect((await api.call('discardDeadLetter', { path: { id: String(message?.id) }, body: { why: 'known' } })).status).toBe(422);
    expect((await api.call('discardDeadLetter', { path: { id } })).status).toBe(404);
    await api.call('redriveDeadLetters', { body: { source: 'job', dryRun: true } });
    expect((await api.call('discardDeadLetters', { body: { source: 'message', dryRun: true } })).status).toBe(200);
    expect((await api.call('discardDeadLetters', { body: { source: 'message', note: { by: 'ann' } } })).status).toBe(200);
    expect((await api.call('discardDeadLetters', { body: { kind: 'none.such', rate: 5 } })).status).toBe(202);
    expect((await api.call('redriveDeadLetters', { body: { kind: 'none.such', note: { reason: 'try' } }, headers: { prefer: 'respond-async' } })).status).toBe(
      202,
    );
    expect((await api.call('redriveDeadLetters', { body: { all: true, rate: 0 } })).status).toBe(422);
    expect((await api.call('discardDeadLetters', { body: {} })).status).toBe(422);
    expect((await api.call('redriveDeadLetter', { path: { id: letter?.id ?? '' } })).status).toBe(202);
    await jobWhen(id, 'failed');
    await api.call('redriveDeadLetters', { body: { source: 'job' } });
    await jobWhen(id, 'failed');
    expect((await api.call('redriveJobs', { body: { filter: { kind: 'debug.fail' }, dryRun: true } })).body).toMatchObject({ matching: 1, samples: [{ id }] });
    expect((await api.call('redriveJobs', { body: { filter: { kind: 'debug.fail' }, rate: 100 } })).status).toBe(202);
    expect((await api.call('redriveJobs', { body: {} })).status).toBe(422);
    expect((await api.call('cancelJobs', { body: { filter: { kind: 'debug.fail' }, reason: 'no use' } })).status).toBe(202);
    expect((await api.call('reprioritiseJobs', { body: { filter: { tag: 'none' }, priority: 9, dryRun: true } })).status).toBe(200);
    expect((await api.call('reprioritiseJobs', { body: { filter: { tag: 'none' }, priority: 9, reason: 'it is late' } })).status).toBe(202);
    expect((await api.call('reprioritiseJobs', { body: { all: true, priority: 10 } })).status).toBe(422);
    expect((await api.call('moveJobs', { body: { filter: { tag: 'none' }, queue: 'default', dryRun: true } })).status).toBe(200);
    expect((await api.call('moveJobs', { body: { filter: { tag: 'none' }, queue: 'default', rate: 10 } })).status).toBe(202);
    expect((await api.call('moveJobs', { body: { all: true, queue: 'nowhere' } })).status).toBe(422);
    expect((await api.call('discardJobs', { body: { filter: { tag: 'none' }, dryRun: true } })).status).toBe(200);
    expect((await api.call('discardJobs', { body: { filter: { tag: 'none' }, reason: 'no use' } })).status).toBe(202);
    expect((await api.call('discardJobs', { body: { filter: { id: ['00000000-0000-7000-8000-000000000000'] } } })).status).toBe(422);
    expect((await api.call('cancelJobs', { body: { all: true, filter: { kind: 'debug.fail' } } })).status).toBe(422);
    expect((await api.call('createErasure', { body: { tag: 'none', dryRun: true } })).body).toMatchObject({ dryRun: true, jobs: 0 });
    const erasure = await api.call('createErasure', { body: { tag: 'none', reason: 'request 4711' } });
    expect(erasure.status).toBe(202);
    expect((await api.call('getErasure', { path: { id: (erasure.body as Described).id } })).body).toMatchObject({ tag: 'none', removed: { jobs: 0 } });
    expect((await api.call('getErasure', { path: { id: '00000000-0000-7000-8000-000000000000' } })).status).toBe(404);
    expect((await api.call('listErasures', { query: '?tag=none&limit=1' })).body).toMatchObject({ items: [{ tag: 'none' }] });
    expect((await api.call('listErasures', { query: '?cursor=1' })).status).toBe(400);
    expect((await api.call('createErasure', { body: {} })).status).toBe(422);
  });

  test('of keys, sessions and the audit', async () => {
    expect((await api.call('getSession')).body).toMatchObject({ auth: false, subject: 'local' });
    const made = (await api.call('createKey', { body: { name: 'contract', scopes: ['jobs:read'], kinds: ['debug.*'], expiresAt: '2100-01-01T00:00:00Z' } }))
      .body as Described & { key: string };
    expect((await api.call('createKey', { body: { name: 'contract', scopes: ['jobs:write'] } })).status).toBe(422);
    expect((await api.call('listKeys')).body).toMatchObject({ items: [{ id: made.id, state: 'valid' }] });
    const opened = await api.call('openSession', { body: { key: made.key } });
    expect(opened).toMatchObject({ status: 200, body: { subject: `key:${made.id}`, via: 'session' } });
    expect((await api.call('openSession', { body: { key: 'lh_wrong' } })).status).toBe(401);
    const cookie = String(opened.headers['set-cookie']).split(';')[0] ?? '';
    const sessions = (await api.call('listSessions')).body as { items: Described[] };
    expect(sessions.items).toMatchObject([{ subject: `key:${made.id}`, scopes: ['jobs:read'], kinds: ['debug.*'] }]);
    expect((await api.call('closeSession', { headers: { cookie } })).status).toBe(204);
    expect((await api.call('revokeSession', { path: { id: String(sessions.items[0]?.id) } })).status).toBe(404);
    await api.call('openSession', { body: { key: made.key } });
    const [open] = ((await api.call('listSessions')).body as { items: Described[] }).items;
    expect((await api.call('revokeSession', { path: { id: String(open?.id) } })).status).toBe(204);
    const rotated = (await api.call('rotateKey', { path: { id: made.id }, body: { overlapSeconds: 0 } })).body as Described;
    expect((await api.call('rotateKey', { path: { id: rotated.id }, body: { overlapSeconds: -1 } })).status).toBe(422);
    expect((await api.call('revokeKey', { path: { id: rotated.id } })).body).toMatchObject({ state: 'revoked', revokedBy: 'local' });
    expect((await api.call('revokeKey', { path: { id: 'a'.repeat(16) } })).status).toBe(404);
    expect((await api.call('rotateKey', { path: { id: rotated.id } })).status).toBe(409);
    const { items } = (await api.call('listAudit', { query: '?action=revokeKey&limit=1' })).body as Page<Described>;
    expect(items).toMatchObject([{ subject: 'local', target: `/keys/${rotated.id}` }]);
    expect((await api.call('listAudit', { query: '?who=me' })).status).toBe(400);
  });

  test('of workers, and of the steps of a job', async () => {
    const { items } = (await api.call('listWorkers')).body as { items: { id: number }[] };
    expect(items.length).toBeGreaterThan(0);
    expect((await api.call('drainWorker', { path: { id: '999999' } })).status).toBe(404);
    expect((await api.call('drainWorker', { path: { id: String(items[0]?.id) } })).status).toBe(409);
    expect((await api.call('assignQueues', { path: { id: '999999' }, body: { queues: ['default'] } })).status).toBe(404);
    const assign = (queues: unknown) => api.call('assignQueues', { path: { id: String(items[0]?.id) }, body: { queues } });
    expect((await assign(['default'])).status).toBe(202);
    expect((await assign(null)).body).toMatchObject({ assigned: null });
    for (const wrong of [[], ['nowhere'], ['default', 'default']]) expect((await assign(wrong)).status).toBe(422);
    // A worker of its own would be a broker's.
    const [other] = await stack.query<{ id: number }>(
      `INSERT INTO workers (name, concurrency, queues, lease_until) VALUES ('w:1', 1, '{}', now() + interval '1 hour') RETURNING id`,
    );
    expect((await api.call('assignQueues', { path: { id: String(other?.id) }, body: { queues: null } })).status).toBe(409);
    expect((await api.call('drainWorker', { path: { id: String(other?.id) }, body: { reason: 'full' } })).status).toBe(202);
    const id = await submit('debug.echo', { value: 1 });
    expect((await api.call('listSteps', { path: { id } })).body).toMatchObject({ items: [], complete: true });
    expect((await api.call('listSteps', { path: { id: '00000000-0000-7000-8000-000000000000' } })).status).toBe(404);
  });

  test('of figures, now, live and in the course of time', async () => {
    expect((await api.call('stats')).body).toMatchObject({ broker: 'none', queues: expect.any(Array) as unknown });
    for (const query of ['', '?state=ended&rule=no_worker&limit=1'])
      expect((await api.call('listAlerts', { query })).body).toMatchObject({ items: [], nextCursor: null, told: false });
    for (const query of ['?state=over', '?rule=no_wroker']) expect((await api.call('listAlerts', { query })).status).toBe(400);
    expect((await api.call('doctor')).body).toMatchObject({ ok: expect.any(Boolean) as unknown });
    for (const query of ['', '?with=workers,kinds,limits,alerts&limit=partner.call'])
      expect((await api.call('streamStats', { query, headOnly: true })).status).toBe(200);
    expect((await api.call('createStreamTicket', { body: { url: '/jobs/events?kind=debug.echo' } })).status).toBe(201);
    expect((await api.call('createStreamTicket', { body: { url: '/jobs' } })).status).toBe(422);
    for (const query of ['', '?step=1m&kind=debug.echo', '?queue=default&from=2026-01-01&to=2026-01-02&step=15m'])
      expect((await api.call('statsHistory', { query })).status).toBe(200);
    for (const query of ['?step=10s&from=2026-01-01&to=2026-01-02', '?step=1m&from=2026-01-01&to=2026-03-01', '?from=2026-01-02&to=2026-01-01', '?step=2m'])
      expect((await api.call('statsHistory', { query })).status).toBe(400);
  });

  test('of streams, queues, kinds, health and the entrance', async () => {
    const id = await submit('debug.echo', { value: 1 });
    await jobWhen(id, 'succeeded');
    const { lastEventId } = (await api.call('getJob', { path: { id } })).body as { lastEventId: number };
    expect((await api.call('streamJobEvents', { path: { id } })).status).toBe(200);
    expect((await api.call('streamJobEvents', { path: { id }, headers: { 'last-event-id': String(lastEventId) } })).status).toBe(204);
    expect((await api.call('streamEvents', { headOnly: true })).status).toBe(200);
    expect((await api.call('streamWebhooks', { query: '?state=failed', headOnly: true })).status).toBe(200);
    expect((await api.call('streamSchedules', { query: '?paused=true', headOnly: true })).status).toBe(200);
    expect((await api.call('streamDeadLetters', { query: '?sort=newest&hours=2&letters=true', headOnly: true })).status).toBe(200);
    expect((await api.call('streamAudit', { query: '?action=putSchedule&from=2026-01-01', headOnly: true })).status).toBe(200);
    expect((await api.call('streamKeys', { headOnly: true })).status).toBe(200);
    for (const [operation, query] of [
      ['streamAudit', '?from=yesterday'],
      ['streamSchedules', '?paused=perhaps'],
      ['streamDeadLetters', '?sort=oldest'],
    ] as const)
      expect((await api.call(operation, { query })).status).toBe(400);
    await api.call('declareQueue', { path: { name: 'contract' } });
    await api.call('pauseQueue', { path: { name: 'contract' } });
    await api.call('pauseQueue', { path: { name: 'contract' }, body: { reason: 'repair', by: 'anna' } });
    await api.call('listQueues');
    expect((await api.call('getQueue', { path: { name: 'contract' } })).body).toMatchObject({ name: 'contract', paused: true, waiting: 0, parked: 0 });
    expect((await api.call('getQueue', { path: { name: 'nowhere' } })).status).toBe(404);
    await api.call('resumeQueue', { path: { name: 'contract' } });
    const fair = { by: 'tag:tenant', cost: 'time', weights: { acme: 3 } };
    expect((await api.call('changeQueue', { path: { name: 'contract' }, body: { paused: true, reason: 'repair', fair } })).body).toMatchObject({ fair });
    await api.call('listQueues');
    expect((await api.call('changeQueue', { path: { name: 'contract' }, body: { paused: false, fair: null } })).body).toMatchObject({ fair: null });
    expect((await api.call('changeQueue', { path: { name: 'nowhere' }, body: { paused: false } })).status).toBe(404);
    for (const body of [undefined, { reason: 'wrong font' }]) expect((await api.call('pauseKind', { path: { kind: 'debug.fail' }, body })).status).toBe(200);
    await api.call('listKinds');
    expect((await api.call('resumeKind', { path: { kind: 'debug.fail' } })).status).toBe(200);
    expect((await api.call('pauseKind', { path: { kind: 'debug.nothing' } })).status).toBe(404);
    expect((await api.call('pauseKind', { path: { kind: 'debug.fail' } })).status).toBe(200);
    for (const time of ['first', 'repeated']) {
      const { status, body } = await api.call('deleteKindPause', { path: { kind: 'debug.fail' } });
      expect([time, status, body]).toEqual([time, 200, { kind: 'debug.fail', paused: false, pausedAt: null, pausedBy: null, pauseReason: null }]);
    }
    expect((await api.call('deleteKindPause', { path: { kind: 'debug.nothing' } })).status).toBe(404);
    await api.call('listQueues');
    expect((await api.call('deleteQueue', { path: { name: 'contract' } })).status).toBe(204);
    await api.call('deleteQueue', { path: { name: 'default' } });
    for (const operation of ['listKinds', 'live', 'ready', 'metrics', 'about']) expect((await api.call(operation)).status).toBe(200);
  });

  test('of limits, from the first to none', async () => {
    const path = { name: 'contract' };
    const limit = { match: { kind: 'debug.echo' }, per: 'tag:tenant', concurrency: 2, rate: '10/s', burst: 5 };
    const outcome = async (body: object) => (await api.call('dryRunLimit', { path, body })).body;
    expect(await outcome(limit)).toEqual({ dryRun: true, outcome: 'created' });
    expect((await api.call('getLimit', { path })).status).toBe(404);
    expect((await api.call('putLimit', { path, body: limit })).status).toBe(202);
    expect(await outcome({ ...limit, rate: '10/s' })).toEqual({ dryRun: true, outcome: 'unchanged' });
    expect(await outcome({ ...limit, concurrency: 3 })).toEqual({ dryRun: true, outcome: 'changed' });
    expect((await api.call('getLimit', { path })).body).toMatchObject({ capacity: 2 });
    expect((await api.call('dryRunLimit', { path, body: { ...limit, concurrency: 0 } })).status).toBe(422);
    expect((await api.call('putLimit', { path, body: { ...limit, concurrency: 3 } })).status).toBe(200);
    expect((await api.call('getLimit', { path })).body).toMatchObject({ capacity: 3 });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    expect((await api.call('overrideLimit', { path, body: { concurrency: 1, until } })).body).toMatchObject({ capacity: 1 });
    await api.call('listLimits');
    expect((await api.call('endLimitOverride', { path })).body).toMatchObject({ override: null });
    expect((await api.call('deleteLimit', { path })).status).toBe(202);
  });

  test('of rules of retention, from the first to none', async () => {
    const path = { kinds: 'contract.*' };
    expect((await api.call('putRetention', { path, body: { succeededSeconds: 604_800 } })).body).not.toHaveProperty('failedSeconds');
    const { body } = await api.call('putRetention', { path, query: '?tenant=contract', body: { succeededSeconds: 604_800, failedSeconds: null } });
    expect(body).toMatchObject({ kinds: 'contract.*', tenant: 'contract', failedSeconds: null, origin: 'api' });
    expect((await api.call('putRetention', { path, body: { succeededSeconds: 1 } })).status).toBe(422);
    expect((await api.call('putRetention', { path, query: '?tenat=contract', body: { failedSeconds: null } })).status).toBe(400);
    expect((await api.call('listRetention', { query: '?tenant=contract' })).body).toMatchObject({
      items: [{ tenant: null }, { tenant: 'contract' }],
      settings: { succeededSeconds: 604_800, failedSeconds: 2_592_000 },
    });
    expect((await api.call('deleteRetention', { path, query: '?tenant=contract' })).status).toBe(204);
    expect((await api.call('deleteRetention', { path })).status).toBe(204);
    expect((await api.call('deleteRetention', { path })).status).toBe(404);
  });

  test('of the quotas of tenants', async () => {
    const path = { tenant: 'contract' };
    expect((await api.call('putTenantQuotas', { path, body: { unfinishedJobs: 5, fileBytes: null } })).status).toBe(200);
    expect((await api.call('getTenantQuotas', { path })).body).toMatchObject({ quotas: { unfinishedJobs: { limit: 5, used: 0 } } });
    expect((await api.call('listTenants', { query: '?limit=1' })).body).toMatchObject({ items: [{ tenant: 'contract' }], nextCursor: 'contract' });
    expect((await api.call('resetTenantQuotas', { path })).status).toBe(200);
    expect((await api.call('getQuotas')).status).toBe(200);
  });

  test('of schedules, from the first to none', async () => {
    const path = { id: 'contract' };
    const schedule = {
      kind: 'debug.echo',
      payload: { value: 1 },
      spec: { cron: '30 2 * * *', timezone: 'Europe/Berlin' },
      jitter: '5m',
      options: { tags: ['nightly'] },
    };
    const preview = await api.call('previewSchedule', { body: { spec: schedule.spec, count: 3 } });
    expect((preview.body as { nextRuns: unknown[] }).nextRuns).toHaveLength(3);
    const never = await api.call('previewSchedule', { body: { spec: { cron: '0 0 31 2 *' } } });
    expect([never.status, never.body]).toMatchObject([422, { type: '/problems/never-fires', errors: [{ pointer: '/spec/cron' }] }]);
    const outcome = async (body: object) => (await api.call('dryRunSchedule', { path, body })).body;
    expect(await outcome(schedule)).toMatchObject({ dryRun: true, outcome: 'created', revision: null, nextRuns: [{}, {}, {}, {}, {}] });
    expect((await api.call('getSchedule', { path })).status).toBe(404);
    const made = await api.call('putSchedule', { path, body: schedule, headers: { 'if-none-match': '*' } });
    expect(await outcome(schedule)).toMatchObject({ outcome: 'unchanged', revision: 1 });
    expect(await outcome({ ...schedule, spec: { at: new Date(Date.now() + 3_600_000).toISOString() } })).toMatchObject({
      outcome: 'changed',
      revision: 1,
      nextRuns: [{}],
    });
    expect((await api.call('getSchedule', { path })).body).toMatchObject({ revision: 1, spec: schedule.spec });
    expect((await api.call('dryRunSchedule', { path, body: { ...schedule, payload: { vaule: 1 } } })).status).toBe(422);
    expect((await api.call('dryRunSchedule', { path: { id: 'kind:debug.echo' }, body: schedule })).status).toBe(409);
    expect([made.status, made.headers.etag]).toEqual([201, '"1"']);
    expect((await api.call('putSchedule', { path, body: schedule, headers: { 'if-match': '"7"' } })).status).toBe(412);
    expect((await api.call('putSchedule', { path, body: { ...schedule, jitter: '10m' }, headers: { 'if-match': '"1"' } })).body).toMatchObject({ revision: 2 });
    expect((await api.call('putSchedule', { path, body: { ...schedule, payload: { vaule: 1 } } })).status).toBe(422);
    expect((await api.call('putSchedule', { path: { id: 'kind:debug.echo' }, body: schedule })).status).toBe(409);
    expect((await api.call('pauseSchedule', { path, body: { reason: 'holiday', by: 'ada' } })).body).toMatchObject({
      paused: true,
      pausedBy: 'ada',
      dueAt: null,
    });
    expect((await api.call('listSchedules', { query: '?paused=true&limit=1' })).body).toMatchObject({ items: [{ id: 'contract' }], nextCursor: null });
    expect((await api.call('resumeSchedule', { path })).body).toMatchObject({ paused: false });
    const triggered = await api.call('triggerSchedule', { path, headers: { 'idempotency-key': '"once"' } });
    expect(triggered.status).toBe(202);
    const job = await jobWhen((triggered.body as { jobId: string }).jobId, 'succeeded');
    expect(job).toMatchObject({ tags: ['nightly', 'schedule:contract'], schedule: { id: 'contract' } });
    const times = { from: '2026-03-28T00:00:00Z', to: '2026-03-30T12:00:00Z' };
    expect((await api.call('backfillSchedule', { path, body: { ...times, dryRun: true } })).body).toMatchObject({ ticks: 3, submitted: 3, dryRun: true });
    expect((await api.call('backfillSchedule', { path, body: times })).body).toMatchObject({ submitted: 3, skipped: 0 });
    expect((await api.call('backfillSchedule', { path, body: { ...times, to: '2099-01-01T00:00:00Z' } })).status).toBe(422);
    const { body } = await api.call('getSchedule', { path });
    expect(body).toMatchObject({ payload: { value: 1 }, ticks: [{ source: 'trigger' }, { source: 'backfill' }, { tick: '2026-03-29T01:00:00.000Z' }, {}] });
    expect((await api.call('deleteSchedule', { path, headers: { 'if-match': '"1"' } })).status).toBe(412);
    expect((await api.call('deleteSchedule', { path })).status).toBe(204);
    expect((await api.call('getSchedule', { path })).status).toBe(404);
  });

  test('but for browsers, which get a page where programs get JSON', async () => {
    const page = await fetch(stack.gateway.url, { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const paths = [...(await page.text()).matchAll(/href="([^"]+)"/g)].map(([, path]) => String(path));
    expect(paths).toContain('/docs');
    for (const path of paths) {
      const answer = await fetch(stack.gateway.url + path);
      await answer.text();
      expect([path, answer.status]).toEqual([path, 200]);
    }
  });

  test('of files, from the upload to the removal', async () => {
    const form = { 'content-type': 'text/csv' };
    const { status, body } = await api.call('uploadFile', { query: '?name=a.csv', headers: form, body: Buffer.from('a,b\n1,2\n') });
    expect(status).toBe(201);
    const path = { id: (body as Described).id };
    await api.call('getFile', { path });
    expect((await api.call('downloadFile', { path })).body).toBe('a,b\n1,2\n');
    expect((await api.call('downloadFile', { path, headers: { range: 'bytes=0-1' } })).status).toBe(206);
    expect((await api.call('downloadFile', { path, headers: { range: 'bytes=99-' } })).status).toBe(416);
    expect((await api.call('downloadFile', { path, headers: { 'if-none-match': '*' } })).status).toBe(304);
    expect((await api.call('deleteFile', { path })).status).toBe(204);
  });

  test('of webhooks, from the endpoint to its removal', async () => {
    const made = await api.call('createWebhookEndpoint', { body: { url: `${receiver.url}/hook` } });
    expect(made.status).toBe(201);
    const path = { id: (made.body as Described).id };
    await api.call('getWebhookEndpoint', { path });
    await api.call('updateWebhookEndpoint', { path, body: { kinds: ['debug.echo'] } });
    await api.call('rotateWebhookSecret', { path });
    expect((await api.call('testWebhookEndpoint', { path })).status).toBe(200);
    await api.call('listWebhookEndpoints');
    const job = await submit('debug.echo', { value: 1 });
    const delivery = await waitFor('its delivery', async () => {
      const { items } = (await api.call('listWebhookDeliveries', { query: `?job=${job}&state=succeeded` })).body as Page<Described>;
      return items[0];
    });
    await api.call('getWebhookDelivery', { path: { id: delivery.id } });
    expect((await api.call('replayWebhookDelivery', { path: { id: delivery.id } })).status).toBe(202);
    expect((await api.call('replayWebhookDeliveries', { body: { job } })).status).toBe(202);
    expect((await api.call('deleteWebhookEndpoint', { path })).status).toBe(204);
  });

  test('of every operation that is refused: by a parameter, an id, a body, or what no request may ask', async () => {
    for (const id of api.ids) {
      await api.call(id, { headers: { expect: 'nonsense' } });
      await api.call(id, { query: '?nonsense=1', headOnly: id.startsWith('stream') });
      await api.call(id, { path: { id: 'nonsense', name: 'no name' }, body: '{"nonsense":1}', headOnly: id.startsWith('stream') });
      await api.call(id, { body: '{', headOnly: id.startsWith('stream') });
    }
  });

  test('each operation was seen to succeed and to be refused', () => {
    const lacking = api.ids.filter((id) => {
      const statuses = [...(api.seen.get(id) ?? [])];
      return !statuses.some((status) => status < 400) || !statuses.some((status) => status >= 400);
    });
    expect(lacking).toEqual([]);
  });
});
