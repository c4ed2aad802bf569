import { limitSettings, type NewJob, StaleLimits } from '@app/core';
import { PostgresLimits } from '../limits/postgres-limits.js';
import { keyed, newJob, TestStore } from '../testing/test-store.js';

let store: TestStore;
let revision: number;

beforeAll(async () => {
  store = await TestStore.open();
  const limits = new PostgresLimits(store.db);
  await limits.put('one', limitSettings({ match: {}, concurrency: 1 }));
  revision = (await limits.current()).revision;
});
afterEach(() => store.clear());
afterAll(() => store.close());

const counts = async () =>
  (
    await store.query(
      `SELECT (SELECT count(*)::integer FROM jobs) AS jobs, (SELECT count(*)::integer FROM outbox) AS outbox, (SELECT count(*)::integer FROM waiting_room) AS room,
              (SELECT count(*)::integer FROM idempotency_keys) AS keys`,
    )
  )[0];

describe('a submission that went by limits of an earlier revision', () => {
  test.each<[string, Partial<NewJob>[]]>([
    ['of one job', [{}]],
    ['of jobs of one shape', [{}, {}, {}]],
    ['of such jobs that wait for their turn', [{ waits: true }, { waits: true }]],
    ['of jobs with keys', [keyed('a'), keyed('b')]],
    ['of jobs with limits', [{ limitKeys: ['one'], waits: true }, {}]],
  ])('%s stores nothing, and says so', async (_, jobs) => {
    await expect(store.submissions.submit(jobs.map(newJob), undefined, revision - 1)).rejects.toBeInstanceOf(StaleLimits);
    expect(await counts()).toEqual({ jobs: 0, outbox: 0, room: 0, keys: 0 });
    await store.submissions.submit(jobs.map(newJob), undefined, revision);
    expect(await counts()).toMatchObject({ jobs: jobs.length });
  });

  test("leaves a caller's transaction as it was", async () => {
    await store.dataSource.transaction(async (transaction) => {
      await expect(store.submissions.submit([newJob()], transaction, revision - 1)).rejects.toBeInstanceOf(StaleLimits);
      await store.submissions.submit([newJob()], transaction, revision);
    });
    expect(await counts()).toMatchObject({ jobs: 1 });
  });
});

test('a job with limits waits in the room, and one of them that is due later takes its turn then', async () => {
  const [now, later] = [newJob({ limitKeys: ['one'], waits: true }), newJob({ limitKeys: ['one'], waits: true, delayMs: 60_000 })];
  await store.submissions.submit([now, later], undefined, revision);
  expect(await store.query('SELECT job_id, limit_keys FROM waiting_room')).toEqual([{ job_id: now.id, limit_keys: ['one'] }]);
  expect((await store.outboxOf(later.id)).map(({ type }) => type)).toEqual(['turn']);
  expect(await store.outboxOf(now.id)).toEqual([]);
});
