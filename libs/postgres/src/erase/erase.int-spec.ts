import { createHash, randomBytes } from 'node:crypto';
import {
  AesDataBox,
  DEFAULT_SCHEMA,
  erase,
  type Erased,
  type ErasureOrder,
  type JobId,
  jsonText,
  keyList,
  type NewJob,
  StoredContents,
  systemClock,
  type WorkerId,
} from '@app/core';
import { waitFor } from '../../../../test/support/index.js';
import { PostgresBulk } from '../control/postgres-bulk.js';
import { PostgresRecipientCounts } from '../notify/postgres-recipient-counts.js';
import { PostgresWebhookDeliveries } from '../notify/postgres-webhook-deliveries.js';
import { Database } from '../pool/database.js';
import { PostgresSubmissions } from '../submit/postgres-submissions.js';
import { keyed, newJob, TestStore } from '../testing/test-store.js';
import { PostgresErasures } from './postgres-erasures.js';

const CANARY = 'canary7f31';
const TAG = 'customer-17';

/** Tables that hold nothing of one job, and why. A table that stands neither here nor among those in which the test below puts something fails it. */
const OF_NO_JOB: Record<string, string> = {
  alerts: 'of the installation',
  api_keys: 'of callers',
  audit: 'what was done by whom; it names no payload and no result',
  claims: 'ids alone',
  dead_letter_groups: 'what an operator has said of a cause',
  erasure_items: 'ids alone, and none when an erasure has ended',
  erasures: 'the proof: the tag, and numbers',
  flow_limits: 'settings',
  flow_revision: 'a number',
  flow_slots: 'of jobs that have not ended',
  kinds: 'of all jobs of a kind',
  retention_rules: 'settings',
  longhaul_migrations: 'of the schema',
  outbox: 'ids alone',
  paused_kinds: 'of a kind',
  queues: 'of a queue',
  quota_rates: 'of a tenant',
  quota_shares: 'of a tenant',
  rights: 'a number',
  schedule_ticks: 'of a schedule',
  schedules: 'makes jobs, and is counted: it has to be deleted by itself',
  schema_version: 'of the schema',
  sessions: 'of callers',
  starts: 'numbers of all jobs',
  stats: 'numbers of all jobs',
  stats_queues: 'numbers of all jobs',
  stats_writers: 'of processes',
  stream_tickets: 'of callers, for half a minute',
  tenant_quotas: 'settings',
  unique_jobs: 'of jobs that have not ended',
  webhook_callback_secret: 'of the installation',
  webhook_endpoints: 'of receivers',
  workers: 'of processes',
};

class Contents extends StoredContents {
  readonly removed: string[] = [];
  constructor(private readonly rows: TestStore) {
    super();
  }
  async remove(id: string): Promise<void> {
    this.removed.push(id);
    await this.rows.query('DELETE FROM files WHERE id = $1', [id]);
  }
}

let store: TestStore;
let erasures: PostgresErasures;
let contents: Contents;
let worker: WorkerId;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  await store.query('DELETE FROM files; DELETE FROM email_counts; DELETE FROM schedules; DELETE FROM audit');
  await store.query(`INSERT INTO queues (name) VALUES ('default')`);
  erasures = new PostgresErasures(store.db, store.db, new PostgresRecipientCounts(store.db));
  contents = new Contents(store);
  worker = await store.worker();
});

const soon = () => new Date(Date.now() + 60_000);

async function asked(more: Partial<ErasureOrder> = {}): Promise<ErasureOrder> {
  const id = await store.queued({ kind: 'longhaul.erase', tags: ['act:erase'] });
  const order = { id, tenant: 'default', tag: TAG, before: soon(), keepFiles: false, ...more };
  await erasures.add({ ...order, reason: 'request 4711', subject: 'key:ann', via: 'key', ip: '127.0.0.1' });
  return order;
}

function run(order: ErasureOrder, stop = new AbortController(), told: unknown[] = []): Promise<Erased> {
  const dependencies = { store: erasures, bulk: new PostgresBulk(store.db, store.db), contents, clock: systemClock };
  return erase(dependencies, order, { signal: stop.signal, progress: (progress) => told.push(progress) });
}

/** Which tables have the word in any of their columns, with how many rows. */
async function tablesWith(word: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { name } of await tables()) {
    const [row] = await store.query<{ rows: number }>(`SELECT count(*)::integer AS rows FROM "${DEFAULT_SCHEMA}"."${name}" t WHERE strpos(t::text, $1) > 0`, [
      word,
    ]);
    if (row && row.rows > 0) found[name] = row.rows;
  }
  return found;
}

