import type { JobId, WorkerId } from '@app/core';
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
});

const places = () =>
  store.query<{ job_id: JobId; queue: string; kind: string; priority: number; virtual_time: number; suspect: boolean }>(
    'SELECT job_id, queue, kind, priority, virtual_time, suspect FROM waiting_room ORDER BY queue, priority DESC, virtual_time, job_id',
  );

describe('holding back jobs of a paused kind', () => {
  test('gives those that are queued a place in the waiting room, and leaves the others alone', async () => {
    const queued = await store.queued({ priority: 7 });
    const running = await store.running(worker);
    const scheduled = await store.queued({ delayMs: 60_000 });
    expect(await store.attempts.holdBack([queued, running.id, scheduled])).toEqual([queued]);
    expect(await places()).toMatchObject([{ job_id: queued, queue: 'default', kind: 'test.job', priority: 7, suspect: false }]);
    expect((await store.row(queued)).state).toBe('queued');
  });

  test('puts them before all that wait in their queue and priority', async () => {
    const [first, second] = await store.submit({}, {});
    await store.query(
      `INSERT INTO waiting_room (job_id, queue, kind, priority, virtual_time) VALUES (gen_random_uuid(), 'default', 'test.job', 4, 10), (gen_random_uuid(), 'default', 'test.job', 9, 1)`,
    );
    await store.query('UPDATE jobs SET priority = 4');
    await store.attempts.holdBack([first as JobId, second as JobId]);
    expect((await places()).map(({ priority, virtual_time: time }) => [priority, time])).toEqual([
      [9, 1],
      [4, 10],
      [4, 10],
      [4, 10],
    ]);
  });

  test('leaves the place of one that has one as it is', async () => {
    const id = await store.queued();
    await store.attempts.holdBack([id]);
    await store.query('UPDATE waiting_room SET virtual_time = 3');
    expect(await store.attempts.holdBack([id])).toEqual([id]);
    expect(await places()).toMatchObject([{ job_id: id, virtual_time: 3 }]);
  });

  test('keeps in mind that a job has crashed a worker', async () => {
    const id = await store.queued();
    await store.query('UPDATE jobs SET crashes = 1');
    await store.attempts.holdBack([id]);
    expect(await places()).toMatchObject([{ job_id: id, suspect: true }]);
  });
});
