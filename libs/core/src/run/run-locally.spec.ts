import type { WorkerId } from '../job/job.js';
import { jsonText } from '../job/json-text.js';
import type { ClaimedJob } from './attempt-store.js';
import { ManualClock, MemoryAttempts, RecordingLogger, turns } from '../testing/index.js';
import { LocalProcessor } from './run-locally.js';

function processing(concurrency = 2) {
  const store = new MemoryAttempts();
  const clock = new ManualClock();
  const running = new Map<string, () => void>();
  const suspects = new Set<string>();
  const settling = new Set<string>();
  const heavy = new Set<string>();
  const settle = new Map<string, () => void>();
  const outcomes = { full: false };
  const processor = new LocalProcessor({
    store,
    runner: {
      get size() {
        return running.size;
      },
      get slots() {
        return running.size - settling.size - suspects.size + 2 * heavy.size;
      },
      get aside() {
        return suspects.size;
      },
      get full() {
        return outcomes.full;
      },
      runClaimed: ({ id, kind, crashes }: ClaimedJob, slotFreed?: () => void) =>
        new Promise<void>((resolve) => {
          if (crashes > 0) suspects.add(id);
          if (kind === 'heavy.job') heavy.add(id);
          settle.set(id, () => {
            settling.add(id);
            slotFreed?.();
          });
          running.set(id, () => {
            running.delete(id);
            settling.delete(id);
            suspects.delete(id);
            heavy.delete(id);
            resolve();
          });
        }),
    },
    clock,
    logger: new RecordingLogger(),
    workerId: () => 1 as WorkerId,
    severalSlots: () => new Map([['heavy.job', 3]]),
    config: { concurrency, pollMs: 1_000, queues: null },
  });
  const end = (id: string) => running.get(id)?.();
  const startSettling = (id: string) => settle.get(id)?.();
  return { store, clock, running, processor, outcomes, end, startSettling };
}

/** Waits for the end of `close` as time passes. */
async function close({ processor, clock }: Pick<ReturnType<typeof processing>, 'processor' | 'clock'>): Promise<void> {
  const closing = processor.close();
  await clock.advance(0);
  await closing;
}

const highQueues = Array.from({ length: 40 }, (_, index) => `high-${index}`);

/** Lets claims take from the first of these queues first, as of higher priorities. Returns the names of the claims that gave something. */
function inOrderOf(store: MemoryAttempts, queues: string[]): string[] {
  const order: string[] = [];
  const { claimDue, claimOldest } = store;
  store.claimDue = async (worker, _, limit, suspects) => {
    const taken: ClaimedJob[] = [];
    for (const queue of queues) taken.push(...(await claimDue.call(store, worker, [queue], limit - taken.length, suspects)));
    if (taken.length > 0) order.push('due');
    return taken;
  };
  store.claimOldest = async (...asked) => {
    const taken = await claimOldest.apply(store, asked);
    if (taken.length > 0) order.push('oldest');
    return taken;
  };
  return order;
}

