import type { WorkerDescription, WorkerId } from '@app/core';
import { TestStore } from '../testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());

const DETAILS = { version: '1.0.0', node: '20', kinds: [], memoryBytes: 1, gateway: false, abandoned: [] };
const NOTHING = { leaseSeconds: 60, held: [], events: [] };

const describedAs = (more: Partial<WorkerDescription> = {}): WorkerDescription => ({ name: 'host:1', concurrency: 1, queues: [], ...more });
const register = (more: Partial<WorkerDescription> = {}) => store.workers.register(describedAs({ details: { ...DETAILS, queues: [] }, ...more }), 60);

describe('queues that are assigned to a worker', () => {
  test('come with its next heartbeat and each after it, until they are taken back', async () => {
    const id = await register();
    expect((await store.workers.heartbeat(id, describedAs(), NOTHING)).assigned).toBeUndefined();
    const worker = await store.workers.assignQueues(id, ['a', 'b'], { by: 'anna', reason: 'full' });
    expect(worker).toMatchObject({
      queues: [],
      assigned: { queues: ['a', 'b'], by: 'anna', reason: 'full', requestedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string },
    });
    for (let beat = 0; beat < 2; beat++)
      expect((await store.workers.heartbeat(id, describedAs({ queues: ['a', 'b'] }), NOTHING)).assigned).toMatchObject({ queues: ['a', 'b'], by: 'anna' });
    expect(await store.workers.find(id)).toMatchObject({ queues: ['a', 'b'], details: { queues: [] } });
    await store.workers.assignQueues(id, ['c'], {});
    expect((await store.workers.find(id))?.assigned).toMatchObject({ queues: ['c'], by: null, reason: null });
    expect((await store.workers.assignQueues(id, null, { reason: 'over' }))?.assigned).toBeNull();
    expect((await store.workers.heartbeat(id, describedAs(), NOTHING)).assigned).toBeUndefined();
  });

  test('are those that the worker knows where its row is made again, and never others than the row has', async () => {
    const id = await register();
    await store.workers.assignQueues(id, ['a'], { by: 'anna' });
    const { assigned } = await store.workers.heartbeat(id, describedAs(), NOTHING);
    await store.workers.unregister(id);
    const known = describedAs(assigned ? { assigned } : {});
    expect(await store.workers.heartbeat(id, known, NOTHING)).toMatchObject({ assigned, undescribed: true });
    expect(await store.workers.assignQueues(id, null, {})).toBeNull();
    const described = await store.workers.heartbeat(id, { ...known, details: { ...DETAILS, queues: [] } }, NOTHING);
    expect(described).toMatchObject({ assigned });
    expect(described.undescribed).toBeUndefined();
    await store.workers.assignQueues(id, null, {});
    expect((await store.workers.heartbeat(id, known, NOTHING)).assigned).toBeUndefined();
  });

  test('are refused by the statement itself where the worker would not obey', async () => {
    const ids: Record<string, WorkerId> = {
      gone: 2_000_000_000 as WorkerId,
      drains: await register(),
      late: await register(),
      older: await register({ details: DETAILS }),
    };
    await store.workers.requestDrain(ids['drains'] as WorkerId, {});
    await store.query(`UPDATE workers SET lease_until = now() WHERE id = $1`, [ids['late']]);
    for (const id of Object.values(ids)) expect(await store.workers.assignQueues(id, ['a'], {})).toBeNull();
    for (const name of ['drains', 'late', 'older']) expect((await store.workers.find(ids[name] as WorkerId))?.assigned).toBeNull();
  });

  test('elsewhere leave the queues of its configuration declared: jobs of them are accepted, and wait', async () => {
    const id = await register({ queues: ['of-its-own'], details: { ...DETAILS, queues: ['of-its-own'] } });
    await store.workers.heartbeat(id, describedAs({ queues: ['a'] }), NOTHING);
    expect(await store.queues.declared()).toEqual(expect.arrayContaining(['a', 'of-its-own']));
    await store.workers.unregister(id);
    expect(await store.queues.declared()).not.toContain('of-its-own');
  });
});
