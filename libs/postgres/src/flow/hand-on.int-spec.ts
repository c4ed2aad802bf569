import type { JobId, SettleAnswer, WorkerId } from '@app/core';
import { limit, placesOf, releasedJob, slotsOf, taken, waitingJob } from '../testing/flow-rows.js';
import { TestStore } from '../testing/test-store.js';

let store: TestStore;
let worker: WorkerId;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  worker = await store.worker();
  await limit(store, 'api', { concurrency: 1 });
});

async function ends(...ids: JobId[]): Promise<SettleAnswer[]> {
  const claimed = await Promise.all(ids.map((id) => store.claim(id, worker)));
  return store.attempts.settle(claimed.map(({ id, token }) => ({ jobId: id, token, event: 'succeeded', announce: false })));
}

const parkedJob = (more = {}) => waitingJob(store, ['api'], { parkedOn: 'api', ...more });

describe('a settlement hands the slot of its job on', () => {
  test('to the first job that is parked on its limit, which may begin at once and has a row that any relay publishes; no slot is left, so no release has to look', async () => {
    const holder = await releasedJob(store, ['api']);
    const [later, first] = [await parkedJob(), await parkedJob({ priority: 9 })];
    const [answer] = await ends(holder);
    const [row] = await store.outboxOf(first);
    expect(answer?.slots).toEqual({
      handedOn: [{ type: 'job', outboxId: row?.id, jobIds: [first], kind: 'test.job', queue: 'default', priority: 9, traceparent: null }],
      roomFreed: false,
    });
    expect(row).toMatchObject({ type: 'job', attempts: 1 });
    expect(await slotsOf(store, first)).toEqual(['api']);
    expect(await placesOf(store)).toEqual([{ job_id: later, parked_on: 'api' }]);
    expect(await store.claim(first, worker)).toMatchObject({ id: first });
  });

  test('of each of many jobs that end together to another one', async () => {
    await limit(store, 'api', { concurrency: 3 });
    const holders = [await releasedJob(store, ['api']), await releasedJob(store, ['api']), await releasedJob(store, ['api'])];
    const parked = [await parkedJob(), await parkedJob()];
    const [answer] = await ends(...holders);
    expect(answer?.slots?.handedOn.flatMap(({ jobIds }) => jobIds).toSorted()).toEqual(parked.toSorted());
    expect(await taken(store, 'api')).toBe(2);
  });

  test('to none whose queue or kind is paused, whose time to start has passed, or that has ended', async () => {
    await limit(store, 'api', { concurrency: 9 });
    await store.query(`INSERT INTO queues (name, paused_at) VALUES ('paused', now())`);
    await store.query(`INSERT INTO paused_kinds (kind) VALUES ('paused.kind')`);
    await parkedJob({ queue: 'paused' });
    await parkedJob({ kind: 'paused.kind' });
    const [late, ended, good] = [await parkedJob(), await parkedJob(), await parkedJob()];
    await store.query(`UPDATE waiting_room SET start_before = now() WHERE job_id = $1`, [late]);
    await store.query(`UPDATE jobs SET state = 'cancelled', history = '[]', finished_at = now() WHERE id = $1`, [ended]);
    const [answer] = await ends(await releasedJob(store, ['api']));
    expect(answer?.slots?.handedOn).toMatchObject([{ jobIds: [good] }]);
  });

  test('to nobody when the first job waits for another limit too: it must not be passed over for ever; a release has to look', async () => {
    await limit(store, 'mail', { concurrency: 1 });
    const holder = await releasedJob(store, ['api']);
    await waitingJob(store, ['api', 'mail'], { parkedOn: 'api' });
    await parkedJob();
    const [answer] = await ends(holder);
    expect(answer?.slots).toEqual({ handedOn: [], roomFreed: true });
    expect(await taken(store, 'api')).toBe(0);
  });

  test('to nobody while more jobs run than the limit allows since it was lowered', async () => {
    const holders = [await releasedJob(store, ['api']), await releasedJob(store, ['api'])];
    await parkedJob();
    await ends(holders[0] as JobId);
    expect(await taken(store, 'api')).toBe(1);
    await ends(holders[1] as JobId);
    expect(await taken(store, 'api')).toBe(1);
  });

  test('to nobody under a rate, which a release has to ask', async () => {
    await limit(store, 'api', { concurrency: 1, rate: 10 });
    const holder = await releasedJob(store, ['api']);
    await parkedJob();
    expect((await ends(holder))[0]?.slots).toEqual({ handedOn: [], roomFreed: true });
  });

  test('in the transaction of a handler with its commit, and not at all when that is rolled back', async () => {
    const holder = await releasedJob(store, ['api']);
    const next = await parkedJob();
    const { id, token } = await store.claim(holder, worker);
    const open = await store.transactions.begin();
    await store.attempts.settle([{ jobId: id, token, event: 'succeeded', announce: false }], open.transaction);
    await open.rollback();
    expect(await slotsOf(store, holder)).toEqual(['api']);
    expect(await slotsOf(store, next)).toEqual([]);
  });

  test('and says nothing of slots where the jobs had none', async () => {
    const job = await store.running(worker);
    const [answer] = await store.attempts.settle([{ jobId: job.id, token: job.token, event: 'failed', announce: false }]);
    expect(answer).not.toHaveProperty('slots');
  });
});

test('jobs that end one after the other in several settlements at once keep the limit full and never exceed it', async () => {
  await limit(store, 'api', { concurrency: 3 });
  let running = [await releasedJob(store, ['api']), await releasedJob(store, ['api']), await releasedJob(store, ['api'])];
  for (let each = 0; each < 12; each++) await parkedJob();
  for (let round = 0; round < 4; round++) {
    const answers = (await Promise.all(running.map((id) => ends(id)))).flat();
    running = answers.flatMap(({ slots }) => slots?.handedOn.flatMap(({ jobIds }) => jobIds) ?? []);
    expect(running).toHaveLength(3);
    expect(await taken(store, 'api')).toBe(3);
  }
  expect(await placesOf(store)).toEqual([]);
});
