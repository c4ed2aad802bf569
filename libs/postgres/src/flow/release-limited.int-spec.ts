import type { JobId, WorkerId } from '@app/core';
import { limit, limitedJob, placesOf, releasedJob, slotsOf, taken, waitingJob } from '../testing/flow-rows.js';
import { transact } from '../pool/transact.js';
import { TestStore } from '../testing/test-store.js';
import { releaseLimited } from './release-limited.js';
import { ParkedJobs } from './wake-parked.js';

let store: TestStore;
let worker: WorkerId;
let parked: ParkedJobs;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  worker = await store.worker();
  parked = new ParkedJobs(store.db);
});

/** The ids of what is released. */
async function release(jobs = 100, queue = 'default'): Promise<JobId[]> {
  const { messages } = await transact(store.db, (transaction) => releaseLimited(store.db, transaction, [{ queue, jobs }], 30));
  return messages.flatMap(({ jobIds }) => jobIds);
}

/** As a pass does it: what has room wakes, then it is released. */
async function pass(jobs = 100): Promise<JobId[]> {
  await parked.wake();
  return release(jobs);
}

async function waiting(count: number, ...keys: string[]): Promise<JobId[]> {
  const ids: JobId[] = [];
  for (let each = 0; each < count; each++) ids.push(await waitingJob(store, keys));
  return ids;
}

async function ends(...ids: JobId[]): Promise<void> {
  for (const id of ids) {
    const { token } = await store.claim(id, worker);
    await store.attempts.settle([{ jobId: id, token, event: 'succeeded', announce: false }]);
  }
}

describe('a release', () => {
  test('gives slots to the first jobs, with a message each, and parks those that the limit has no room for', async () => {
    await limit(store, 'api', { concurrency: 2 });
    const ids = await waiting(4, 'api');
    const { messages } = await transact(store.db, (transaction) => releaseLimited(store.db, transaction, [{ queue: 'default', jobs: 100 }], 30));
    expect(messages).toMatchObject(ids.slice(0, 2).map((id) => ({ type: 'job', jobIds: [id], kind: 'test.job', queue: 'default', priority: 4 })));
    for (const [index, { outboxId }] of messages.entries())
      expect(await store.outboxOf(ids[index] as JobId)).toMatchObject([{ id: outboxId, type: 'job', attempts: 1, due: false }]);
    expect(await placesOf(store)).toEqual(ids.slice(2).map((id) => ({ job_id: id, parked_on: 'api' })));
    expect(await slotsOf(store, ids[0] as JobId)).toEqual(['api']);
  });

  test('obeys an override while it lasts', async () => {
    await limit(store, 'api', { concurrency: 5 });
    await store.query(`UPDATE flow_limits SET override = '{"concurrency": 1}', override_until = now() + interval '1 hour'`);
    await waiting(3, 'api');
    expect(await release()).toHaveLength(1);
    await store.query(`UPDATE flow_limits SET override_until = now() - interval '1 second'`);
    expect(await pass()).toHaveLength(2);
  });

  test('leaves jobs without limits, of paused queues and of paused kinds where they are', async () => {
    await limit(store, 'api', { concurrency: 5 });
    const free = await waitingJob(store, []);
    await store.query('UPDATE waiting_room SET limit_keys = NULL');
    const ofPausedKind = await waitingJob(store, ['api'], { kind: 'paused.kind' });
    await store.query(`INSERT INTO paused_kinds (kind) VALUES ('paused.kind')`);
    expect(await release()).toEqual([]);
    await store.query(`DELETE FROM paused_kinds`);
    await store.query(`INSERT INTO queues (name, paused_at) VALUES ('default', now())`);
    expect(await release()).toEqual([]);
    await store.query('DELETE FROM queues');
    expect(await release()).toEqual([ofPausedKind]);
    expect((await placesOf(store)).map(({ job_id: id }) => id)).toEqual([free]);
  });

  test('goes by the order of the queue: a job behind jobs without limits does not overtake them', async () => {
    await limit(store, 'api', { concurrency: 5 });
    await waitingJob(store, []);
    await store.query('UPDATE waiting_room SET limit_keys = NULL');
    const later = await waitingJob(store, ['api']);
    const first = await waitingJob(store, ['api'], { priority: 9 });
    expect(await release(1)).toEqual([first]);
    expect(await release(1)).toEqual([]);
    expect(await release(2)).toEqual([later]);
  });

  test('leaves alone what somebody is cancelling at this moment, and takes away the places of jobs that have ended', async () => {
    await limit(store, 'api', { concurrency: 5 });
    const [ended, locked, ready] = await waiting(3, 'api');
    await store.query(`UPDATE jobs SET state = 'cancelled', history = '[]', finished_at = now() WHERE id = $1`, [ended]);
    const session = await store.session();
    await session.query('BEGIN');
    await session.query('SELECT FROM jobs WHERE id = $1 FOR UPDATE', [locked]);
    expect(await release()).toEqual([ready]);
    await session.query('COMMIT');
    expect((await placesOf(store)).map(({ job_id: id }) => id)).toEqual([locked]);
    expect(await taken(store, 'api')).toBe(1);
  });

  test('that is repeated after its answer was lost neither gives a job two slots nor takes one from another', async () => {
    await limit(store, 'api', { concurrency: 1 });
    const [id] = await waiting(1, 'api');
    await release();
    await store.query(
      `INSERT INTO waiting_room (job_id, queue, kind, priority, virtual_time, limit_keys) SELECT id, queue, kind, priority, 1, limit_keys FROM jobs`,
    );
    expect(await release()).toEqual([id]);
    expect(await taken(store, 'api')).toBe(1);
  });

  test('gives the slots of every key or of none (a slot held while waiting for another limit: Hatchet)', async () => {
    await limit(store, 'api', { concurrency: 1 });
    await limit(store, 'mail', { concurrency: 1 });
    const holder = await releasedJob(store, ['mail']);
    const both = await waitingJob(store, ['api', 'mail']);
    const one = await waitingJob(store, ['api']);
    expect(await release()).toEqual([one]);
    expect(await slotsOf(store, both)).toEqual([]);
    await ends(holder, one);
    expect(await pass()).toEqual([both]);
    expect(await slotsOf(store, both)).toEqual(['api', 'mail']);
  });

  test('passes by a blocked tenant at the head of the queue (Oban, Inngest)', async () => {
    await limit(store, 'partner', { concurrency: 1, per: 'tag:tenant' });
    await releasedJob(store, ['partner/tenant:a']);
    await waiting(30, 'partner/tenant:a');
    const [other] = await waiting(1, 'partner/tenant:b');
    expect(await release(1)).toEqual([other]);
  });
});

