import { type BulkFilter, type BulkFound, type BulkRequest, type JobId, jsonText, type WorkerId } from '@app/core';
import { TestStore } from '../testing/test-store.js';
import { PostgresBulk } from './postgres-bulk.js';

const ERROR = { code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: '2026-01-31T08:00:00.000Z' };

let store: TestStore;
let bulk: PostgresBulk;
let worker: WorkerId;
const asked: JobId[] = [];
beforeAll(async () => {
  store = await TestStore.open();
  bulk = new PostgresBulk(store.db, store.db);
  store.db.asked = (ids) => asked.push(...ids);
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  await store.query(`INSERT INTO queues (name) VALUES ('default') ON CONFLICT DO NOTHING`);
  asked.length = 0;
  worker = await store.worker();
});

const later = () => new Date(Date.now() + 60_000);
const cancel = (filter: Partial<BulkFilter> = {}): BulkRequest => ({ act: 'cancel', filter: { before: later(), ...filter }, reason: 'no more' });
const all = async (request: BulkRequest, state: 'scheduled' | 'queued' | 'running' | 'failed', size = 2) => {
  let changed = 0;
  let after: JobId | null = null;
  do {
    const found: BulkFound = await bulk.find(request, state, after, size);
    if (found.ids.length > 0) changed += await bulk.change(request, found.ids);
    after = found.next;
  } while (after !== null);
  return changed;
};

