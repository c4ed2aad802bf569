import type { JobId } from '@app/core';
import { uuidv7 } from '@app/core';
import { limit, limitedJob, releasedJob, slotsOf, taken, waitingJob } from '../testing/flow-rows.js';
import { TestStore } from '../testing/test-store.js';
import { freeStaleSlots } from './stale-slots.js';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  await limit(store, 'api', { concurrency: 9 });
});

async function takenSince(id: JobId, seconds: number): Promise<void> {
  await store.query(`INSERT INTO flow_slots (limit_key, job_id, taken_at) VALUES ('api', $1, now() - $2 * interval '1 second')`, [id, seconds]);
}

test('the slots of jobs that have ended, are gone, wait for their time or wait in the room are given back and counted (Trigger, Hatchet, Kestra)', async () => {
  const [ended, later, waiting] = [await limitedJob(store, ['api']), await limitedJob(store, ['api'], { delayMs: 60_000 }), await waitingJob(store, ['api'])];
  await store.query(`UPDATE jobs SET state = 'cancelled', history = '[]', finished_at = now() WHERE id = $1`, [ended]);
  for (const id of [ended, later, waiting, uuidv7() as JobId]) await takenSince(id, 31);
  expect(await freeStaleSlots(store.db)).toBe(4);
  expect(await taken(store, 'api')).toBe(0);
  expect(await freeStaleSlots(store.db)).toBe(0);
});

test('the slots of jobs that run, or that RabbitMQ has, stay, however old they are', async () => {
  const [running, published] = [await releasedJob(store, ['api']), await releasedJob(store, ['api'])];
  await store.claim(running, await store.worker());
  await store.query(`UPDATE flow_slots SET taken_at = now() - interval '1 day'`);
  expect(await freeStaleSlots(store.db)).toBe(0);
  expect(await slotsOf(store, running)).toEqual(['api']);
  expect(await slotsOf(store, published)).toEqual(['api']);
});

test('a slot that was taken just now stays: its job may be on its way', async () => {
  await takenSince(await waitingJob(store, ['api']), 5);
  expect(await freeStaleSlots(store.db)).toBe(0);
});

test('a job that is claimed at this moment keeps its slots', async () => {
  const id = await waitingJob(store, ['api']);
  await takenSince(id, 31);
  const claim = await store.session();
  await claim.query('BEGIN');
  await claim.query('SELECT FROM jobs WHERE id = $1 FOR UPDATE', [id]);
  const freeing = freeStaleSlots(store.db);
  await store.waits();
  await claim.query('DELETE FROM waiting_room');
  await claim.query('COMMIT');
  expect(await freeing).toBe(0);
  expect(await slotsOf(store, id)).toEqual(['api']);
});