describe('the local processor', () => {
  test('takes as many jobs as there are slots, and the next when one becomes free', async () => {
    const all = processing();
    const ids = [all.store.put().id, all.store.put().id, all.store.put().id];
    all.processor.start();
    await turns();
    expect([...all.running.keys()]).toEqual(ids.slice(0, 2));
    all.end(ids[0] as string);
    await turns();
    expect([...all.running.keys()]).toEqual(ids.slice(1));
    await close(all);
  });

  test('takes a job of several slots when so many are free, and none of those behind it before', async () => {
    const all = processing(4);
    const put = (kind: string) => all.store.put({ kind }).id;
    const [a, b, heavy, d] = [put('light.job'), put('light.job'), put('heavy.job'), put('light.job')];
    all.processor.start();
    await turns();
    expect([...all.running.keys()]).toEqual([a, b]);
    all.end(a);
    await turns();
    expect([...all.running.keys()]).toEqual([b, heavy]);
    all.end(b);
    await turns();
    expect([...all.running.keys()]).toEqual([heavy, d]);
    await close(all);
  });

  test('takes the one that has waited longest as one of sixteen, while more are due than can be taken', async () => {
    const all = processing(1);
    const order = inOrderOf(all.store, [...highQueues, 'low']);
    const low = all.store.put({ queue: 'low' }).id;
    for (const queue of highQueues) all.store.put({ queue });
    all.processor.start();
    await turns();
    while (!all.running.has(low)) {
      all.end([...all.running.keys()][0] as string);
      await all.clock.advance(10);
    }
    expect(order).toEqual([...Array.from({ length: 16 }, () => 'due'), 'oldest']);
    await close(all);
  });

  test('keeps slots for the one that has waited longest, when it takes more than are free', async () => {
    const all = processing(4);
    inOrderOf(all.store, [...highQueues, 'low']);
    const heavy = all.store.put({ queue: 'low', kind: 'heavy.job' }).id;
    for (const queue of highQueues) all.store.put({ queue });
    all.processor.start();
    await turns();
    let ended = 0;
    for (; !all.running.has(heavy); ended++) {
      all.end([...all.running.keys()][0] as string);
      await all.clock.advance(10);
    }
    expect(ended).toBeLessThan(20);
    await close(all);
  });

  test('takes large payloads few at a time, and nothing while large outcomes wait for the store', async () => {
    const all = processing(100);
    const asked: number[] = [];
    const { claimDue } = all.store;
    all.store.claimDue = (worker, queues, limit, suspects) => {
      if (!suspects) asked.push(limit);
      return claimDue.call(all.store, worker, queues, limit, suspects);
    };
    const payload = jsonText('x'.repeat(900_000));
    for (let count = 0; count < 12; count++) all.store.put({ payload });
    all.processor.start();
    await turns();
    expect(asked.slice(0, 3)).toEqual([8, 2, 2]);
    expect(all.running.size).toBe(12);
    all.outcomes.full = true;
    all.store.put();
    all.processor.nudge();
    await turns();
    expect(all.running.size).toBe(12);
    all.outcomes.full = false;
    all.processor.nudge();
    await turns();
    expect(all.running.size).toBe(13);
    await close(all);
  });

  test('takes the next job when a handler has ended, while its outcome is written; as many again at most', async () => {
    const all = processing(1);
    const ids = [all.store.put().id, all.store.put().id, all.store.put().id];
    all.processor.start();
    await turns();
    all.startSettling(ids[0] as string);
    await turns();
    expect([...all.running.keys()]).toEqual(ids.slice(0, 2));
    // The database does not get done with what there is: no more is taken.
    all.startSettling(ids[1] as string);
    await turns();
    expect([...all.running.keys()]).toEqual(ids.slice(0, 2));
    all.end(ids[0] as string);
    await turns();
    expect([...all.running.keys()]).toEqual(ids.slice(1));
    await close(all);
  });

  test('looks at once when it is nudged, and each poll otherwise', async () => {
    const all = processing();
    all.processor.start();
    await turns();
    const first = all.store.put().id;
    all.processor.nudge();
    await turns();
    expect([...all.running.keys()]).toEqual([first]);
    const second = all.store.put().id;
    await all.clock.advance(1_000);
    expect([...all.running.keys()]).toEqual([first, second]);
    await close(all);
  });

  test('takes jobs that have crashed a worker beside its slots, as many again at most', async () => {
    const all = processing(1);
    const innocent = all.store.put().id;
    const [suspect] = [all.store.put({}, { crashes: 1 }).id, all.store.put({}, { crashes: 1 }).id, all.store.put().id];
    all.processor.start();
    await turns();
    expect([...all.running.keys()]).toEqual([innocent, suspect]);
    await close(all);
  });

  test('looks for jobs that have crashed a worker once a poll, however often it is nudged', async () => {
    const all = processing();
    const looks: boolean[] = [];
    const claimDue = all.store.claimDue.bind(all.store);
    all.store.claimDue = (workerId, queues, limit, suspects) => {
      looks.push(suspects);
      return claimDue(workerId, queues, limit, suspects);
    };
    all.processor.start();
    await turns();
    for (let nudges = 0; nudges < 5; nudges++) {
      all.processor.nudge();
      await turns();
    }
    expect(looks.filter(Boolean)).toHaveLength(1);
    expect(looks.filter((suspects) => !suspects).length).toBeGreaterThan(4);
    const suspect = all.store.put({}, { crashes: 1 }).id;
    await all.clock.advance(1_000);
    expect([...all.running.keys()]).toEqual([suspect]);
    await close(all);
  });

  test('goes on after the database failed', async () => {
    const all = processing();
    const { id } = all.store.put();
    all.store.faults.plan('claimDue');
    all.processor.start();
    await turns();
    expect(all.running.size).toBe(0);
    await all.clock.advance(1_000);
    expect([...all.running.keys()]).toEqual([id]);
    await close(all);
  });

  test('takes nothing after close', async () => {
    const all = processing();
    all.processor.start();
    await turns();
    await close(all);
    all.store.put();
    await all.clock.advance(5_000);
    expect(all.running.size).toBe(0);
  });
});