describe('one act to many jobs', () => {
  test('cancels page by page, each job as one that is cancelled alone', async () => {
    const ids = [await store.queued(), await store.queued(), await store.queued()];
    expect(await all(cancel(), 'queued')).toBe(3);
    for (const id of ids) {
      expect(await store.row(id)).toMatchObject({ state: 'cancelled' });
      expect((await store.jobs.detail(id))?.cancellation).toMatchObject({ reason: 'no more', outcome: 'not_started' });
      expect((await store.outboxOf(id)).filter(({ type }) => type === 'event')).toHaveLength(1);
    }
  });

  test('tells the outcomes together, but for one that somebody is sent', async () => {
    await store.query(`INSERT INTO queues (name) VALUES ('slow') ON CONFLICT DO NOTHING`);
    const alike = [await store.queued(), await store.queued(), await store.queued({ queue: 'slow' }), await store.queued()];
    const waited = await store.queued({ notify: [{ channel: 'reply', to: 'replies', id: 'c' }] });
    await store.query('DELETE FROM outbox');
    expect(await all(cancel(), 'queued', 10)).toBe(5);
    const rows = await store.query<{ job_ids: JobId[] }>('SELECT job_ids FROM outbox ORDER BY cardinality(job_ids) DESC, queue');
    expect(rows.map(({ job_ids }) => job_ids.toSorted())).toEqual([[alike[0], alike[1], alike[3]], [waited], [alike[2]]]);
    const told = await store.outbox.take(10, 30);
    expect(told.map((message) => message.type === 'event' && message.jobId).toSorted()).toEqual([...alike, waited].toSorted());
    expect(new Set(told.map(({ outboxId }) => outboxId)).size).toBe(3);
    expect(await store.outbox.take(10, 30)).toEqual([]);
  });

  test('is told by several looks when its outcomes are more than one takes, none of them twice', async () => {
    const ids = await store.submit(...Array.from({ length: 150 }, () => ({})));
    await store.query('DELETE FROM outbox');
    expect(await all(cancel(), 'queued', 200)).toBe(150);
    const looks = [];
    for (let look = await store.outbox.take(70, 30); look.length > 0; look = await store.outbox.take(70, 30)) looks.push(look);
    expect(looks.map(({ length }) => length)).toEqual([128, 22]);
    expect(
      looks
        .flat()
        .map((message) => message.type === 'event' && message.jobId)
        .toSorted(),
    ).toEqual(ids.toSorted());
  });

  test('gives the slots of limits back, and the places in the waiting room', async () => {
    const id = await store.queued();
    await store.query(`UPDATE jobs SET limit_keys = ARRAY['a'] WHERE id = $1`, [id]);
    await store.query(`INSERT INTO flow_slots (limit_key, job_id) VALUES ('a', $1)`, [id]);
    await store.query(`INSERT INTO waiting_room (job_id, queue, kind, priority, virtual_time) VALUES ($1, 'default', 'k', 4, 0)`, [id]);
    expect(await all(cancel(), 'queued')).toBe(1);
    expect(await store.query('SELECT job_id FROM flow_slots UNION SELECT job_id FROM waiting_room')).toEqual([]);
  });

  test('asks running jobs to stop, once, and tells their workers', async () => {
    const { id } = await store.running(worker);
    expect(await all(cancel(), 'running')).toBe(1);
    expect(asked).toEqual([id]);
    expect(await all(cancel(), 'running')).toBe(0);
    expect(asked).toEqual([id]);
  });

  test('leaves jobs alone that do not fit: by kind, queue, tag, and the time when they were created', async () => {
    await store.queued();
    for (const filter of [
      { kinds: ['another'] },
      { ids: ['00000000-0000-7000-8000-000000000000' as JobId] },
      { queue: 'another' },
      { tags: ['another'] },
      { before: new Date(0) },
      { createdTo: new Date(0) },
      { finishedFrom: new Date(0) },
      { error: 'another' },
      { idempotencyKey: 'another' },
    ]) {
      expect(await bulk.matching(cancel(filter), 20)).toEqual({ count: 0, ids: [] });
      expect(await all(cancel(filter), 'queued')).toBe(0);
    }
    expect(await bulk.matching(cancel(), 20)).toMatchObject({ count: 1 });
  });

  test('leaves jobs of Longhaul itself alone, unless their kind is named', async () => {
    const id = await store.queued();
    await store.query(`UPDATE jobs SET kind = 'longhaul.webhook' WHERE id = $1`, [id]);
    expect(await all(cancel(), 'queued')).toBe(0);
    expect(await all(cancel({ kinds: ['longhaul.webhook'] }), 'queued')).toBe(1);
  });

  test('is for the jobs of a selection alone, and says which of it are no jobs, or not of the tenant', async () => {
    const [first, second, third] = [await store.queued(), await store.queued(), await store.queued()];
    const nobody = '00000000-0000-7000-8000-000000000000' as JobId;
    expect(await bulk.unknown([first, nobody, second], null)).toEqual([nobody]);
    expect(await bulk.unknown([first, second], 'acme')).toEqual([first, second]);
    const chosen = cancel({ ids: [first, third] });
    expect(await bulk.matching(chosen, 20)).toMatchObject({ count: 2 });
    expect(await all(chosen, 'queued', 1)).toBe(2);
    expect(await store.row(second)).toMatchObject({ state: 'queued' });
  });

  test('puts the letters of failed jobs away, with who and why, leaves the jobs failed, and finds them no more', async () => {
    const job = await store.running(worker);
    await store.attempts.settle([{ jobId: job.id, token: job.token, event: 'failed', announce: false, error: ERROR, result: jsonText(1) }]);
    const discard: BulkRequest = { act: 'discard', filter: { before: later() }, reason: 'closed', by: 'anna' };
    expect(await bulk.matching(discard, 20)).toEqual({ count: 1, ids: [job.id] });
    expect(await all(discard, 'failed')).toBe(1);
    expect(await store.row(job.id)).toMatchObject({ state: 'failed' });
    expect(await store.query('SELECT discard FROM dead_letters WHERE discarded_at IS NOT NULL')).toEqual([{ discard: { reason: 'closed', by: 'anna' } }]);
    expect(await bulk.matching(discard, 20)).toEqual({ count: 0, ids: [] });
    expect(await all(discard, 'failed')).toBe(0);
  });

  test('puts failed jobs back, with their dead letters marked', async () => {
    const job = await store.running(worker);
    await store.attempts.settle([{ jobId: job.id, token: job.token, event: 'failed', announce: false, error: ERROR, result: jsonText(1) }]);
    expect(await all({ act: 'redrive', filter: { before: later() } }, 'failed')).toBe(1);
    expect(await store.row(job.id)).toMatchObject({ state: 'queued' });
    expect(await store.deadLettersOf(job.id)).toMatchObject([{ redriven: true }]);
  });
});
