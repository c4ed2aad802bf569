import { DEFAULT_SCHEMA, inSchema, type JobConditions, type JobError, type JobId, JOB_STATES, jsonText, type NewJob, type Sees } from '@app/core';
import type pg from 'pg';
import type { QueryResultRow } from 'pg';
import { PostgresBulk } from './control/postgres-bulk.js';
import { PostgresJobs } from './control/postgres-jobs.js';
import { PostgresWebhookDeliveries } from './notify/postgres-webhook-deliveries.js';
import { PostgresWebhookEndpoints } from './notify/postgres-webhook-endpoints.js';
import { PostgresDeadLetters } from './letters/postgres-dead-letters.js';
import { Database } from './pool/database.js';
import { BY_INDEX } from './pool/session-settings.js';
import { PostgresSchedules } from './schedules/postgres-schedules.js';
import { PostgresEvents } from './watch/postgres-events.js';
import { PostgresWhy } from './why/postgres-why.js';
import { newJob, TestStore } from './testing/test-store.js';

const ERROR: JobError = { code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: '2026-01-31T08:00:00.000Z' };

/** Remembers the statements that are put together for each call. */
class Watched extends Database {
  readonly texts: { text: string; values: unknown[] }[] = [];

  override runOnce<Row extends QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> {
    this.texts.push({ text, values });
    return super.runOnce<Row>(text, values);
  }
}

