import type { BulkFound, BulkRequest, JobId, JobState, NewJob, PublishId, WorkerId } from '@app/core';
import { uuidv4 } from '@app/core';
import { limit } from '../testing/flow-rows.js';
import { newToken, TestStore } from '../testing/test-store.js';
import { PostgresBulk } from './postgres-bulk.js';

let store: TestStore;
let bulk: PostgresBulk;
let worker: WorkerId;
beforeAll(async () => {
  store = await TestStore.open();
  bulk = new PostgresBulk(store.db, store.db);
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  await store.queues.ensure(['default', 'slow']);
  worker = await store.worker();
});

const filter = () => ({ before: new Date(Date.now() + 60_000) });
const move = (toQueue = 'slow'): BulkRequest => ({ act: 'move', filter: filter(), toQueue });
const reprioritise = (toPriority: number): BulkRequest => ({ act: 'reprioritise', filter: filter(), toPriority });

/** Does the act, page by page, until nothing more is found. */
async function done(request: BulkRequest, states: JobState[] = ['scheduled', 'queued'], size = 2): Promise<number> {
  let changed = 0;
  for (const state of states) {
    let after: JobId | null = null;
    do {
      const found: BulkFound = await bulk.find(request, state, after, size);
      if (found.ids.length > 0) changed += await bulk.change(request, found.ids);
      after = found.next;
    } while (after !== null);
  }
  return changed;
}

const places = () => store.query<{ job_id: JobId; queue: string; priority: number; limit_keys: string[] | null; parked_on: string | null }>(
  'SELECT job_id, queue, priority, limit_keys, parked_on FROM waiting_room ORDER BY priority DESC, virtual_time, job_id',
); // prettier-ignore
const placeIds = async () => (await places()).map(({ job_id }) => job_id);
const waiting = (count: number, more: Partial<NewJob> = {}) => store.submit(...Array.from({ length: count }, () => ({ waits: true, ...more })));
const rowsOf = (id: JobId) => store.query<{ queue: string; priority: number; type: string; due: boolean }>(
  'SELECT queue, priority, type, available_at <= now() AS due FROM outbox WHERE $1 = ANY (job_ids) ORDER BY queue', [id],
); // prettier-ignore
const claim = async (id: JobId, queue?: string) =>
  (
    await store.attempts.claim(worker, [
      { jobId: id, publishId: uuidv4() as string as PublishId, token: newToken(), ...(queue === undefined ? {} : { queue }) },
    ])
  )[0];
async function released(queue: string, jobs = 10): Promise<JobId[]> {
  return ((await store.room.release([{ queue, jobs }], 30)) ?? []).flatMap(({ jobIds }) => jobIds);
}