describe('jobs that are parked', () => {
  test('wake in the order of their queue when a slot is given back, and are released (a wake-up lost while a pass is under way: Hatchet)', async () => {
    await limit(store, 'api', { concurrency: 1 });
    const ids = await waiting(3, 'api');
    expect(await release()).toEqual([ids[0]]);
    // Freed between two statements of a pass, by a cancellation, which hands nothing on.
    await parked.wake();
    await store.jobs.cancel(ids[0] as JobId);
    expect(await release()).toEqual([]);
    expect(await pass()).toEqual([ids[1]]);
    expect(await placesOf(store)).toEqual([{ job_id: ids[2], parked_on: 'api' }]);
  });

  test('are released when their limit is deleted, raised or overridden', async () => {
    await limit(store, 'api', { concurrency: 1 });
    const ids = await waiting(5, 'api');
    await release();
    await limit(store, 'api', { concurrency: 2 });
    expect(await pass()).toEqual([ids[1]]);
    await store.query(`UPDATE flow_limits SET override = '{"concurrency": 3}', override_until = now() + interval '1 hour'`);
    expect(await pass()).toEqual([ids[2]]);
    await store.query('DELETE FROM flow_limits');
    expect(await pass()).toEqual(ids.slice(3));
  });

  test('wait until what runs fits again, after their limit was lowered', async () => {
    await limit(store, 'api', { concurrency: 3 });
    const ids = await waiting(5, 'api');
    await release();
    await limit(store, 'api', { concurrency: 1 });
    await ends(ids[0] as JobId, ids[1] as JobId);
    expect(await taken(store, 'api')).toBe(1);
    expect(await pass()).toEqual([]);
    await ends(ids[2] as JobId);
    expect(await taken(store, 'api')).toBe(1);
  });

  test('on a rate wake when it gives its next start, which a look tells', async () => {
    await limit(store, 'api', { rate: 1, burst: 1 });
    const ids = await waiting(2, 'api');
    expect(await release()).toEqual([ids[0]]);
    const { jobs, nextMs } = await parked.wake();
    expect(jobs).toBe(0);
    expect(nextMs).toBeGreaterThan(0);
    expect(nextMs).toBeLessThanOrEqual(1_000);
    await store.query(`UPDATE flow_rates SET next_at = now()`);
    expect(await pass()).toEqual([ids[1]]);
  });

  test('on a rate that was made faster do not wait for the time of the old one (a rate charged to the wrong period: Hatchet)', async () => {
    await limit(store, 'api', { rate: 1, burst: 1 });
    await waiting(2, 'api');
    await release();
    await store.query(`UPDATE flow_rates SET next_at = now() + interval '1 hour'`);
    expect((await parked.wake()).nextMs).toBeLessThanOrEqual(1_000);
  });

  test('of many keys are all looked at, some at each look', async () => {
    await limit(store, 'partner', { concurrency: 1 });
    await store.query(
      `INSERT INTO waiting_room (job_id, queue, kind, priority, virtual_time, limit_keys, parked_on)
       SELECT gen_random_uuid(), 'default', 'test.job', 4, n, ARRAY['partner/' || n], 'partner/' || n FROM generate_series(1, 700) n`,
    );
    expect((await parked.wake()).jobs).toBe(500);
    expect((await parked.wake()).jobs).toBe(200);
  });
});

test('a parent that waits for a child under the same limit of 1 has given its slot back (Trigger)', async () => {
  await limit(store, 'api', { concurrency: 1 });
  const parent = await releasedJob(store, ['api']);
  const child = await waitingJob(store, ['api'], { parkedOn: 'api' });
  const { token } = await store.claim(parent, worker);
  await store.attempts.settle([{ jobId: parent, token, event: 'snoozed', delayMs: 60_000, announce: false }]);
  await ends(child);
  expect(await store.row(child)).toMatchObject({ state: 'succeeded' });
});

test('a queue that is removed with jobs of limits in the room takes none of their slots with it', async () => {
  await limit(store, 'api', { concurrency: 1 });
  const there = await waitingJob(store, ['api'], { queue: 'gone' });
  const here = await limitedJob(store, ['api']);
  await store.attempts.awaitTurn(here);
  expect(await release()).toEqual([here]);
  expect((await placesOf(store)).map(({ job_id: id }) => id)).toEqual([there]);
});
