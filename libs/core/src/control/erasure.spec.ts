import type { JobId } from '../job/job.js';
import { ManualClock } from '../testing/index.js';
import type { BulkStore } from './bulk.js';
import { erase, type Erased, type ErasureLeft, type ErasureOrder, type ErasureStore } from './erasure.js';

const ORDER: ErasureOrder = { id: 'e' as JobId, tenant: 'default', tag: 't', before: new Date(0), keepFiles: false };
const NONE_LEFT: ErasureLeft = { jobs: 0, deadLetters: 0, deliveries: 0, notifications: 0, idempotencyKeys: 0, files: 0, schedules: 0 };

/** Jobs by their names; of those that run one ends with each look. */
class Things implements ErasureStore {
  readonly did: string[] = [];
  ended_: string[] = [];
  running = 0;
  /** What tells of what was erased. */
  telling: string[] = [];
  toRemove: string[] = [];
  leftovers: Partial<ErasureLeft>[] = [];

  readonly bulk: BulkStore = {
    find: async ({ filter }) => {
      this.did.push(`cancel ${filter.ids?.join() ?? filter.tags?.join() ?? ''}`);
      return { ids: [], next: null };
    },
    change: async () => 0,
    matching: async () => ({ count: 0, ids: [] }),
  };
  readonly contents = { remove: async (id: string) => void this.did.push(`content ${id}`) };

  async unfinished(): Promise<number> {
    this.did.push(`running ${this.running}`);
    return this.running === 0 ? 0 : this.running--;
  }
  async ended(_: ErasureOrder, after: string | null, size: number): Promise<{ ids: JobId[]; next: string | null }> {
    const from = after === null ? 0 : Number(after);
    const ids = this.ended_.slice(from, from + size) as JobId[];
    return { ids, next: from + size < this.ended_.length ? String(from + size) : null };
  }
  async erase(_: ErasureOrder, ids: readonly JobId[], as: string): Promise<number> {
    this.did.push(`erase ${as} ${ids.join()}`);
    this.telling = this.telling.filter((id) => !ids.includes(id as JobId));
    return ids.length;
  }
  async notifications(): Promise<{ ids: JobId[]; kinds: string[] }> {
    return { ids: this.telling as JobId[], kinds: ['longhaul.email'] };
  }
  async present(ids: readonly JobId[]): Promise<JobId[]> {
    return ids.filter((id) => this.telling.includes(id));
  }
  async sweep(): Promise<void> {
    this.did.push('sweep');
  }
  async files(): Promise<string[]> {
    return this.toRemove.slice(0, 1);
  }
  async fileRemoved(_: ErasureOrder, id: string): Promise<void> {
    this.did.push(`row ${id}`);
    this.toRemove = this.toRemove.filter((file) => file !== id);
  }
  async left(): Promise<ErasureLeft> {
    return { ...NONE_LEFT, ...this.leftovers.shift() };
  }
  async finish(_: ErasureOrder, left: ErasureLeft): Promise<Erased> {
    this.did.push(`finish ${JSON.stringify(left)}`);
    return {} as Erased;
  }
}

const run = (store: Things, more: { rate?: number; signal?: AbortSignal; clock?: ManualClock } = {}) => {
  const { rate, signal = new AbortController().signal, clock = new ManualClock() } = more;
  const told: { done: number; message: string }[] = [];
  const done = erase({ store, bulk: store.bulk, contents: store.contents, clock }, ORDER, {
    signal,
    progress: (say) => told.push(say),
    ...(rate === undefined ? {} : { rate }),
  });
  return { done, told };
};

test('an erasure cancels, waits for what runs, removes jobs, what tells of them, and then the files; and says how far it is', async () => {
  const store = new Things();
  store.ended_ = Array.from({ length: 60 }, (_, number) => `j${number}`);
  store.telling = ['mail'];
  store.toRemove = ['f1', 'f2'];
  const { done, told } = run(store);
  await done;
  const places = [
    'cancel t',
    'running 0',
    'erase jobs j0',
    'erase jobs j50',
    'cancel mail',
    'erase notifications mail',
    'sweep',
    'content f1',
    'row f1',
    'content f2',
    'finish',
  ];
  const at = places.map((place) => store.did.findIndex((act) => act.startsWith(place)));
  expect(at).toEqual(at.toSorted((a, b) => a - b));
  expect(at).not.toContain(-1);
  expect(told.at(-1)).toEqual({ done: 60, message: '60 erased' });
});

test('an erasure removes nothing of a job while jobs of the tag still run', async () => {
  const [store, clock] = [new Things(), new ManualClock()];
  store.ended_ = ['a'];
  store.running = 2;
  const { done, told } = run(store, { clock });
  for (let turn = 0; turn < 20; turn++) await clock.advance(250);
  await done;
  expect(store.did.indexOf('erase jobs a')).toBeGreaterThan(store.did.indexOf('running 0'));
  expect(told[0]).toEqual({ done: 0, message: '2 have been asked to stop' });
});

test('an erasure that finds something at the end goes over everything again, and fails when there is still something; schedules do not count', async () => {
  const again = new Things();
  again.leftovers = [{ jobs: 1 }, { schedules: 2 }];
  await run(again).done;
  expect(again.did.filter((act) => act === 'sweep')).toHaveLength(2);
  expect(again.did.at(-1)).toBe(`finish ${JSON.stringify({ ...NONE_LEFT, schedules: 2 })}`);
  const never = new Things();
  never.leftovers = Array.from({ length: 9 }, () => ({ deadLetters: 1 }));
  await expect(run(never).done).rejects.toThrow('expected nothing to be left of the jobs with the tag, got {"jobs":0,"deadLetters":1');
  expect(never.did.some((act) => act.startsWith('finish'))).toBe(false);
});

test('an erasure that is told to stop removes no more', async () => {
  const store = new Things();
  store.ended_ = ['a'];
  await expect(run(store, { signal: AbortSignal.abort(new Error('stopped')) }).done).rejects.toThrow('stopped');
  expect(store.did.filter((act) => act.startsWith('erase'))).toEqual([]);
});
