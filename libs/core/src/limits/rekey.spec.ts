import { LimitsAt } from './matching.js';
import { type RekeyPage, type RekeyPlace, rekeyJobs, type RekeyStore } from './rekey.js';

const clock = { now: () => 0, sleep: () => Promise.resolve() };
const limits = { current: () => Promise.resolve(new LimitsAt(1, [])) };

/** A store with so many pages of ten jobs, one of which has other keys. */
class Pages implements RekeyStore {
  readonly asked: (RekeyPlace | null)[] = [];
  readonly turned: (string | null)[] = [];
  open = 0;

  constructor(private readonly pages: number) {}

  page(_: LimitsAt, after: RekeyPlace | null): Promise<RekeyPage> {
    this.asked.push(after);
    const number = Number(after?.id ?? 0) + 1;
    return Promise.resolve({ looked: 10, changed: 1, last: number < this.pages ? { queue: 'default', id: String(number) } : null });
  }

  turnPage(after: string | null): Promise<string | null> {
    this.turned.push(after);
    return Promise.resolve(after === null ? 'row' : null);
  }

  nextTransaction(): Promise<bigint> {
    return Promise.resolve(2n);
  }

  oldestTransaction(): Promise<bigint> {
    return Promise.resolve(this.open-- > 0 ? 1n : 2n);
  }
}

/** A handler's context that remembers its steps, as attempts of one job share them. */
function context(memory = new Map<string, unknown>()) {
  const told: unknown[] = [];
  return {
    signal: new AbortController().signal,
    told,
    memory,
    progress: (progress: unknown) => void told.push(progress),
    step: async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
      if (!memory.has(name)) memory.set(name, await work());
      return memory.get(name) as Result;
    },
  };
}

describe('keying waiting jobs anew', () => {
  test.each([1, 2, 20, 21, 50])('looks at each of %d pages once, and counts', async (pages) => {
    const store = new Pages(pages);
    expect(await rekeyJobs({ store, limits, clock }, context())).toEqual({ looked: pages * 10, changed: pages });
    expect(store.asked.map((place) => Number(place?.id ?? 0))).toEqual(Array.from({ length: pages }, (_, page) => page));
    expect(store.turned).toEqual([null, 'row']);
  });

  test('goes on behind the steps of an attempt before, and counts them too', async () => {
    const first = context();
    const broken = new Pages(50);
    broken.page = (_, after) => (Number(after?.id ?? 0) < 25 ? Pages.prototype.page.call(broken, _, after) : Promise.reject(new Error('away')));
    await expect(rekeyJobs({ store: broken, limits, clock }, first)).rejects.toThrow('away');
    const store = new Pages(50);
    expect(await rekeyJobs({ store, limits, clock }, context(first.memory))).toEqual({ looked: 500, changed: 50 });
    expect(store.asked[0]).toEqual({ queue: 'default', id: '20' });
  });

  test('waits for submissions that had begun before it', async () => {
    const store = new Pages(1);
    store.open = 4;
    let slept = 0;
    const patient = { now: () => slept * 100, sleep: () => Promise.resolve(slept++).then(() => undefined) };
    await rekeyJobs({ store, limits, clock: patient }, context());
    expect(slept).toBeGreaterThanOrEqual(3);
  });

  test('waits for no transaction that is open for long', async () => {
    const store = new Pages(1);
    store.open = Infinity;
    let slept = 0;
    await rekeyJobs({ store, limits, clock: { now: () => slept * 100, sleep: () => Promise.resolve(slept++).then(() => undefined) } }, context());
    expect(slept * 100).toBeLessThan(11_000);
    expect(store.asked).toHaveLength(1);
  });
});