describe('jobs of several tenants', () => {
  let store: TestStore;
  let jobs: PostgresJobs;
  beforeAll(async () => {
    store = await TestStore.open();
    jobs = store.jobs;
  });
  afterAll(() => store.close());
  beforeEach(() => store.clear());

  const of = (tenant: string, more: Partial<NewJob> = {}) => newJob({ tenant, ...more });

  test.each<[string, Partial<NewJob>[]]>([
    ['one by one', [{}]],
    ['of one shape', [{}, {}, {}]],
    ['to the waiting room', [{ waits: true }, { waits: true }]],
    ['of many shapes', [{}, { tags: ['a'], delayMs: 60_000 }]],
  ])('keep their tenant when they are stored %s, claimed and read', async (_, shapes) => {
    const made = shapes.map((more) => of('acme', more));
    await store.submissions.submit(made);
    for (const { id } of made) expect(await jobs.find(id)).toMatchObject({ tenant: 'acme' });
    const [first] = made as [NewJob];
    expect(await store.claim(first.id, await store.worker())).toMatchObject({ tenant: 'acme' });
  });

  test('of two shapes that differ by their tenant alone are not stored as one', async () => {
    const made = [of('acme'), of('globex'), of('default')];
    await store.submissions.submit(made);
    expect(await Promise.all(made.map(async ({ id }) => (await jobs.find(id))?.tenant))).toEqual(['acme', 'globex', 'default']);
  });

  const ways: [string, (id: JobId, sees: Sees) => Promise<unknown>][] = [
    ['found', (id, sees) => jobs.find(id, sees)],
    ['shown', (id, sees) => jobs.detail(id, sees)],
    ['viewed', (id, sees) => jobs.view(id, sees)],
    ['asked for its steps', (id, sees) => jobs.steps(id, sees)],
    ['asked why it waits', (id, sees) => new PostgresWhy(store.db, store.db).facts(id, sees)],
    ['started', (id, sees) => jobs.start(id, sees)],
    ['cancelled', (id, sees) => jobs.cancel(id, {}, sees)],
    ['put back', (id, sees) => jobs.redrive(id, undefined, sees)],
  ];
  test.each(ways)('are %s by their own tenant and by whoever sees all, and are nothing to any other', async (_, ask) => {
    const [job] = [of('acme')];
    await store.submissions.submit([job]);
    const before = await store.query('SELECT * FROM jobs');
    expect(await ask(job.id, 'globex')).toBeNull();
    expect(await ask(job.id, 'default')).toBeNull();
    expect(await store.query('SELECT * FROM jobs')).toEqual(before);
    expect(await ask(job.id, 'acme')).not.toBeNull();
    expect(await ask(job.id, null)).not.toBeNull();
  });

  test('with limits or unique keys, which are changed under a lock, are nothing to another tenant either', async () => {
    const [limited, unique] = [of('acme'), of('acme', { unique: { key: 'k', keep: 'oldest' } })];
    await store.submissions.submit([limited, unique]);
    await store.query(`UPDATE jobs SET limit_keys = ARRAY['a'] WHERE id = $1`, [limited.id]);
    expect(await jobs.cancel(limited.id, {}, 'globex')).toBeNull();
    await store.query(`UPDATE jobs SET state = 'failed', finished_at = now(), history = '[]' WHERE id = $1`, [unique.id]);
    await store.query('DELETE FROM unique_jobs');
    expect(await jobs.redrive(unique.id, undefined, 'globex')).toBeNull();
    expect(await jobs.redrive(unique.id, undefined, 'acme')).toMatchObject({ accepted: true });
  });

  test('are cancelled by an act of their tenant on many, and no others', async () => {
    const [mine, other] = [of('acme'), of('globex')];
    await store.submissions.submit([mine, other]);
    await store.query(`INSERT INTO queues (name) VALUES ('default') ON CONFLICT DO NOTHING`);
    const bulk = new PostgresBulk(store.db, store.db);
    const filter = { tenant: 'acme', before: new Date(Date.now() + 60_000) };
    expect(await bulk.matching({ act: 'cancel', filter }, 10)).toEqual({ count: 1, ids: [mine.id] });
    expect(await bulk.find({ act: 'cancel', filter }, 'queued', null, 10)).toMatchObject({ ids: [mine.id] });
    expect(await bulk.change({ act: 'cancel', filter }, [mine.id])).toBe(1);
    expect([await jobs.find(mine.id), await jobs.find(other.id)]).toMatchObject([{ state: 'cancelled' }, { state: 'queued' }]);
  });

  test('leave dead letters of their own tenant, in groups of their own', async () => {
    const worker = await store.worker();
    const failed = async (tenant: string) => {
      const job = await store.running(worker, { tenant });
      await store.attempts.settle([{ jobId: job.id, token: job.token, event: 'failed', announce: false, error: ERROR }]);
    };
    for (const tenant of ['acme', 'acme', 'globex']) await failed(tenant);
    const letters = new PostgresDeadLetters(store.db);
    const groups = async (tenant?: string) => letters.groups({ sort: 'most', hours: 1, limit: 10, ...(tenant === undefined ? {} : { tenant }) });
    expect([await groups('acme'), await groups('globex'), await groups('default'), await groups()].map(({ letters: count }) => count)).toEqual([2, 1, 0, 3]);
    const [group] = (await groups('globex')).items;
    expect(await letters.acknowledge(String(group?.group), { by: 'ann' }, 'default')).toBe(false);
    expect(await letters.acknowledge(String(group?.group), { by: 'ann' }, 'globex')).toBe(true);
    expect((await groups('globex')).items).toMatchObject([{ acknowledged: { by: 'ann' } }]);
    expect((await groups('acme')).items).toMatchObject([{ acknowledged: null }]);
    expect(await letters.count({ tenant: 'acme' })).toBe(2);
    const [letter] = (await letters.list({ tenant: 'globex', limit: 10 })).items;
    expect(letter).toMatchObject({ tenant: 'globex' });
    expect(await letters.find(String(letter?.id), 'acme')).toBeNull();
    expect(await letters.discard(String(letter?.id), {}, 'acme')).toBeNull();
    expect(await letters.discardAll({ tenant: 'acme' }, {})).toBe(2);
    expect(await letters.find(String(letter?.id), 'globex')).toMatchObject({ discardedAt: null });
  });

  test('and the same message of two tenants are two letters, one of each', async () => {
    const letters = new PostgresDeadLetters(store.db);
    const message = {
      reason: 'unknown_kind',
      detail: '',
      jobId: null,
      kind: 'a.b',
      queue: null,
      messageId: 'm1',
      contentType: null,
      headers: {},
      body: Buffer.from('{}'),
    };
    const [one, again, other] = [
      await letters.record({ ...message, tenant: 'acme' }),
      await letters.record({ ...message, tenant: 'acme' }),
      await letters.record({ ...message, tenant: 'globex' }),
    ];
    expect(again).toBe(one);
    expect(other).not.toBe(one);
  });

  test('are counted in queues for their own tenant alone', async () => {
    await store.queues.ensure(['default', 'other']);
    await store.submissions.submit([of('acme'), of('acme', { delayMs: 60_000 }), of('globex'), of('default', { waits: true })]);
    const worker = await store.worker();
    const running = of('acme');
    await store.submissions.submit([running]);
    await store.claim(running.id, worker);
    const counts = async (sees: Sees) =>
      (await jobs.queueStats('default', sees)).map(({ scheduled, queued, running: run, waiting }) => [scheduled, queued, run, waiting]);
    expect([await counts('acme'), await counts('globex'), await counts('default'), await counts(null)]).toEqual([
      [[1, 1, 1, 0]],
      [[0, 1, 0, 0]],
      [[0, 1, 0, 1]],
      [[1, 3, 1, 1]],
    ]);
    expect((await jobs.queueStats(undefined, 'acme')).map(({ name, queued }) => [name, queued])).toEqual([
      ['default', 1],
      ['other', 0],
    ]);
  });

  test('have events for a reader of their tenant alone', async () => {
    const [mine, other] = [of('acme', { tags: ['t'] }), of('globex', { tags: ['t'] })];
    await store.submissions.submit([mine, other]);
    const events = new PostgresEvents(store.db);
    for (const filter of [{}, { tag: 't' }, { kind: mine.kind }])
      expect(await events.recent({ tenant: 'acme', ...filter, seconds: 60, limit: 10 })).toMatchObject({ jobIds: [mine.id] });
    expect(await events.read([{ jobId: mine.id, after: 0 }], 10)).toMatchObject([{ tenant: 'acme' }]);
  });
});