const tables = () =>
  store.query<{ name: string }>(`SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r', 'p') ORDER BY 1`, [
    DEFAULT_SCHEMA,
  ]);

async function file(name: string, tenant = 'default', key: string | null = null): Promise<string> {
  const [row] = await store.query<{ id: string }>(
    `INSERT INTO files (id, name, media_type, size, sha256, tenant, key) VALUES (gen_random_uuid(), $1, 'text/csv', 1, repeat('0', 64), $2, $3) RETURNING id`,
    [name, tenant, key],
  );
  return String(row?.id);
}

/** A job that has ended, with something of every sort that a job can have. */
async function filled(word: string, more: Partial<NewJob> = {}): Promise<{ id: JobId; files: string[] }> {
  const files = [await file(word), await file(word)];
  const id = await store.queued({
    tags: [TAG, word],
    payload: jsonText({ word, file: files[0] ?? null }),
    notify: [{ channel: 'email', to: `${word}@example.org` }],
    flowKey: word,
    unique: { key: word, keep: 'oldest' },
    ...keyed(word, word),
    ...more,
  });
  const job = await store.claim(id, worker);
  await store.query(`INSERT INTO job_steps VALUES ($1, $2, to_json($2::text))`, [id, word]);
  const at = new Date().toISOString();
  await store.attempts.settle([
    {
      jobId: id,
      token: job.token,
      event: 'failed',
      announce: true,
      error: { code: 'handler_error', name: 'Error', message: word, attempt: 1, at },
      progress: { done: 1, message: word },
      events: [{ type: 'log', line: { level: 'info', message: word, fields: {} }, ageMs: 0 }],
    },
  ]);
  await store.query(`UPDATE jobs SET result = json_build_object('word', $2::text, 'url', '/files/' || $3::text) WHERE id = $1`, [id, word, files[1]]);
  const delivery = '0199aaaa-0000-7000-8000-0000000000' + word.slice(-2);
  const tells = await store.queued({ kind: 'longhaul.webhook', payload: jsonText({ delivery }) });
  await store.dataSource.transaction((transaction) =>
    new PostgresWebhookDeliveries(store.db).add(
      [
        {
          id: delivery,
          webhookId: word,
          endpointId: null,
          jobId: id,
          type: 'job.failed',
          url: `https://example.org/${word}`,
          body: word,
          deliveryJobId: tells,
          tenant: 'default',
        },
      ],
      transaction,
    ),
  );
  // An earlier send of the same delivery, which the delivery names no more.
  await store.queued({ kind: 'longhaul.webhook', payload: jsonText({ delivery }) });
  await store.queued({ kind: 'longhaul.email', payload: jsonText({ to: `${word}@example.org`, messageId: 'm', job: { id, error: word } }) });
  await store.query(`INSERT INTO email_counts VALUES ($1, date_trunc('hour', now()), 1)`, [`${word}@example.org`]);
  await store.query(
    `INSERT INTO dead_letters (identity, source, reason, detail, body, redriven_at, redriven_job_id) VALUES ('message:' || $1, 'message', 'unknown_kind', $1, convert_to($1, 'UTF8'), now(), $2)`,
    [word, id],
  );
  await store.query(`INSERT INTO notices (job_id, redrives, state) VALUES ($1, 7, 'failed')`, [id]);
  await store.query(`INSERT INTO waiting_room (job_id, queue, kind, priority, virtual_time, flow_key) VALUES ($1, 'default', 'k', 4, 0, $2)`, [id, word]);
  await store.query(`INSERT INTO flow_rates VALUES ('limit/' || $1, now() - interval '1 second')`, [word]);
  return { id, files };
}

test('nothing of the jobs of a tag is in any table, but its own proof; and every table is one that was thought of', async () => {
  const { id } = await filled(CANARY);
  const before = await tablesWith(CANARY);
  // By its id alone.
  before['notices'] = (await store.query('SELECT FROM notices WHERE job_id = $1', [id])).length;
  const names = (await tables()).map(({ name }) => name);
  expect(names.filter((name) => !(name in OF_NO_JOB) && !(name in before))).toEqual([]);
  expect(Object.keys(before).filter((name) => name in OF_NO_JOB)).toEqual([]);

  const removed = await run(await asked());
  expect(await tablesWith(CANARY)).toEqual({});
  // The digest of the ids is the proof; the ids themselves are nowhere, but where rows without data name them.
  expect(Object.keys(await tablesWith(id)).filter((name) => !['claims', 'outbox'].includes(name))).toEqual([]);
  expect(removed).toEqual({ jobs: 1, steps: 1, events: 1, deadLetters: 2, deliveries: 1, notifications: 3, idempotencyKeys: 1, files: 2, abandoned: 0 });
  expect(await store.query('SELECT FROM erasure_items')).toEqual([]);
});