describe('a job that waits and is moved', () => {
  test('waits in its new queue, in the order in which the jobs have waited', async () => {
    const ids = [...(await waiting(3)), ...(await waiting(2))];
    expect(await done(move())).toBe(5);
    expect(await placeIds()).toEqual(ids);
    expect(await released('default')).toEqual([]);
    expect(await released('slow')).toEqual(ids);
  });

  test('comes behind those that have waited there for longer, and before those that have not', async () => {
    const [before] = await waiting(1, { queue: 'slow' });
    const [moved] = await waiting(1);
    const [behind] = await waiting(1, { queue: 'slow' });
    await done(move());
    expect(await placeIds()).toEqual([before, moved, behind]);
  });

  test('of a fair queue keeps the order of its key', async () => {
    await store.queues.setFair('slow', { by: 'kind', cost: 'count', weights: {} });
    const ids = await waiting(5);
    await done(move());
    expect(await released('slow', 5)).toEqual(ids);
  });

  test('is not started by a message of its former queue: that one is dropped, and its place stays', async () => {
    const id = await store.queued();
    await done(move());
    const answer = await claim(id, 'default');
    expect(answer).toMatchObject({ claimed: null, facts: { state: 'queued', queue: 'slow' } });
    await store.attempts.awaitTurn(id, 'default');
    expect(await places()).toMatchObject([{ job_id: id, queue: 'slow' }]);
    expect(await claim(id, 'slow')).toMatchObject({ claimed: { id, queue: 'slow' } });
  });

  test('whose place is gone gets another when a message of its former queue comes', async () => {
    const id = await store.queued();
    await done(move());
    await store.query('DELETE FROM waiting_room');
    await store.attempts.awaitTurn(id, 'slow');
    expect(await places()).toEqual([]);
    await store.attempts.awaitTurn(id, 'default');
    expect(await places()).toMatchObject([{ job_id: id, queue: 'slow' }]);
  });

  test('is not published by the row that would have woken it, and its neighbors of that row are', async () => {
    const ids = await store.submit({}, {});
    await store.query('DELETE FROM outbox');
    await store.query(`INSERT INTO outbox (id, type, job_ids, queue, priority, available_at) VALUES (gen_random_uuid(), 'job', $1, 'default', 4, now())`, [
      ids,
    ]);
    expect(await done({ ...move(), filter: { ...filter(), ids: [ids[0] as JobId] } })).toBe(1);
    expect(await store.outbox.take(10, 30)).toMatchObject([{ jobIds: [ids[1]], queue: 'default' }]);
    expect(await placeIds()).toEqual([ids[0]]);
  });

  test('whose row was to wake it alone leaves none behind', async () => {
    await store.queued();
    await done(move());
    expect(await store.outbox.take(10, 30)).toEqual([]);
    expect(await store.query('SELECT id FROM outbox')).toEqual([]);
  });

  test('and whose time has not come is woken in its new queue', async () => {
    const [id] = await store.submit({ delayMs: 3_600_000 });
    expect(await done(move())).toBe(1);
    expect(await rowsOf(id as JobId)).toEqual([{ queue: 'slow', priority: 4, type: 'job', due: false }]);
    expect(await places()).toEqual([]);
    await store.query(`UPDATE jobs SET run_at = now(); UPDATE outbox SET available_at = now()`);
    expect(await store.outbox.take(10, 30)).toMatchObject([{ jobIds: [id], queue: 'slow' }]);
  });

  test('at the moment when it falls due has a row of its new queue beside the one that somebody takes', async () => {
    const [id] = await store.submit({ delayMs: 3_600_000 });
    const other = await store.session();
    await other.query('BEGIN');
    await other.query('SELECT id FROM outbox FOR UPDATE');
    expect(await done(move())).toBe(1);
    await other.query('COMMIT');
    expect((await rowsOf(id as JobId)).map(({ queue }) => queue)).toEqual(['default', 'slow']);
    await store.query(`UPDATE jobs SET run_at = now(); UPDATE outbox SET available_at = now()`);
    expect(await store.outbox.take(10, 30)).toMatchObject([{ jobIds: [id], queue: 'slow' }]);
  });

  test('is under the limits of its new queue, gives back the slots that it has, and takes its turn', async () => {
    await limit(store, 'old', { match: { queue: 'default' }, concurrency: 1 });
    await limit(store, 'new', { match: { queue: 'slow' }, concurrency: 1 });
    const ids = await waiting(2, { limitKeys: ['old'] });
    expect(await released('default')).toEqual([ids[0]]);
    expect(await done(move())).toBe(2);
    expect(await store.query('SELECT job_id FROM flow_slots')).toEqual([]);
    expect(await places()).toEqual(ids.map((job_id) => ({ job_id, queue: 'slow', priority: 4, limit_keys: ['new'], parked_on: null })));
    expect(await released('slow')).toEqual([ids[0]]);
    expect(await store.query('SELECT limit_key, job_id FROM flow_slots')).toEqual([{ limit_key: 'new', job_id: ids[0] }]);
  });

  test('out of a limit is woken by a message, and into one takes its turn when its time has come', async () => {
    await limit(store, 'new', { match: { queue: 'slow' }, concurrency: 1 });
    const [id] = await store.submit({ delayMs: 3_600_000 });
    await done(move());
    expect(await rowsOf(id as JobId)).toMatchObject([{ queue: 'slow', type: 'turn' }]);
    await done(move('default'));
    expect(await rowsOf(id as JobId)).toMatchObject([{ queue: 'default', type: 'job' }]);
  });

  test('to a paused queue waits there, also where a message of its former queue comes', async () => {
    const [id] = await waiting(1);
    await store.queues.setPaused('slow', true);
    await done(move());
    expect(await released('slow')).toEqual([]);
    expect(await claim(id as JobId, 'default')).toMatchObject({ claimed: null });
    await store.queues.setPaused('slow', false);
    expect(await released('slow')).toEqual([id]);
  });

  test('that has crashed a worker gets a row of the outbox, which every mode takes', async () => {
    const [id] = await waiting(1);
    await store.query('UPDATE jobs SET crashes = 1; UPDATE waiting_room SET suspect = true');
    await done(move());
    expect(await places()).toEqual([]);
    expect(await store.outboxOf(id as JobId)).toMatchObject([{ type: 'job', suspect: true, due: true }]);
    expect((await store.attempts.claimDue(worker, ['slow'], 10, true)).map((job) => job.id)).toEqual([id]);
  });

  test('in single-process mode is not taken by the row of its former queue, and keeps its place', async () => {
    const [id] = await store.submit({});
    await done(move());
    await store.queues.setPaused('slow', true);
    expect(await store.attempts.claimDue(worker, null, 10, false)).toEqual([]);
    expect(await placeIds()).toEqual([id]);
    await store.queues.setPaused('slow', false);
    expect((await store.attempts.claimDue(worker, null, 10, false)).map((job) => job.id)).toEqual([id]);
  });

  test('in single-process mode with several slots is taken in its new queue alone', async () => {
    const [id] = await store.submit({});
    await done(move());
    const slots = { free: 4, of: new Map([['k', 2]]) };
    expect(await store.attempts.claimDue(worker, ['default'], 10, false, slots)).toEqual([]);
    expect((await store.attempts.claimDue(worker, ['slow'], 10, false, slots)).map((job) => job.id)).toEqual([id]);
  });

  test('is left alone while somebody releases it, and found by the next look', async () => {
    const ids = await waiting(3);
    const other = await store.session();
    await other.query('BEGIN');
    await other.query('SELECT job_id FROM waiting_room WHERE job_id = $1 FOR UPDATE', [ids[1]]);
    expect(await bulk.find(move(), 'queued', null, 10)).toEqual({ ids, next: null });
    expect(await bulk.change(move(), ids)).toBe(2);
    await other.query('COMMIT');
    expect(await bulk.find(move(), 'queued', null, 10)).toEqual({ ids: [ids[1]], next: null });
    expect(await bulk.change(move(), [ids[1] as JobId])).toBe(1);
    expect(await placeIds()).toEqual(ids);
  });

  test('that has begun stays where it is', async () => {
    const { id } = await store.running(worker);
    expect(await done(move())).toBe(0);
    expect(await store.query('SELECT queue FROM jobs WHERE id = $1', [id])).toEqual([{ queue: 'default' }]);
  });

  test('goes to no queue that was deleted', async () => {
    await waiting(1);
    await store.queues.remove('slow');
    await expect(done(move())).rejects.toThrow('the queue "slow" is not declared any more');
    expect(await places()).toMatchObject([{ queue: 'default' }]);
  });

  test('keeps its unique key', async () => {
    const [id] = await waiting(1, { unique: { key: 'k u', keep: 'oldest' } });
    await done(move());
    expect(await store.query('SELECT job_id FROM unique_jobs')).toEqual([{ job_id: id }]);
  });
});