describe('schedules of several tenants', () => {
  let store: TestStore;
  let schedules: PostgresSchedules;
  beforeAll(async () => {
    store = await TestStore.open();
    schedules = new PostgresSchedules(store.db, () => 2);
  });
  afterAll(() => store.close());

  const settings = (description: string) => ({
    kind: 'test.job',
    payload: jsonText({}),
    options: {},
    description,
    spec: { every: 60_000 } as never,
    overlap: 'skip' as const,
    missed: 'last' as const,
    missedWindowMs: 1_000,
    jitterMs: 0,
    startsAt: null,
    endsAt: null,
    pauseAfterFailures: null,
  });
  const write = (id: string, description: string) =>
    schedules.transaction((transaction) => schedules.write(id, settings(description), 'api', null, { nextTick: new Date(), dueAt: new Date() }, transaction));

  test('may have the same id: each is found, listed, paused, recorded and removed by itself, and all are due', async () => {
    const names = ['nightly', 'acme\nnightly', 'globex\nnightly'];
    for (const name of names) expect(await write(name, name)).toBe(true);
    expect(await write('acme\nnightly', 'again')).toBe(false);
    for (const name of names) expect(await schedules.find(name)).toMatchObject({ id: name, description: name });
    expect((await schedules.list({ tenant: 'acme', limit: 10 })).map(({ id }) => id)).toEqual(['acme\nnightly']);
    expect((await schedules.list({ limit: 10 })).map(({ id }) => id)).toEqual(['nightly']);
    const tick = new Date('2026-01-31T08:00:00Z');
    await schedules.transaction(async (transaction) => {
      const { schedules: due } = await schedules.takeDue(['test.job'], 10, ['globex\nnightly'], transaction);
      expect(due.map(({ id }) => id).sort()).toEqual(['acme\nnightly', 'nightly']);
      const { id: jobId } = newJob({ tenant: 'acme' });
      const record = { scheduleId: 'acme\nnightly', tick, previousTick: null, outcome: 'submitted' as const, jobId, detail: null, source: 'tick' as const };
      await schedules.record([record], [], transaction);
      expect(
        await schedules.withJob(
          [
            { scheduleId: 'acme\nnightly', tick },
            { scheduleId: 'nightly', tick },
          ],
          transaction,
        ),
      ).toEqual([{ scheduleId: 'acme\nnightly', tick }]);
      await schedules.pause('acme\nnightly', { by: 'ann' }, transaction);
    });
    const ticks = await schedules.ticks(['acme\nnightly', 'nightly'], 10);
    expect([ticks.get('acme\nnightly'), ticks.get('nightly')]).toEqual([[expect.objectContaining({ outcome: 'submitted' })], []]);
    expect([await schedules.find('acme\nnightly'), await schedules.find('nightly')]).toMatchObject([{ pausedBy: 'ann' }, { pausedAt: null }]);
    expect(await store.query('SELECT tenant, id FROM schedules ORDER BY tenant')).toEqual([
      { tenant: 'acme', id: 'nightly' },
      { tenant: 'default', id: 'nightly' },
      { tenant: 'globex', id: 'nightly' },
    ]);
    await schedules.transaction((transaction) => schedules.remove('acme\nnightly', transaction));
    expect(await schedules.find('acme\nnightly')).toBeNull();
    expect(await schedules.find('nightly')).not.toBeNull();
  });

  test('are counted for each tenant: one that has as many as it may have keeps no other from its own', async () => {
    expect(await write('hooli\na', '')).toBe(true);
    expect(await write('hooli\nb', '')).toBe(true);
    await expect(write('hooli\nc', '')).rejects.toMatchObject({ code: 'too_many_schedules' });
    expect(await write('initech\na', '')).toBe(true);
  });
});