test('another tenant with the same tag, other tags, and what was created later, stay as they are', async () => {
  const other = await filled('canary0001', { tenant: 'acme' });
  const untagged = await filled('canary0002', { tags: ['customer-1'] });
  await store.query('UPDATE webhook_deliveries SET tenant = $1 WHERE job_id = $2', ['acme', other.id]);
  const [late] = await store.submit({ tags: [TAG] });
  await store.query(`UPDATE jobs SET created_at = now() + interval '1 hour' WHERE id = $1`, [late]);
  const before = [await tablesWith('canary0001'), await tablesWith('canary0002')];
  await filled('canary0003');
  const order = await asked();
  expect(await erasures.estimate(order)).toEqual({ jobs: 1, unfinished: 0, deadLetters: 2, deliveries: 1, files: 2, schedules: 0 });
  expect((await run(order)).jobs).toBe(1);
  // What has passed of a rate says nothing, whosever it is.
  expect({ ...(await tablesWith('canary0001')), flow_rates: 1 }).toEqual(before[0]);
  expect(await store.query('SELECT id FROM jobs WHERE id = ANY ($1)', [[other.id, untagged.id, late]])).toHaveLength(3);
  expect(await tablesWith('canary0003')).toEqual({});
  expect(contents.removed).toHaveLength(2);
});

test("of two tenants' equal tags each is erased for its own", async () => {
  const [mine] = await store.submit({ tags: [TAG], tenant: 'acme' });
  const [others] = await store.submit({ tags: [TAG] });
  await run(await asked({ tenant: 'acme' }));
  expect((await store.query<{ id: string }>('SELECT id FROM jobs WHERE id = ANY ($1)', [[mine, others]])).map(({ id }) => id)).toEqual([others]);
});

test('what has not ended is cancelled first; one that runs is waited for, and its worker writes nothing back after its end', async () => {
  const waits = await store.queued({ tags: [TAG] });
  const [scheduled] = await store.submit({ tags: [TAG], delayMs: 3_600_000 });
  const running = await store.running(worker, { tags: [TAG] });
  const order = await asked();
  const told: { message: string }[] = [];
  const done = run(order, undefined, told);
  await waitFor('the job to be asked to stop', async () => told.some(({ message }) => message === '1 have been asked to stop'));
  expect(await store.row(running.id)).toMatchObject({ state: 'running' });
  expect((await store.row(waits)).state).toBe('cancelled');
  const error = { code: 'cancelled', name: 'Error', message: CANARY, attempt: 1, at: new Date().toISOString() };
  await store.attempts.settle([
    { jobId: running.id, token: running.token, event: 'cancelled', announce: false, error, stop: { how: 'abandoned', heardMs: 5_000 } },
  ]);
  expect(await done).toMatchObject({ jobs: 3, abandoned: 1 });
  // Of an attempt that knows nothing of it yet.
  await store.attempts
    .settle([{ jobId: running.id, token: running.token, event: 'succeeded', announce: true, result: jsonText(CANARY) }])
    .catch(() => undefined);
  expect(await tablesWith(CANARY)).toEqual({});
  expect(await store.query('SELECT FROM jobs WHERE id = ANY ($1)', [[waits, scheduled, running.id]])).toEqual([]);
});

