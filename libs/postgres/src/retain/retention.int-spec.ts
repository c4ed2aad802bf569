import { randomBytes } from 'node:crypto';
import type { JobId, RetentionLimits } from '@app/core';
import { PostgresDeadLetters } from '../letters/postgres-dead-letters.js';
import { PostgresRecipientCounts } from '../notify/postgres-recipient-counts.js';
import { PostgresRetention } from './postgres-retention.js';
import { TestStore } from '../testing/test-store.js';

const DAY = 86_400;
const LIMITS = { succeededSeconds: DAY, failedSeconds: 7 * DAY, letterSeconds: 7 * DAY, statsSeconds: 7 * DAY };

let store: TestStore;
let counts: PostgresRecipientCounts;
let retention: PostgresRetention;
beforeAll(async () => {
  store = await TestStore.open();
  counts = new PostgresRecipientCounts(store.db);
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  retention = another();
});

/** Another process: it remembers for itself what it has looked at. */
function another(): PostgresRetention {
  return new PostgresRetention(store.db, [counts]);
}

async function pruned(limit = 100, limits: RetentionLimits = LIMITS, by = retention): Promise<number> {
  return (await by.prune(limits, limit)).removed;
}

/** A job that was made and ended so many days ago. */
async function ended(daysAgo: number, event: 'succeeded' | 'failed', createdDaysAgo = daysAgo): Promise<JobId> {
  const time = (Date.now() - createdDaysAgo * DAY * 1_000).toString(16).padStart(12, '0');
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${randomBytes(6).toString('hex')}` as JobId;
  await store.submit({ id });
  const job = await store.claim(id, await store.worker());
  await store.attempts.settle([
    {
      jobId: id,
      token: job.token,
      event,
      announce: false,
      ...(event === 'failed' ? { error: { code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: new Date().toISOString() } } : {}),
    },
  ]);
  await store.query(`DELETE FROM outbox WHERE job_ids[1] = $1`, [id]);
  await store.query(`UPDATE jobs SET finished_at = now() - $2 * interval '1 day' WHERE id = $1`, [id, daysAgo]);
  return id;
}

async function ids(): Promise<string[]> {
  return (await store.query<{ id: string }>('SELECT id FROM jobs')).map(({ id }) => id).sort();
}

test('succeeded jobs go after their time, failed ones after theirs with their dead letters, and nothing before', async () => {
  await ended(2, 'succeeded');
  const gone = await ended(8, 'failed');
  const kept = [await ended(0.5, 'succeeded'), await ended(2, 'failed'), await store.queued()];
  expect(await pruned()).toBe(2);
  expect(await ids()).toEqual(kept.toSorted());
  expect(await store.deadLettersOf(gone)).toEqual([]);
  expect(await store.deadLettersOf(kept[1] as JobId)).toHaveLength(1);
});

test('a job that took long counts from its end', async () => {
  const id = await ended(0.5, 'succeeded', 30);
  expect(await pruned()).toBe(0);
  expect(await ids()).toEqual([id]);
});

test('a job stays as long as its outcome is to be announced or told', async () => {
  const [announced, told] = [await ended(2, 'succeeded'), await ended(2, 'succeeded')];
  await store.attempts.announceLater(announced);
  await store.query(`INSERT INTO notices (job_id, redrives, state) VALUES ($1, 0, 'succeeded')`, [told]);
  expect(await pruned()).toBe(0);
});

test('steps and events go with their job', async () => {
  const id = await ended(2, 'succeeded');
  await store.query(`INSERT INTO job_steps VALUES ($1, 'step', '1')`, [id]);
  await store.query(`INSERT INTO job_events VALUES ($1, 2, 'log', now(), '{}')`, [id]);
  await pruned();
  expect(await store.query('SELECT FROM job_steps')).toEqual([]);
  expect(await store.query('SELECT FROM job_events')).toEqual([]);
});

test('keys go when they have expired, and only those', async () => {
  const key = (name: string) => ({ idempotency: { scope: 'default', key: name, fingerprint: Buffer.from('f') } });
  await store.submit(key('old'), key('live'));
  await store.query(`UPDATE idempotency_keys SET expires_at = now() - interval '1 second' WHERE key = 'old'`);
  expect(await pruned()).toBe(1);
  expect(await store.query('SELECT key FROM idempotency_keys')).toEqual([{ key: 'live' }]);
});

test('counts of recipients go after a day, and only those', async () => {
  await store.query(`INSERT INTO email_counts VALUES ('ada@example.org', date_trunc('hour', now() - interval '2 days'), 3)`);
  await counts.take('ada@example.org', 5);
  expect([await pruned(), await pruned()]).toEqual([1, 0]);
  expect(await store.query('SELECT sent FROM email_counts')).toEqual([{ sent: 1 }]);
});

test('a batch is no larger than asked for, and null keeps for ever', async () => {
  for (let n = 0; n < 3; n++) await ended(9, 'succeeded');
  await ended(9, 'failed');
  expect(await pruned(2, { succeededSeconds: DAY, failedSeconds: null, letterSeconds: null, statsSeconds: null })).toBe(2);
  expect(await ids()).toHaveLength(2);
});

test('what one process removes, another skips', async () => {
  for (let n = 0; n < 6; n++) await ended(2, 'succeeded');
  const removed = await Promise.all([1, 2, 3].map(() => pruned(10, LIMITS, another())));
  expect(removed.reduce((sum, count) => sum + count, 0)).toBe(6);
});

test('dead letters of messages go by when they last came, those of jobs with their job (E17)', async () => {
  const letters = new PostgresDeadLetters(store.db);
  const letter = { reason: 'unreadable', detail: '', jobId: null, kind: 'a.b', queue: null, contentType: null, headers: {}, body: Buffer.from('x') };
  const [old, repeated, young] = await Promise.all(['1', '2', '3'].map((messageId) => letters.record({ ...letter, messageId })));
  await store.query(`UPDATE dead_letters SET created_at = now() - interval '8 days' WHERE id = ANY ($1)`, [[old, repeated]]);
  await store.query(`UPDATE dead_letters SET last_seen_at = now() - interval '8 days' WHERE id = $1`, [old]);
  await ended(5, 'failed');
  expect(await pruned()).toBe(1);
  const left = await store.query<{ id: string; source: string }>('SELECT id, source FROM dead_letters');
  expect(left.filter(({ source }) => source === 'message').map(({ id }) => id).sort()).toEqual([repeated, young].sort()); // prettier-ignore
  expect(left.filter(({ source }) => source === 'job')).toHaveLength(1);
});
