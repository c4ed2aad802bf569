import type { WorkerId } from '../job/job.js';
import type { SuspectWorker, SweepStore } from './worker-store.js';
import { Faults, ManualClock, RecordingLogger } from '../testing/index.js';
import { LeaseSweeper } from './sweep-leases.js';

const free = { workerId: 1 as WorkerId, lockFree: true, leaseOver: false };
const over = { workerId: 2 as WorkerId, lockFree: false, leaseOver: true };

function sweeping() {
  const clock = new ManualClock();
  const faults = new Faults();
  const recovered: WorkerId[] = [];
  const republished: string[] = [];
  const state = {
    suspects: [] as SuspectWorker[],
    databaseUpSeconds: 1_000,
    orphans: 0,
    late: 0,
    lookedForLate: 0,
    depths: { default: 0, busy: 5, unknown: null } as Record<string, number | null>,
    told: 0,
  };
  const store: SweepStore = {
    suspects: async () => {
      faults.meet('suspects');
      return { suspects: state.suspects, databaseUpSeconds: state.databaseUpSeconds };
    },
    recover: async (workerId) => {
      recovered.push(workerId);
      return 2;
    },
    expireLate: async () => {
      state.lookedForLate++;
      return state.late;
    },
    recoverOrphans: async () => state.orphans,
    republish: async () => undefined,
    republishLost: async (queue, empty) => {
      republished.push(`${queue}${empty ? ' (empty)' : ''}`);
      return 0;
    },
  };
  const sweeper = new LeaseSweeper({
    store,
    queues: {
      all: async () => [...Object.keys(state.depths).map((name) => ({ name, paused: false })), { name: 'paused', paused: true }],
      ensure: async () => undefined,
    },
    depth: async (queue) => state.depths[queue] ?? null,
    clock,
    logger: new RecordingLogger(),
    me: () => null,
    recovered: () => state.told++,
    config: { sweepMs: 1_000, leaseSeconds: 30, lockFreeMs: 3_000, emptyAfterSeconds: 3, emptySweepMs: 2_000, lostAfterSeconds: 120, lostSweepMs: 30_000 },
  });
  // It was made a lease ago: before that it judges nobody.
  (clock as unknown as { time: number }).time += 30_000;
  return { sweeper, clock, faults, recovered, republished, state };
}

describe('the sweep of leases', () => {
  test('ends what should have started by now at each look, also while it judges nobody', async () => {
    const { sweeper, clock, state } = sweeping();
    state.databaseUpSeconds = 1;
    sweeper.start();
    await clock.advance(2_000);
    expect(state.lookedForLate).toBe(3);
    await sweeper.close();
  });

  test('moves on the jobs of a worker whose lease is over, at once', async () => {
    const { sweeper, clock, recovered, state } = sweeping();
    state.suspects = [over];
    sweeper.start();
    await clock.advance(0);
    expect(recovered).toEqual([2]);
    expect(state.told).toBe(1);
    await sweeper.close();
  });

  test('judges a worker by its free lock only when that has been free for a while', async () => {
    const { sweeper, clock, recovered, state } = sweeping();
    state.suspects = [free];
    sweeper.start();
    await clock.advance(2_999);
    expect(recovered).toEqual([]);
    await clock.advance(1);
    expect(recovered).toEqual([1]);
    await sweeper.close();
  });

  test('begins to count anew for a worker that has locked again in between', async () => {
    const { sweeper, clock, recovered, state } = sweeping();
    state.suspects = [free];
    sweeper.start();
    await clock.advance(1_000);
    state.suspects = [];
    await clock.advance(10_000);
    state.suspects = [free];
    await clock.advance(3_000);
    expect(recovered).toEqual([]);
    await clock.advance(1_000);
    expect(recovered).toEqual([1]);
    await sweeper.close();
  });

  test('judges nobody while the database is up for less than a lease', async () => {
    const { sweeper, clock, recovered, state } = sweeping();
    state.suspects = [free, over];
    state.databaseUpSeconds = 29;
    sweeper.start();
    await clock.advance(20_000);
    expect(recovered).toEqual([]);
    state.databaseUpSeconds = 30;
    await clock.advance(1_000);
    expect(recovered).toEqual([2]);
    await sweeper.close();
  });

  test('judges nobody for one lease after the database did not answer', async () => {
    const { sweeper, clock, faults, recovered, state } = sweeping();
    state.suspects = [over];
    faults.plan('suspects');
    sweeper.start();
    await clock.advance(29_999);
    expect(recovered).toEqual([]);
    await clock.advance(1);
    expect(recovered).toEqual([2]);
    await sweeper.close();
  });

  test('a free lock that was seen before the database failed does not count', async () => {
    const { sweeper, clock, faults, recovered, state } = sweeping();
    state.suspects = [free];
    sweeper.start();
    await clock.advance(1_000);
    faults.plan('suspects');
    await clock.advance(1_000);
    await clock.advance(32_000);
    expect(recovered).toEqual([]);
    await clock.advance(1_000);
    expect(recovered).toEqual([1]);
    await sweeper.close();
  });

  test('tells when jobs of nobody were put back, and only then', async () => {
    const { sweeper, clock, state } = sweeping();
    sweeper.start();
    await clock.advance(1_000);
    expect(state.told).toBe(0);
    state.orphans = 1;
    await clock.advance(1_000);
    expect(state.told).toBe(1);
    await sweeper.close();
  });

  test('looks for lost messages in empty queues often, in all others now and then, where the depth is known and the queue not paused', async () => {
    const { sweeper, clock, republished } = sweeping();
    sweeper.start();
    await clock.advance(0);
    expect(republished.splice(0)).toEqual(['default (empty)', 'busy']);
    await clock.advance(4_000);
    expect(republished.splice(0)).toEqual(['default (empty)', 'default (empty)']);
    await clock.advance(25_000);
    expect(republished).not.toContain('busy');
    await clock.advance(1_000);
    expect(republished.filter((queue) => queue === 'busy')).toEqual(['busy']);
    await sweeper.close();
  });

  test('judges nobody for a lease after it began, nor after it stood still: the others may have stood still with it', async () => {
    const { sweeper, clock, recovered, state } = sweeping();
    state.suspects = [over];
    (clock as unknown as { time: number }).time -= 10_000;
    sweeper.start();
    await clock.advance(9_000);
    expect(recovered).toEqual([]);
    await clock.advance(1_000);
    expect(recovered).toEqual([2]);
    recovered.length = 0;
    // The process is frozen: its next look comes 20 s late.
    (clock as unknown as { time: number }).time += 20_000;
    await clock.advance(29_000);
    expect(recovered).toEqual([]);
    await clock.advance(2_000);
    expect(recovered).not.toEqual([]);
    await sweeper.close();
  });
});