test('an attempt that dies at any of its statements leaves what the next one finishes, and every job is counted once', async () => {
  const ids: JobId[] = [];
  for (const word of ['canary1001', 'canary1002', 'canary1003']) ids.push((await filled(word)).id);
  const order = await asked();
  const whole = store.db.run.bind(store.db);
  let deaths = 0;
  for (let survives = 1; !(await erasures.find(order.id, null))?.finishedAt; survives += 3) {
    let statements = 0;
    store.db.run = async (...call: Parameters<typeof whole>) => {
      const dies = ++statements > survives;
      if (dies) throw new Error('the process died');
      return (await whole(...call)) as never;
    };
    try {
      await run(order);
    } catch (error) {
      expect(String(error)).toContain('the process died');
      deaths++;
    } finally {
      store.db.run = whole;
    }
  }
  expect(deaths).toBeGreaterThan(5);
  const found = await erasures.find(order.id, 'default');
  expect(found?.removed).toEqual({ jobs: 3, steps: 3, events: 3, deadLetters: 6, deliveries: 3, notifications: 9, idempotencyKeys: 3, files: 6, abandoned: 0 });
  expect(found?.jobsSha256).toBe(
    createHash('sha256')
      .update(
        ids
          .toSorted()
          .map((id) => `${id}\n`)
          .join(''),
      )
      .digest('hex'),
  );
  expect(Object.values(found?.left ?? { none: 1 })).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect(await tablesWith('canary100')).toEqual({});
});

test('the proof says what was asked, by whom and what is left, is in the audit once, and shows to its own tenant alone', async () => {
  await filled(CANARY);
  await store.query(`INSERT INTO schedules (id, kind, payload, spec, options) VALUES ('nightly', 'k', '{}', '{}', $1)`, [JSON.stringify({ tags: [TAG] })]);
  const order = await asked();
  await run(order);
  await erasures.finish(order, {} as never);
  expect(await erasures.find(order.id, 'default')).toMatchObject({ tag: TAG, reason: 'request 4711', subject: 'key:ann', left: { jobs: 0, schedules: 1 } });
  expect(await erasures.find(order.id, 'acme')).toBeNull();
  const listed = async (sees: string | null, tag: string | null = null, before: string | null = null) =>
    (await erasures.list(sees, { tag, before, limit: 10 })).map(({ id }) => id);
  for (const found of [await listed('default', TAG), await listed('default'), await listed(null)]) expect(found[0]).toBe(order.id);
  expect([(await listed('acme')).includes(order.id), await listed('default', 'another')]).toEqual([false, []]);
  expect((await listed(null, null, order.id)).includes(order.id)).toBe(false);
  const entries = await store.query<{ target: string; subject: string; detail: object }>('SELECT target, subject, detail FROM audit');
  expect(entries).toMatchObject([{ target: `/erasures/${order.id}`, subject: 'key:ann', detail: { tag: TAG, reason: 'request 4711', removed: { jobs: 1 } } }]);
});

test("files that the jobs name stay where that is asked for; else those of a key with the id of the job go too, and no other tenant's", async () => {
  const { id } = await filled(CANARY);
  const [ours, theirs] = [await file('a', 'default', `${id}/bad-rows`), await file('b', 'acme', `acme\n${id}/bad-rows`)];
  expect((await run(await asked({ keepFiles: true }))).files).toBe(0);
  expect(contents.removed).toEqual([]);
  const again = await store.queued({ tags: [TAG], payload: jsonText({ [theirs]: theirs }) });
  await store.query(`UPDATE files SET key = $2 WHERE id = $1`, [ours, `${again}/bad-rows`]);
  expect((await run(await asked())).files).toBe(1);
  expect(contents.removed).toEqual([ours]);
});

test('of jobs whose data are encrypted it finds the files and what tells of them, and fails where the key is missing', async () => {
  const data = new AesDataBox(keyList([{ id: 'k', bytes: randomBytes(32) }]), 'all');
  const db = new Database(store.dataSource, undefined, data);
  const submissions = new PostgresSubmissions(db, { keySeconds: 3_600, fastPathSeconds: 0 });
  const named = await file(CANARY);
  const job = newJob({ tags: [TAG], payload: jsonText({ file: named }) });
  await submissions.submit([job]);
  const told = newJob({ kind: 'longhaul.email', payload: jsonText({ to: `${CANARY}@example.org`, job: { id: job.id } }) });
  await submissions.submit([told]);
  await store.query(`INSERT INTO email_counts VALUES ($1, now(), 1)`, [`${CANARY}@example.org`]);
  expect(await store.query('SELECT FROM jobs WHERE strpos(payload::text, $1) > 0', [named])).toEqual([]);
  const order = await asked();
  await expect(run(order)).rejects.toThrow();
  erasures = new PostgresErasures(db, db, new PostgresRecipientCounts(db));
  expect(await run(order)).toMatchObject({ jobs: 1, notifications: 1, files: 1 });
  expect(contents.removed).toEqual([named]);
  expect(await tablesWith(CANARY)).toEqual({});
});