describe('webhooks of several tenants', () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await TestStore.open();
  });
  afterAll(() => store.close());

  test('are found, changed and counted by their own tenant', async () => {
    const endpoints = new PostgresWebhookEndpoints(store.db, { max: () => 1, secrets: { seal: (text) => text, open: (text) => text, isStale: () => false } });
    const settings = { url: 'https://example.com', description: '', events: [], kinds: [], tags: [] };
    const [mine, other] = ['0199aaaa-0000-7000-8000-000000000001', '0199aaaa-0000-7000-8000-000000000002'];
    await endpoints.create(mine, settings, 's', 'acme');
    await endpoints.create(other, settings, 's', 'globex');
    await expect(endpoints.create('0199aaaa-0000-7000-8000-000000000003', settings, 's', 'acme')).rejects.toMatchObject({ code: 'too_many_endpoints' });
    expect((await endpoints.all('acme')).map(({ id }) => id)).toEqual([mine]);
    expect(await endpoints.all()).toHaveLength(2);
    expect(await endpoints.find(other, 'acme')).toBeNull();
    expect(await endpoints.update(other, { description: 'x' }, false, 'acme')).toBeNull();
    expect(await endpoints.rotateSecret(other, 't', 0, 'acme')).toBeNull();
    expect(await endpoints.remove(other, 'acme')).toBe(false);
    expect(await endpoints.find(other, 'globex')).toMatchObject({ description: '', disabledAt: null, secrets: [{ secret: 's' }] });

    const deliveries = new PostgresWebhookDeliveries(store.db);
    const delivery = (id: string, tenant: string) => ({
      ...{ id, webhookId: id, endpointId: null, jobId: id as JobId, type: 'job.failed', url: '', body: '', deliveryJobId: id as JobId, tenant },
    });
    await store.dataSource.transaction((transaction) => deliveries.add([delivery(mine, 'acme'), delivery(other, 'globex')], transaction));
    expect(await deliveries.find(other, 'acme')).toBeNull();
    expect((await deliveries.list({ tenant: 'acme', limit: 10 })).items.map(({ id }) => id)).toEqual([mine]);
    expect((await deliveries.list({ tenant: 'acme', jobId: other as JobId, limit: 10 })).items).toEqual([]);
  });
});

