import { giveSlots, limit, limitedJob, waitingJob } from '../testing/flow-rows.js';
import { TestStore } from '../testing/test-store.js';
import { RoomCounter } from './room-figures.js';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(() => store.clear());

const counted = async () => {
  const counter = new RoomCounter(store.db, 0);
  await counter.tend();
  return counter.figures;
};

describe('the figures of the waiting room', () => {
  test('tell by queue and priority how many wait for their turn, and how long the oldest of them has; a parked one is no part of either', async () => {
    await limit(store, 'api', { concurrency: 1 });
    const old = await waitingJob(store, [], { priority: 9 });
    await waitingJob(store, [], { priority: 9 });
    const parked = await waitingJob(store, ['api'], { priority: 0, parkedOn: 'api' });
    await store.query(`UPDATE waiting_room SET entered_at = now() - interval '1 hour' WHERE job_id = ANY ($1::uuid[])`, [[old, parked]]);
    const { queues } = await counted();
    expect(queues.toSorted((one, other) => one.priority - other.priority)).toEqual([
      { queue: 'default', priority: 0, waiting: 0, oldestSeconds: null },
      { queue: 'default', priority: 9, waiting: 2, oldestSeconds: expect.any(Number) },
    ]);
    const oldest = queues.find(({ priority }) => priority === 9)?.oldestSeconds;
    expect(oldest).toBeGreaterThanOrEqual(3_600);
    expect(oldest).toBeLessThan(3_700);
  });

  test('sum up the keys of a limit, and have an unused limit, one by its override, and one that is gone and has slots left', async () => {
    await limit(store, 'api', { concurrency: 2, per: 'tag:tenant' });
    await limit(store, 'idle', { rate: 1 });
    await store.query(`UPDATE flow_limits SET override = '{"concurrency": 7}', override_until = now() + interval '1 hour' WHERE name = 'api'`);
    for (const keys of [['api/acme'], ['api/acme'], ['api/other', 'gone']]) await giveSlots(store, await limitedJob(store, keys));
    await waitingJob(store, ['api/acme'], { parkedOn: 'api/acme' });
    const { limits } = await counted();
    expect(limits.toSorted((one, other) => ((one.name ?? '') < (other.name ?? '') ? -1 : 1))).toEqual([
      { name: 'api', used: 3, parked: 1, capacity: 7 },
      { name: 'gone', used: 1, parked: 0, capacity: null },
      { name: 'idle', used: 0, parked: 0, capacity: null },
    ]);
  });

  test('tell fifty limits apart, however many there are, and sum up the others without a name', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `limit-${String(index).padStart(2, '0')}`);
    await store.query(`INSERT INTO flow_limits (name, match, concurrency) SELECT unnest($1::text[]), '{}', 3`, [names]);
    for (const name of ['limit-10', 'limit-55', 'limit-59']) await giveSlots(store, await limitedJob(store, [name]));
    const { limits } = await counted();
    expect(limits).toHaveLength(51);
    expect(limits.find(({ name }) => name === 'limit-10')).toEqual({ name: 'limit-10', used: 1, parked: 0, capacity: 3 });
    expect(limits.find(({ name }) => name === null)).toEqual({ name: null, used: 2, parked: 0, capacity: null });
  });

  test('are counted no sooner again than the time between two counts, and than fifty times what the last one took', async () => {
    let now = 0;
    let counts = 0;
    const db = Object.assign(Object.create(store.db) as typeof store.db, {
      run: async () => {
        counts++;
        now += 1_000;
        return [{ queues: [], limits: [] }];
      },
    });
    const counter = new RoomCounter(db, 10_000, () => now);
    await Promise.all([counter.tend(), counter.tend()]);
    now += 49_999;
    await counter.tend();
    expect(counts).toBe(1);
    now += 1;
    await counter.tend();
    expect(counts).toBe(2);
  });
});
