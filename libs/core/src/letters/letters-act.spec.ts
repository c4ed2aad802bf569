import { ManualClock } from '../testing/index.js';
import type { BulkContext } from '../control/act-pages.js';
import { actOnLetters, type LettersPage, type LettersRequest, type LettersStore } from './letters-act.js';

const request: LettersRequest = { act: 'redrive', filter: { before: new Date(0) }, note: {} };

/** Pages as they are given, one after the other. */
class Letters implements LettersStore {
  readonly asked: string[] = [];
  dies = Infinity;

  constructor(private readonly pages: Omit<LettersPage, 'next'>[]) {}

  async act(_: LettersRequest, after: string | null): Promise<LettersPage> {
    const index = Number(after ?? 0);
    if (this.asked.length >= this.dies) throw new Error('the process died');
    this.asked.push(String(index));
    return { ...(this.pages[index] as Omit<LettersPage, 'next'>), next: index + 1 < this.pages.length ? String(index + 1) : null };
  }
}

function context(memory = new Map<string, unknown>()) {
  const told: unknown[] = [];
  const made: BulkContext & { told: unknown[] } = {
    signal: new AbortController().signal,
    told,
    progress: (progress) => void told.push(progress),
    step: async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
      if (!memory.has(name)) memory.set(name, await work());
      return memory.get(name) as Result;
    },
  };
  return made;
}

const page = (changed: number, ...details: string[]) => ({
  matched: changed + details.length,
  changed,
  refused: details.map((detail, index) => ({ detail, letters: 1, sampleId: `${detail} ${index}` })),
});

describe('an act on many dead letters', () => {
  test('goes through all pages, and counts those that stay by their reasons', async () => {
    const at = context();
    const result = await actOnLetters({ store: new Letters([page(2, 'gone', 'late'), page(0), page(1, 'gone')]), clock: new ManualClock() }, request, at);
    expect(result).toEqual({
      matched: 6,
      changed: 3,
      refused: {
        letters: 3,
        reasons: [
          { detail: 'gone', letters: 2, sampleId: 'gone 0' },
          { detail: 'late', letters: 1, sampleId: 'late 1' },
        ],
        others: 0,
      },
    });
    expect(at.told.at(-1)).toEqual({ done: 3, message: '3 changed, 3 refused' });
  });

  test('tells twenty reasons at most, and how many letters have others', async () => {
    const details = Array.from({ length: 25 }, (_, index) => `reason ${index}`);
    const { refused } = await actOnLetters({ store: new Letters([page(0, ...details)]), clock: new ManualClock() }, request, context());
    expect([refused.letters, refused.reasons.length, refused.others]).toEqual([25, 20, 5]);
  });

  test('goes on behind its last step when its process has died', async () => {
    const store = new Letters(Array.from({ length: 25 }, () => page(1)));
    store.dies = 13;
    const memory = new Map<string, unknown>();
    await expect(actOnLetters({ store, clock: new ManualClock() }, request, context(memory))).rejects.toThrow('died');
    store.dies = Infinity;
    await expect(actOnLetters({ store, clock: new ManualClock() }, request, context(memory))).resolves.toMatchObject({ matched: 25, changed: 25 });
    expect(store.asked.filter((asked) => asked === '0')).toHaveLength(1);
  });

  test('with a rate changes no more letters in a second', async () => {
    const store = new Letters(Array.from({ length: 6 }, () => page(1)));
    const clock = new ManualClock();
    const done = actOnLetters({ store, clock }, { ...request, rate: 1 }, context());
    await clock.advance(3_500);
    expect(store.asked.length).toBeLessThanOrEqual(4);
    await clock.advance(5_000);
    await expect(done).resolves.toMatchObject({ changed: 6 });
  });
});