describe('a job that waits and gets another priority', () => {
  test('comes before those of a lower one, in the order in which the jobs have waited', async () => {
    const low = await waiting(2, { priority: 5 });
    const ids = await waiting(3, { priority: 4, tags: ['up'] });
    expect(await done({ ...reprioritise(9), filter: { ...filter(), tags: ['up'] } })).toBe(3);
    expect(await placeIds()).toEqual([...ids, ...low]);
  });

  test('may be started by the message that was under way, and by no second one', async () => {
    const id = await store.queued();
    expect(await done(reprioritise(9))).toBe(1);
    expect(await claim(id, 'default')).toMatchObject({ claimed: { id, priority: 9 } });
    expect(await released('default')).toEqual([id]);
    expect(await claim(id, 'default')).toMatchObject({ claimed: null, facts: { state: 'running' } });
  });

  test('and whose time has not come has it when it comes', async () => {
    const [id] = await store.submit({ delayMs: 3_600_000 });
    await done(reprioritise(0));
    expect(await rowsOf(id as JobId)).toEqual([{ queue: 'default', priority: 0, type: 'job', due: false }]);
  });

  test('keeps its limits, and gives back the slots that it has until its turn comes', async () => {
    await limit(store, 'one', { concurrency: 1 });
    const [first, second] = await waiting(2, { limitKeys: ['one'] });
    expect(await released('default')).toEqual([first]);
    await done({ ...reprioritise(9), filter: { ...filter(), ids: [second as JobId] } });
    await done({ ...reprioritise(0), filter: { ...filter(), ids: [first as JobId] } });
    expect(await released('default')).toEqual([second]);
    expect(await claim(first as JobId, 'default')).toMatchObject({ claimed: null, facts: { waits: true } });
  });

  test('that it has already is not counted, nor changed', async () => {
    await waiting(2, { priority: 9 });
    expect(await bulk.matching(reprioritise(9), 10)).toEqual({ count: 0, ids: [] });
    expect(await bulk.matching(reprioritise(8), 10)).toMatchObject({ count: 2 });
    expect(await done(reprioritise(9))).toBe(0);
  });
});
