import type { JobId, JobMessage, WorkerId } from '@app/core';
import { PostgresWaitingRoom } from '../room/postgres-waiting-room.js';
import { limit, limitedJob, placesOf, releasedJob, slotsOf, taken, waitingJob } from '../testing/flow-rows.js';
import { newJob, TestStore } from '../testing/test-store.js';

let store: TestStore;
let worker: WorkerId;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  worker = await store.worker();
  await limit(store, 'api', { concurrency: 2 });
});

const idsOf = (messages: JobMessage[] | null) => (messages ?? []).flatMap(({ jobIds }) => jobIds);

describe('the waiting room', () => {
  test('releases jobs with limits and jobs without in one transaction, in the order of the queue', async () => {
    const room = new PostgresWaitingRoom(store.db);
    const limited = [await waitingJob(store, ['api']), await waitingJob(store, ['api']), await waitingJob(store, ['api'])];
    const free = await waitingJob(store, []);
    await store.query('UPDATE waiting_room SET limit_keys = NULL WHERE job_id = $1', [free]);
    const released = idsOf(await room.release([{ queue: 'default', jobs: 10 }], 30));
    expect(released.toSorted()).toEqual([limited[0], limited[1], free].toSorted());
    expect(await placesOf(store)).toEqual([{ job_id: limited[2], parked_on: 'api' }]);
  });

  test('wakes what has room when it is looked at, though everything of the queue was parked', async () => {
    const room = new PostgresWaitingRoom(store.db);
    const parked = await waitingJob(store, ['api'], { parkedOn: 'api' });
    expect((await room.look([])).waiting).toEqual(new Set(['default']));
    expect(idsOf(await room.release([{ queue: 'default', jobs: 10 }], 30))).toEqual([parked]);
  });

  test('says when a rate gives its next start', async () => {
    const room = new PostgresWaitingRoom(store.db);
    await limit(store, 'api', { rate: 1 });
    await waitingJob(store, ['api']);
    await waitingJob(store, ['api']);
    await room.release([{ queue: 'default', jobs: 10 }], 30);
    expect((await room.look([])).nextTurnMs).toBeGreaterThan(0);
    expect(room.limited.figures).toMatchObject({ parked: 1, rateWaits: 1, staleSlots: 0 });
  });
});

describe('in single-process mode', () => {
  const run = async (id: JobId) => {
    const [job] = await store.attempts.claimDue(worker, null, 10, false);
    expect(job).toMatchObject({ id });
    return job as NonNullable<typeof job>;
  };

  test('jobs with limits are released as rows that are due, and claimed with their slots', async () => {
    await limit(store, 'api', { concurrency: 1 });
    const room = new PostgresWaitingRoom(store.db);
    const [first, second] = [await waitingJob(store, ['api']), await waitingJob(store, ['api'])];
    expect(idsOf(await room.release([{ queue: 'default', jobs: 10 }], 0, 'limited'))).toEqual([first]);
    const job = await run(first);
    expect(await store.attempts.claimDue(worker, null, 10, false)).toEqual([]);
    await store.attempts.settle([{ jobId: job.id, token: job.token, event: 'succeeded', announce: false }]);
    expect(await slotsOf(store, second)).toEqual(['api']);
  });

  test('a job that comes back takes its turn when it is due', async () => {
    const room = new PostgresWaitingRoom(store.db);
    const id = await releasedJob(store, ['api']);
    const { token } = await store.claim(id, worker);
    await store.attempts.settle([{ jobId: id, token, event: 'snoozed', delayMs: 0, announce: false }]);
    await room.enterDue();
    expect(idsOf(await room.release([{ queue: 'default', jobs: 10 }], 0, 'limited'))).toEqual([id]);
    expect(await store.row(id)).toMatchObject({ state: 'queued' });
    await run(id);
  });

  test('a due job that got limits meanwhile does not run without slots: it gets a place, and its row is gone', async () => {
    const id = await limitedJob(store, ['api']);
    await store.query(
      `INSERT INTO outbox (id, type, job_ids, queue, priority, available_at) VALUES (gen_random_uuid(), 'job', ARRAY[$1::uuid], 'default', 4, now())`,
      [id],
    );
    expect(await store.attempts.claimDue(worker, null, 10, false)).toEqual([]);
    expect(await placesOf(store)).toEqual([{ job_id: id, parked_on: null }]);
    expect(await store.outboxOf(id)).toEqual([]);
    expect(await taken(store, 'api')).toBe(0);
  });

  test('a claim frees the unique key of the job', async () => {
    const { id } = newJob();
    await store.submissions.submit([newJob({ id })]);
    await store.query(`UPDATE jobs SET unique_key = 'key'`);
    await store.query(`INSERT INTO unique_jobs (unique_key, job_id) VALUES ('key', $1)`, [id]);
    await run(id);
    expect(await store.query('SELECT FROM unique_jobs')).toEqual([]);
  });
});
