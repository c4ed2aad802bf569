import { type ClaimedJob, type JobId, jsonText, type NewJob, type Settlement, type WorkerId } from '@app/core';
import { newToken, TestStore } from '../testing/test-store.js';

let store: TestStore;
let worker: WorkerId;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  worker = await store.worker();
});

async function running(more: Partial<NewJob> = {}): Promise<ClaimedJob> {
  const id = await store.queued(more);
  return store.claim(id, worker);
}

const success = ({ id, token }: Pick<ClaimedJob, 'id' | 'token'>, more: Partial<Settlement> = {}): Settlement => ({
  ...{ jobId: id, token, event: 'succeeded', result: jsonText({ of: id }), announce: false },
  ...more,
});

const rowOf = async (id: JobId) => {
  const [row] = await store.query<Record<string, unknown>>('SELECT * FROM jobs WHERE id = $1', [id]);
  const history = (await store.row(id)).history.map((entry) => entry.slice(0, 3));
  return { ...row, ...{ history, id: null, result: null, lease_token: null, publish_id: null }, ...withoutTimes };
};
const withoutTimes = { created_at: null, queued_at: null, started_at: null, finished_at: null, worker_id: null };

describe('successes that told nothing on the way', () => {
  test('leave the same row as those that are settled with others', async () => {
    const [plain, told] = [await running(), await running()];
    await store.attempts.settle([success(plain)]);
    // Announced from the outbox: that is for the general statement.
    await store.attempts.settle([success(told, { announce: true })]);
    expect(await rowOf(plain.id)).toEqual(await rowOf(told.id));
    expect(await rowOf(plain.id)).toMatchObject({ state: 'succeeded', events: 3, history: [[1, 'queued', 0], [2, 'running', 1], [3, 'succeeded', 1]] }); // prettier-ignore
  });

  test('are answered, in a batch with every other end, each in its place', async () => {
    const [plain, mailed, failed, stolen, announced] = [
      await running(),
      await running({ notify: [{ channel: 'reply', to: 'queue' }] }),
      await running(),
      await running(),
      await running(),
    ];
    const error = { code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: new Date(0).toISOString() };
    const answers = await store.attempts.settle([
      success(mailed),
      { jobId: failed.id, token: failed.token, event: 'failed', error, announce: false },
      success(plain),
      success({ id: stolen.id, token: newToken() }),
      success(announced, { announce: true }),
    ]);
    expect(answers).toMatchObject([
      { settled: true, job: { state: 'succeeded', notify: [{ to: 'queue' }], result: jsonText({ of: mailed.id }) } },
      { settled: true, job: { state: 'failed', errors: [{ message: 'no' }] } },
      { settled: true, job: { state: 'succeeded', notify: [], result: jsonText({ of: plain.id }), kind: 'test.job', events: 3 } },
      { settled: false },
      { settled: true, job: { state: 'succeeded' } },
    ]);
    expect(await store.row(stolen.id)).toMatchObject({ state: 'running' });
  });

  test('are recognised when the answer was lost and they are sent again', async () => {
    const job = await running();
    const [first] = await store.attempts.settle([success(job)]);
    const [again] = await store.attempts.settle([success(job)]);
    expect(again).toMatchObject({ settled: true, job: { state: 'succeeded', result: first?.settled ? first.job.result : 'none' } });
    expect((await store.row(job.id)).events).toBe(3);
  });

  test('give the progress that a heartbeat has written meanwhile', async () => {
    const job = await running();
    const events = [{ type: 'progress' as const, progress: { done: 7 }, ageMs: 0 }];
    await store.workers.heartbeat(worker, { name: 'w', concurrency: 1, queues: [] }, { leaseSeconds: 30, held: [], events: [{ jobId: job.id, token: job.token, events }] }); // prettier-ignore
    expect(await store.attempts.settle([success(job)])).toMatchObject([{ settled: true, job: { progress: { done: 7 } } }]);
  });

  test('leave a notice where an endpoint hears of all jobs', async () => {
    await store.query(`INSERT INTO webhook_endpoints VALUES (gen_random_uuid(), 'https://example.org', '', '{}', '{}', '{}', '[]')`);
    const job = await running();
    await store.attempts.settle([success(job)]);
    expect(await store.query('SELECT job_id, state FROM notices')).toEqual([{ job_id: job.id, state: 'succeeded' }]);
    await store.query('DELETE FROM notices; DELETE FROM webhook_endpoints');
  });
});
