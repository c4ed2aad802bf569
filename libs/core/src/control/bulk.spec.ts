import type { JobId } from '../job/job.js';
import type { JobState } from '../job/lifecycle.js';
import { ManualClock } from '../testing/index.js';
import type { BulkContext } from './act-pages.js';
import { bulkAct, type BulkFound, type BulkRequest, type BulkStore } from './bulk.js';

const filter = { before: new Date(0) };

/** Jobs by their state, of which two are found at once. */
class Jobs implements BulkStore {
  readonly asked: string[] = [];
  /** How many were changed at once. */
  readonly pages: number[] = [];
  dies = Infinity;
  atOnce = 2;
  /** Called after each page. */
  meanwhile: () => void = () => undefined;

  constructor(readonly jobs: Record<string, number>) {}

  async find(_: BulkRequest, state: JobState, after: JobId | null, most: number): Promise<BulkFound> {
    if (this.asked.length >= this.dies) throw new Error('the process died');
    this.asked.push(`${state} ${after ?? 'first'}`);
    const found = Math.min(this.atOnce, most, this.jobs[state] ?? 0);
    const left = (this.jobs[state] ?? 0) - found;
    return { ids: new Array<JobId>(found).fill(state as string as JobId), next: left > 0 ? (String(left) as JobId) : null };
  }

  async change(_: BulkRequest, ids: JobId[]): Promise<number> {
    const state = String(ids[0]);
    this.pages.push(ids.length);
    this.jobs[state] = (this.jobs[state] ?? 0) - ids.length;
    this.meanwhile();
    return ids.length;
  }

  async matching(): Promise<{ count: number; ids: JobId[] }> {
    return { count: 0, ids: [] };
  }
}

function context(memory = new Map<string, unknown>(), stop = new AbortController()) {
  const told: unknown[] = [];
  const made: BulkContext & { told: unknown[]; memory: Map<string, unknown> } = {
    signal: stop.signal,
    told,
    memory,
    progress: (progress) => void told.push(progress),
    step: async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
      if (!memory.has(name)) memory.set(name, await work());
      return memory.get(name) as Result;
    },
  };
  return made;
}

describe('an act on many jobs', () => {
  test('goes through all states that it is for, and tells how far it is', async () => {
    const store = new Jobs({ scheduled: 3, queued: 2, running: 1 });
    const at = context();
    await expect(bulkAct({ store, clock: new ManualClock() }, { act: 'cancel', filter }, at)).resolves.toEqual({ matched: 6, changed: 6 });
    expect(store.jobs).toEqual({ scheduled: 0, queued: 0, running: 0 });
    expect(at.told.at(-1)).toEqual({ done: 6, message: '6 changed' });
  });

  test('finds a job that goes back to a state that was done already, by another pass', async () => {
    const store = new Jobs({ running: 1 });
    let moved = false;
    store.meanwhile = () => {
      if (moved || !store.asked.includes('queued first')) return;
      moved = true;
      store.jobs['scheduled'] = 1;
    };
    await expect(bulkAct({ store, clock: new ManualClock() }, { act: 'cancel', filter }, context())).resolves.toEqual({ matched: 2, changed: 2 });
  });

  test('of one state looks at no other', async () => {
    const store = new Jobs({ scheduled: 1, queued: 1 });
    await bulkAct({ store, clock: new ManualClock() }, { act: 'cancel', filter: { ...filter, states: ['queued'] } }, context());
    expect(store.asked).toEqual(['queued first']);
  });

  test('goes on behind its last step when its process has died', async () => {
    const store = new Jobs({ failed: 50 });
    store.dies = 12;
    const memory = new Map<string, unknown>();
    const request: BulkRequest = { act: 'redrive', filter };
    await expect(bulkAct({ store, clock: new ManualClock() }, request, context(memory))).rejects.toThrow('died');
    store.dies = Infinity;
    await bulkAct({ store, clock: new ManualClock() }, request, context(memory));
    expect(store.jobs['failed']).toBe(0);
    expect(store.asked.filter((page) => page === 'failed first')).toHaveLength(1);
  });

  test('with a rate changes no more jobs in a second', async () => {
    const store = new Jobs({ failed: 6 });
    const clock = new ManualClock();
    let ended = false;
    const done = bulkAct({ store, clock }, { act: 'redrive', filter, rate: 1 }, context()).then(() => (ended = true));
    await clock.advance(3_500);
    expect(store.jobs['failed']).toBe(2);
    await clock.advance(3_000);
    await done;
    expect(ended).toBe(true);
  });

  test('without a rate gives way after each page for as long as the store took for it', async () => {
    const store = new Jobs({ failed: 6 });
    let now = 0;
    const rests: number[] = [];
    const took = [10, 500, 20];
    store.meanwhile = () => (now += took.shift() ?? 0);
    const clock = {
      now: () => now,
      sleep: async (ms: number) => {
        rests.push(ms);
        now += ms;
      },
    };
    await bulkAct({ store, clock }, { act: 'redrive', filter }, context());
    expect(rests).toEqual([10, 500, 20]);
  });

  test('looks for many at once, and changes fifty of them at a time', async () => {
    const store = new Jobs({ failed: 620 });
    store.atOnce = Infinity;
    await bulkAct({ store, clock: new ManualClock() }, { act: 'redrive', filter }, context());
    expect(store.asked).toEqual(['failed first', 'failed 120']);
    expect(store.pages).toEqual([...new Array<number>(12).fill(50), 20]);
  });

  test('with a rate looks for no more than it changes next', async () => {
    const store = new Jobs({ failed: 6 });
    store.atOnce = Infinity;
    const clock = new ManualClock();
    const done = bulkAct({ store, clock }, { act: 'redrive', filter, rate: 3 }, context());
    await clock.advance(3_000);
    await done;
    expect([store.asked, store.pages]).toEqual([
      ['failed first', 'failed 3'],
      [3, 3],
    ]);
  });

  test('on jobs that wait finds again what others were just releasing, and counts it once', async () => {
    const store = new Jobs({ queued: 3 });
    let busy = 1;
    store.atOnce = 10;
    store.change = async (_, ids) => {
      const changed = Math.max(0, ids.length - busy);
      busy = 0;
      store.jobs['queued'] = ids.length - changed;
      return changed;
    };
    const clock = new ManualClock();
    const done = bulkAct({ store, clock }, { act: 'move', filter: { ...filter, states: ['queued'] }, toQueue: 'slow' }, context());
    await clock.advance(1_000);
    await expect(done).resolves.toEqual({ matched: 3, changed: 3 });
    expect(store.asked).toEqual(['queued first', 'queued first']);
  });

  test('on jobs that wait gives up on what is never free, and says so', async () => {
    const store = new Jobs({ queued: 1 });
    store.change = async () => 0;
    const clock = new ManualClock();
    const done = bulkAct({ store, clock }, { act: 'reprioritise', filter, toPriority: 9 }, context());
    for (let turn = 0; turn < 20; turn++) await clock.advance(100);
    await expect(done).resolves.toEqual({ matched: 1, changed: 0 });
  });

  test('that is told to stop changes nothing more', async () => {
    const store = new Jobs({ failed: 10 });
    const stop = new AbortController();
    store.meanwhile = () => stop.abort(new Error('cancelled'));
    await expect(bulkAct({ store, clock: new ManualClock() }, { act: 'redrive', filter }, context(new Map(), stop))).rejects.toThrow('cancelled');
    expect(store.asked).toHaveLength(1);
  });
});
