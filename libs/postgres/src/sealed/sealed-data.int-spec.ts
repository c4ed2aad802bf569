import { randomBytes } from 'node:crypto';
import {
  AesDataBox,
  type ClaimedJob,
  type DataBox,
  DEFAULT_SCHEMA,
  JsonBytes,
  type DataKey,
  type JobId,
  type JsonText,
  jsonText,
  keyList,
  type NewJob,
  plainData,
  type Settlement,
  uuidv7,
} from '@app/core';
import { Database } from '../pool/database.js';
import { PostgresDeadLetters } from '../letters/postgres-dead-letters.js';
import { PostgresEvents } from '../watch/postgres-events.js';
import { PostgresJobs } from '../control/postgres-jobs.js';
import { PostgresAttempts } from '../run/postgres-attempts.js';
import { PostgresSchedules } from '../schedules/postgres-schedules.js';
import { PostgresSubmissions } from '../submit/postgres-submissions.js';
import { PostgresWebhookDeliveries } from '../notify/postgres-webhook-deliveries.js';
import { claimOf, keyed, newJob, TestStore } from '../testing/test-store.js';
import { PostgresResealing } from './postgres-resealing.js';

const CANARY = 'canary-4111';
const secret = (more: object = {}) => jsonText({ card: CANARY, ...more });
const key = (id: string): DataKey => ({ id, bytes: randomBytes(32) });
const [former, current] = [key('former'), key('current')];
const boxOf = (keys: DataKey[], kinds: 'all' | 'off' | string[] = 'all') => new AesDataBox(keyList(keys), typeof kinds === 'string' ? kinds : new Set(kinds));

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  await store.query('DELETE FROM schedules');
});

/** A process with these keys. */
function processWith(data: DataBox) {
  const db = new Database(store.dataSource, undefined, data);
  const attempts = new PostgresAttempts(db);
  const submissions = new PostgresSubmissions(db, { keySeconds: 3_600, fastPathSeconds: 0 });
  return {
    db,
    attempts,
    submissions,
    jobs: new PostgresJobs(db),
    events: new PostgresEvents(db),
    letters: new PostgresDeadLetters(db),
    deliveries: new PostgresWebhookDeliveries(db),
    schedules: new PostgresSchedules(db, () => 10),
    resealing: new PostgresResealing(db),
    async submit(more: Partial<NewJob> = {}): Promise<JobId> {
      const job = newJob({ payload: secret(), ...more });
      await submissions.submit([job]);
      return job.id;
    },
    async claim(id: JobId): Promise<ClaimedJob> {
      const [answer] = await attempts.claim(await store.worker(), [claimOf(id)]);
      if (!answer?.claimed) throw new Error(`expected job ${id} to be claimed`);
      return answer.claimed;
    },
    settle: (job: ClaimedJob, more: Partial<Settlement> = {}) =>
      attempts.settle([{ jobId: job.id, token: job.token, kind: job.kind, tenant: job.tenant, event: 'succeeded', announce: false, ...more }]),
  };
}