describe('with many jobs of several tenants', () => {
  const ROWS = 24_000;
  let store: TestStore;
  let db: Watched;
  let jobs: PostgresJobs;
  let session: pg.Client;
  beforeAll(async () => {
    store = await TestStore.open();
    db = new Watched(store.dataSource);
    jobs = new PostgresJobs(db, db, Infinity);
    session = await store.session(BY_INDEX);
    await store.queues.ensure(['default', 'mail']);
    // Nearly all is of one tenant; `acme` has one job in forty, `default` one in a hundred.
    await store.query(
      `INSERT INTO jobs (id, kind, queue, state, priority, payload, max_attempts, lease_token, worker_id, run_at, queued_at, created_at, finished_at, tags, errors, tenant)
       SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, CASE WHEN n % 7 = 0 THEN 'rare' ELSE 'usual' END,
              CASE WHEN n % 5 = 0 THEN 'mail' ELSE 'default' END, state, 4, '{}', 3, gen_random_uuid(), 1, CASE WHEN state = 'scheduled' THEN now() END, now(), at,
              CASE WHEN state IN ('succeeded', 'failed', 'cancelled') THEN at + interval '1 minute' END,
              CASE WHEN n % 3 = 0 THEN ARRAY['common'] WHEN n % 11 = 0 THEN ARRAY['seldom', 'other'] ELSE '{}' END,
              CASE WHEN state = 'failed' THEN jsonb_build_array(jsonb_build_object('code', 'handler_error', 'message', CASE WHEN n % 2 = 0 THEN 'ECONNREFUSED' ELSE 'no' END)) ELSE '[]' END,
              CASE WHEN n % 40 = 1 THEN 'acme' WHEN n % 100 = 2 THEN 'default' ELSE 'globex' END
       FROM (SELECT n, timestamptz '2026-01-01T00:00:00Z' + n * interval '1 second' AS at,
                    CASE WHEN n % 13 = 0 THEN 'queued' WHEN n % 17 = 0 THEN 'scheduled' WHEN n % 600 = 41 THEN 'running' WHEN n % 4 = 1 THEN 'failed' ELSE 'succeeded' END AS state
             FROM generate_series(1, ${ROWS}) n) s`,
    );
    await store.query(`INSERT INTO claims SELECT worker_id, array_agg(id) FROM jobs WHERE state = 'running' GROUP BY worker_id`);
    await store.query(
      `INSERT INTO idempotency_keys SELECT DISTINCT ON (tenant) tenant || chr(10) || 'default', 'order-17', '', id, now() + interval '1 day' FROM jobs WHERE tenant <> 'default' ORDER BY tenant, id`,
    );
    await store.query(
      `INSERT INTO dead_letters (identity, source, reason, detail, job_id, kind, tenant, fingerprint, created_at)
       SELECT 'job:' || id, 'job', 'handler_error', '', id, kind, tenant, left(md5(kind), 16), created_at FROM jobs WHERE state = 'failed'`,
    );
    await store.query(
      `INSERT INTO webhook_deliveries (id, webhook_id, job_id, type, url, body, delivery_job_id, tenant) SELECT id, id::text, id, 'job.failed', '', '', id, tenant FROM jobs WHERE finished_at IS NOT NULL`,
    );
    await store.query('ANALYZE');
  }, 60_000);
  afterAll(() => store.close());

  const CONDITIONS: JobConditions[] = [
    {},
    ...JOB_STATES.map((state) => ({ states: [state] })),
    { states: ['queued', 'running', 'failed'] },
    { states: ['scheduled', 'queued'], queue: 'mail' },
    { kinds: ['rare'] },
    { kinds: ['rare', 'usual'], states: ['failed'] },
    { tags: ['common'] },
    { tags: ['seldom', 'other'], kinds: ['usual'] },
    { tags: ['none'] },
    { queue: 'mail' },
    { error: 'econnrefused' },
    { idempotencyKey: 'order-17' },
    { createdFrom: new Date('2026-01-01T03:00:00Z'), createdTo: new Date('2026-01-01T04:00:00Z') },
  ];

  async function expected(tenant: string, conditions: JobConditions): Promise<string[]> {
    const { states, kinds, queue, tags, error, idempotencyKey, createdFrom, createdTo } = conditions;
    const rows = await store.query<{ id: string; state: string; kind: string; queue: string; tags: string[]; errors: JobError[]; created_at: Date }>(
      'SELECT id, state, kind, queue, tags, errors, created_at FROM jobs WHERE tenant = $1 ORDER BY id DESC',
      [tenant],
    );
    const keyed = await store.query<{ job_id: string }>('SELECT job_id FROM idempotency_keys WHERE key = $1', [idempotencyKey ?? '']);
    const wanted = error === undefined ? states : ['failed'];
    return rows
      .filter((row) => (wanted?.includes(row.state as never) ?? true) && (kinds?.includes(row.kind) ?? true) && (queue ?? row.queue) === row.queue)
      .filter((row) => (tags ?? []).every((tag) => row.tags.includes(tag)))
      .filter((row) => error === undefined || row.errors.some(({ message }) => message.toLowerCase().includes(error)))
      .filter(({ id }) => idempotencyKey === undefined || keyed.some(({ job_id: job }) => job === id))
      .filter(({ created_at: at }) => (createdFrom === undefined || at >= createdFrom) && (createdTo === undefined || at < createdTo))
      .map(({ id }) => id);
  }

  describe.each(['acme', 'globex', 'default', 'nobody'])('a list of the tenant %s', (tenant) => {
    test.each(CONDITIONS.map((conditions) => ({ conditions, name: JSON.stringify(conditions) })))(
      'has its jobs with $name, all and no others',
      async ({ conditions }) => {
        const ids: string[] = [];
        for (let cursor: string | null | undefined; cursor !== null;) {
          const page = await jobs.list({ ...conditions, tenant, limit: 500, ...(cursor === undefined ? {} : { cursor }) });
          ids.push(...page.items.map(({ id }) => id));
          cursor = page.nextCursor;
        }
        expect(ids).toEqual(await expected(tenant, conditions));
      },
    );
  });

  interface Plan {
    'Node Type': string;
    'Index Cond'?: string;
    'Index Name'?: string;
    'Relation Name'?: string;
    Plans?: Plan[];
  }

  /** The looks at a table of rows of tenants: by which index, and under which condition. */
  const looks = (plan: Plan, table: string): { node: string; index: string; condition: string }[] => [
    ...(plan['Relation Name'] === table || (plan['Index Name'] ?? '').startsWith(table)
      ? [{ node: plan['Node Type'], index: plan['Index Name'] ?? '', condition: plan['Index Cond'] ?? '' }]
      : []),
    ...(plan.Plans ?? []).flatMap((inner) => looks(inner, table)),
  ];

  const planned = async ({ text, values }: { text: string; values: unknown[] }): Promise<Plan> => {
    const { rows } = await session.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(`EXPLAIN (FORMAT JSON) ${inSchema(DEFAULT_SCHEMA, text)}`, values);
    return rows[0]?.['QUERY PLAN'][0].Plan as Plan;
  };

  /** A look that has the tenant in the condition of its index, or that is at rows whose ids are known: few, and the tenant is compared in each. */
  const isOfTenant = ({ node, index, condition }: { node: string; index: string; condition: string }): boolean =>
    condition.includes('acme') || (node === 'Bitmap Heap Scan' && index === '') || /^\(?\(id = /.test(condition);

  test.each(CONDITIONS.map((conditions) => ({ conditions, name: JSON.stringify(conditions) })))(
    'a search with $name has the tenant in the condition of each index by which it looks for jobs',
    async ({ conditions }) => {
      db.texts.length = 0;
      await jobs.list({ ...conditions, tenant: 'acme', limit: 10 });
      await jobs.count({ ...conditions, tenant: 'acme' });
      const texts = db.texts.filter(({ text }) => text.includes('job:walk'));
      expect(texts.length).toBeGreaterThan(0);
      for (const each of texts) {
        const found = looks(await planned(each), 'jobs');
        expect(found.length).toBeGreaterThan(0);
        expect(found.filter((look) => !isOfTenant(look))).toEqual([]);
      }
    },
  );

  test.each([{}, { group: 'x' }, { reason: 'handler_error' }])(
    'a list of dead letters with %j has the tenant in the condition of its index',
    async (filter) => {
      db.texts.length = 0;
      await new PostgresDeadLetters(db).list({ ...filter, tenant: 'acme', limit: 10 });
      const [walk] = db.texts.filter(({ text }) => text.includes('dead-letter:walk'));
      const found = looks(await planned(walk as (typeof db.texts)[number]), 'dead_letters');
      expect(found.length).toBeGreaterThan(0);
      expect(found.filter((look) => !isOfTenant(look))).toEqual([]);
    },
  );

  test('a list of deliveries has the tenant in the condition of its index', async () => {
    db.texts.length = 0;
    await new PostgresWebhookDeliveries(db).list({ tenant: 'acme', limit: 10 });
    const [list] = db.texts.filter(({ text }) => text.includes('webhook:list-deliveries'));
    const found = looks(await planned(list as (typeof db.texts)[number]), 'webhook_deliveries');
    expect(found.filter((look) => !isOfTenant(look))).toEqual([]);
  });

  test('the guard sees a look without the tenant', async () => {
    const found = looks(await planned({ text: 'SELECT id FROM lh.jobs WHERE kind = $1 ORDER BY id DESC LIMIT 1', values: ['rare'] }), 'jobs');
    expect(found.filter((look) => !isOfTenant(look))).not.toEqual([]);
  });
});