/** The tables in which the text stands, in any form in which a dump would show it. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await store.query<{ name: string }>(`SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r'`, [
    DEFAULT_SCHEMA,
  ]);
  const forms = [text, Buffer.from(text).toString('hex'), Buffer.from(text).toString('base64').slice(0, 12)];
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await store.query<{ found: boolean }>(`SELECT EXISTS (SELECT FROM lh.${name} t WHERE to_jsonb(t)::text LIKE ANY ($1)) AS found`, [
      forms.map((form) => `%${form}%`),
    ]);
    if (row?.found) found.push(name);
  }
  return found;
}

const rawPayload = async (id: JobId) => (await store.query<{ text: string }>('SELECT payload::text AS text FROM jobs WHERE id = $1', [id]))[0]?.text ?? '';

describe('the data of jobs in a database that somebody else reads', () => {
  test('are in no table from the submission to the redrive, and are whole for workers and callers', async () => {
    const { attempts, jobs, events, ...process } = processWith(boxOf([current]));
    const id = await process.submit({ tenant: 'acme', maxAttempts: 1 });
    expect(await tablesWith(CANARY)).toEqual([]);
    expect(await jobs.find(id)).toMatchObject({ payload: secret() });

    const job = await process.claim(id);
    expect(job.payload).toBe(secret());
    expect(await attempts.saveStep(id, job.token, 'fetch\nit', secret({ step: 1 }), job)).toBe(true);
    expect(await attempts.readStep(id, job.token, 'fetch\nit', job)).toEqual({ held: true, result: secret({ step: 1 }) });
    expect(await attempts.readStep(id, job.token, 'fetch\nit')).toEqual({ held: true, result: secret({ step: 1 }) });
    expect(await jobs.steps(id)).toMatchObject({ items: [{ name: 'fetch\nit', result: secret({ step: 1 }) }] });
    await process.settle(job, { event: 'failed', error: { code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: new Date().toISOString() } });
    expect(await store.deadLettersOf(id)).toMatchObject([{ reason: 'handler_error' }]);
    expect(await tablesWith(CANARY)).toEqual([]);

    expect(await jobs.redrive(id, secret({ edited: true }))).toMatchObject({ accepted: true, job: { payload: secret({ edited: true }) } });
    expect(await tablesWith(CANARY)).toEqual([]);
    const again = await process.claim(id);
    expect(again.payload).toBe(secret({ edited: true }));
    expect(await process.settle(again, { result: secret({ done: true }) })).toMatchObject([{ settled: true, job: { result: secret({ done: true }) } }]);
    expect(await tablesWith(CANARY)).toEqual([]);
    expect(await jobs.view(id)).toMatchObject({ result: secret({ done: true }) });
    expect(await jobs.detail(id, 'acme')).toMatchObject({ payload: secret({ edited: true }), result: secret({ done: true }) });
    expect((await jobs.list({ limit: 10 })).items).toMatchObject([{ id, result: secret({ done: true }), resultOmitted: false }]);
    const [page] = await events.read([{ jobId: id, after: 0 }], 10);
    expect(page?.events.at(-1)).toMatchObject({ state: 'succeeded', end: { result: secret({ done: true }) } });
  });

  test('are sealed by every way in: alone, in a batch, as bytes, with a unique key, in a transaction, and by a settlement that tells something', async () => {
    const process = processWith(boxOf([current]));
    const bytes = new JsonBytes(Buffer.from(secret({ long: 'x'.repeat(70_000) })));
    const many = [newJob({ payload: secret() }), newJob({ payload: secret() })];
    await process.submissions.submit(many);
    await process.submissions.submit([newJob({ payload: bytes }), newJob({ payload: secret(), unique: { key: 'one', keep: 'oldest' }, tags: ['a'] })]);
    await store.dataSource.transaction((manager) => process.submissions.submit([newJob({ payload: secret() })], manager));
    await store.dataSource.transaction((manager) =>
      process.submissions.submit([newJob({ payload: secret() })], { query: (text: string, values: unknown[]) => manager.query(text, values) }),
    );
    const id = await process.submit();
    const job = await process.claim(id);
    await process.settle(job, { result: secret(), progress: { done: 1 } });
    const other = await process.claim((many[0] as NewJob).id);
    // Of one that does not say whose it is, as an older worker's.
    await process.attempts.settle([{ jobId: other.id, token: other.token, event: 'succeeded', announce: false, result: secret() }]);
    expect(await tablesWith(CANARY)).toEqual([]);
    const { items } = await process.jobs.list({ limit: 20 });
    expect(items.filter(({ result }) => result !== null).map(({ result }) => result)).toEqual([secret(), secret()]);
    const payloads = await Promise.all(items.map(async (item) => (await process.jobs.find(item.id))?.payload));
    expect(payloads.filter((payload) => payload === secret())).toHaveLength(6);
    expect(payloads).toContain(bytes.text);
  });

  test('are sealed in what schedules, webhooks and refused messages have of them', async () => {
    const { schedules, deliveries, letters } = processWith(boxOf([current]));
    await store.dataSource.transaction(async (transaction) => {
      await schedules.write('nightly', { ...SCHEDULE, payload: secret() }, 'api', null, { nextTick: null, dueAt: null }, transaction);
      await deliveries.add([{ ...DELIVERY, body: secret() }], transaction);
    });
    const letter = { reason: 'invalid_payload', detail: 'no', jobId: null, kind: null, queue: 'default', messageId: 'm', contentType: null, headers: {} };
    const id = await letters.record({ ...letter, body: Buffer.from(secret()) });
    expect(await letters.record({ ...letter, body: Buffer.from(secret()) })).toBe(id);
    expect(await letters.recordedBefore({ ...letter, body: Buffer.from(secret()) }, ['invalid_payload'])).toBe(true);
    expect(await letters.recordedBefore({ ...letter, body: Buffer.from('other') }, ['invalid_payload'])).toBe(false);
    expect(await tablesWith(CANARY)).toEqual([]);
    expect(await schedules.find('nightly')).toMatchObject({ payload: secret(), revision: 1 });
    expect(await deliveries.find(DELIVERY.id)).toMatchObject({ body: secret() });
    expect((await letters.find(id))?.body?.toString()).toBe(secret());
    await store.dataSource.transaction(async (transaction) => {
      const before = (await schedules.lock('nightly', transaction))?.schedule ?? null;
      await schedules.write('nightly', { ...SCHEDULE, payload: secret() }, 'api', before, { nextTick: null, dueAt: null }, transaction);
    });
    expect(await schedules.find('nightly')).toMatchObject({ revision: 1 });
  });

  test('do not show in the digest by which repeats are known, which are known all the same', async () => {
    const process = processWith(boxOf([former]));
    const digest = '0123456789abcdef0123456789abcdef';
    const id = await process.submit(keyed('k', digest));
    expect(await tablesWith(digest)).toEqual([]);
    const later = processWith(boxOf([current, former]));
    const repeat = (fingerprint: string) => later.submissions.submit([newJob({ payload: secret(), ...keyed('k', fingerprint) })]);
    expect(await repeat(digest)).toMatchObject([{ status: 'replayed', job: { id, payload: secret() } }]);
    expect(await repeat('another')).toEqual([{ status: 'conflict', jobId: id }]);
  });
});

describe('data of both forms and of several keys', () => {
  test('stand side by side while kinds are switched on and off', async () => {
    const plain = processWith(boxOf([current], 'off'));
    const some = processWith(boxOf([current], ['test.secret']));
    const ids = [await plain.submit(), await some.submit(), await some.submit({ kind: 'test.secret' })];
    expect((await Promise.all(ids.map(rawPayload))).map((text) => text.includes(CANARY))).toEqual([true, true, false]);
    expect(await tablesWith(CANARY)).toEqual(['jobs']);
    for (const process of [plain, some, processWith(boxOf([current]))])
      for (const id of ids) expect(await process.jobs.find(id)).toMatchObject({ payload: secret() });
    const job = await plain.claim(ids[2] as JobId);
    expect(job.payload).toBe(secret());
  });

  test("are told from a caller's own that look like them", async () => {
    const sealed = boxOf([current]).seal('1', 'elsewhere').trim() as JsonText;
    for (const process of [processWith(plainData()), processWith(boxOf([current]))]) {
      const id = await process.submit({ payload: sealed });
      expect(await process.jobs.find(id)).toMatchObject({ payload: sealed });
      expect((await process.claim(id)).payload).toBe(sealed);
    }
  });

  test("cannot be put into another job's row, nor be given to another tenant", async () => {
    const { jobs, submit } = processWith(boxOf([current]));
    const [one, other] = [await submit(), await submit({ payload: jsonText('mine') })];
    await store.query('UPDATE jobs SET payload = (SELECT payload FROM jobs WHERE id = $1) WHERE id = $2', [one, other]);
    await expect(jobs.find(other)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('data that were changed in the database') });
    await store.query(`UPDATE jobs SET tenant = 'thief' WHERE id = $1`, [one]);
    await expect(jobs.find(one)).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('are sealed anew with the newest key beside submissions and attempts, after which the former key can go', async () => {
    const old = processWith(boxOf([former]));
    const [waits, runs, ended] = [await old.submit(keyed('k', 'digest'.repeat(6).slice(0, 32))), await old.submit(), await old.submit()];
    const running = await old.claim(runs);
    await old.attempts.saveStep(runs, running.token, 'fetch', secret(), running);
    await old.settle(await old.claim(ended), { result: secret() });
    await store.dataSource.transaction(async (transaction) => {
      await old.schedules.write('nightly', { ...SCHEDULE, payload: secret() }, 'api', null, { nextTick: null, dueAt: null }, transaction);
      await old.deliveries.add([{ ...DELIVERY, body: secret() }], transaction);
    });
    const letter = await old.letters.record({ ...LETTER, body: Buffer.from(secret()) });
    const plain = await processWith(plainData()).submit();

    const both = processWith(boxOf([current, former]));
    expect(await both.resealing.run()).toEqual({ sealed: 9, left: 0 });
    expect(await both.resealing.run()).toEqual({ sealed: 0, left: 0 });
    expect(await tablesWith(CANARY)).toEqual([]);

    const now = processWith(boxOf([current]));
    for (const id of [waits, runs, ended, plain]) expect(await now.jobs.find(id)).toMatchObject({ payload: secret() });
    expect(await now.jobs.view(ended)).toMatchObject({ result: secret() });
    expect(await now.attempts.readStep(runs, running.token, 'fetch', running)).toEqual({ held: true, result: secret() });
    expect(await now.schedules.find('nightly')).toMatchObject({ payload: secret() });
    expect(await now.deliveries.find(DELIVERY.id)).toMatchObject({ body: secret() });
    expect((await now.letters.find(letter))?.body?.toString()).toBe(secret());
    const repeat = newJob({ payload: secret(), ...keyed('k', 'digest'.repeat(6).slice(0, 32)) });
    expect(await now.submissions.submit([repeat])).toMatchObject([{ status: 'replayed', job: { id: waits } }]);
  });

  test('that nobody has the key of are left and counted, and a stop ends between two rows', async () => {
    const lost = await processWith(boxOf([key('lost')])).submit();
    await processWith(boxOf([former])).submit();
    const both = processWith(boxOf([current, former]));
    const before = await rawPayload(lost);
    expect(await both.resealing.run(() => true)).toEqual({ sealed: 0, left: 0 });
    expect(await both.resealing.run()).toEqual({ sealed: 1, left: 1, reason: expect.stringContaining('to have the key lost') });
    expect(await rawPayload(lost)).toBe(before);
  });
});

describe('a job whose key is missing', () => {
  test('is claimed as one that cannot be read, and its neighbours of the same claim run', async () => {
    const [lost, fine] = [await processWith(boxOf([former])).submit(), await processWith(boxOf([current])).submit()];
    const { attempts, jobs } = processWith(boxOf([current]));
    const answers = await attempts.claim(await store.worker(), [claimOf(lost), claimOf(fine)]);
    expect(answers).toMatchObject([
      { claimed: { id: lost, unreadable: expect.stringContaining('to have the key former') } },
      { claimed: { id: fine, payload: secret() } },
    ]);
    expect(answers[1]?.claimed).not.toHaveProperty('unreadable');
    await expect(jobs.find(lost)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await jobs.cancel(lost)).toMatchObject({ accepted: true });
  });

  test('is in lists without its result, and is not told in a stream before it can be read', async () => {
    const old = processWith(boxOf([former]));
    const ids = [await old.submit(), await old.submit()];
    for (const id of ids) await old.settle(await old.claim(id), { result: id === ids[0] ? secret() : jsonText(null) });
    const now = processWith(boxOf([current]));
    const fine = await now.submit();
    expect((await now.jobs.list({ limit: 10 })).items.find(({ id }) => id === ids[0])).toMatchObject({ result: null, resultOmitted: true });
    const wanted = [...ids, fine].map((jobId) => ({ jobId, after: 0 }));
    expect((await now.events.read(wanted, 10)).map(({ jobId }) => jobId)).toEqual([fine]);
    expect(await processWith(boxOf([current, former])).events.read(wanted, 10)).toHaveLength(3);
  });
});

test('payloads that are encrypted cannot be searched, and a search says so and does not find nothing', async () => {
  const { jobs } = processWith(boxOf([current], ['test.secret']));
  const search = (kinds?: string[]) => jobs.list({ limit: 10, payload: '{"card":1}', ...(kinds ? { kinds } : {}) });
  await expect(search(['test.job', 'test.secret'])).rejects.toMatchObject({
    code: 'not_searchable',
    message: expect.stringContaining('of test.secret are encrypted'),
  });
  await expect(search()).rejects.toMatchObject({ code: 'not_searchable' });
  expect((await search(['test.job'])).items).toEqual([]);
});

test('a list shows results by their own size, not by that of what is stored', async () => {
  const process = processWith(boxOf([current]));
  const [fits, long] = [jsonText('x'.repeat(4_000)), jsonText('x'.repeat(4_100))];
  for (const result of [fits, long]) await process.settle(await process.claim(await process.submit()), { result });
  const { items } = await process.jobs.list({ limit: 10, order: 'oldest' });
  expect(items).toMatchObject([
    { result: fits, resultOmitted: false },
    { result: null, resultOmitted: true },
  ]);
});

const DELIVERY = {
  id: uuidv7(),
  webhookId: 'msg_1',
  endpointId: null,
  jobId: null,
  type: 'job.succeeded',
  url: 'https://example.org',
  deliveryJobId: uuidv7() as JobId,
  tenant: 'acme',
};

const LETTER = { reason: 'invalid_payload', detail: 'no', jobId: null, kind: null, queue: 'default', messageId: 'm', contentType: null, headers: {} };

const SCHEDULE = {
  kind: 'test.job',
  options: {},
  description: '',
  spec: { cron: '0 3 * * *', timezone: 'UTC' },
  overlap: 'skip',
  missed: 'last',
  missedWindowMs: 60_000,
  jitterMs: 0,
  startsAt: null,
  endsAt: null,
  pauseAfterFailures: null,
} as const;
