import fc from 'fast-check';
import type { JobId } from '../job/job.js';
import { arrivalTime, type Candidate, decideRelease, type KeyState, type RateState } from './decide-release.js';

const NOW = 1_000_000;

function state(key: string, more: Partial<KeyState> = {}): KeyState {
  return { key, capacity: null, held: 0, own: [], rate: null, unstarted: null, ...more };
}

/** Candidates of one queue with these keys, in this order. */
function candidates(...keys: string[][]): Candidate[] {
  return keys.map((own, index) => ({ jobId: String(index + 1) as JobId, queue: 'q', place: index + 1, keys: own }));
}

function decided(jobs: Candidate[], states: KeyState[], room = jobs.length) {
  const { released, parked, rates } = decideRelease(jobs, new Map(states.map((each) => [each.key, each])), new Map([['q', room]]), NOW);
  return { released: released.map(({ jobId }) => jobId), parked: parked.map(({ jobId, key }) => [jobId, key]), rates: Object.fromEntries(rates) };
}

describe('a release of jobs with limits', () => {
  test('gives slots in order while a key has room, and parks the rest on it', () => {
    expect(decided(candidates(['a'], ['a'], ['a']), [state('a', { capacity: 5, held: 3 })])).toMatchObject({ released: ['1', '2'], parked: [['3', 'a']] });
  });

  test('gives a job the slots of all of its keys or none: what waits for one key takes nothing of another', () => {
    const states = [state('a', { capacity: 1 }), state('b', { capacity: 1, held: 1 })];
    expect(decided(candidates(['a', 'b'], ['a']), states)).toMatchObject({ released: ['2'], parked: [['1', 'b']] });
  });

  test('lets a job pass whose limit is gone', () => {
    expect(decided(candidates(['gone'], ['gone']), [])).toMatchObject({ released: ['1', '2'], parked: [] });
  });

  test('parks nothing but what is blocked, and releases no more than may leave the queue', () => {
    const states = [state('a', { capacity: 9 }), state('b', { capacity: 1, held: 1 })];
    expect(decided(candidates(['a'], ['b'], ['a'], ['a']), states, 2)).toMatchObject({ released: ['1', '3'], parked: [['2', 'b']] });
  });

  test('counts the jobs without limits that come before, so that none is overtaken', () => {
    const [first] = candidates(['a']);
    expect(decided([{ ...(first as Candidate), place: 3 }], [state('a', { capacity: 9 })], 2)).toMatchObject({ released: [], parked: [] });
  });

  test('asks for no further slot or token of a key that the job has already', () => {
    const states = [state('a', { capacity: 1, held: 1, own: ['1' as JobId], rate: { everyMs: 100, burst: 1, nextAt: NOW + 100 } })];
    expect(decided(candidates(['a']), states)).toEqual({ released: ['1'], parked: [], rates: {} });
  });

  test('parks all when a limit was lowered below what runs, and releases again when it fits', () => {
    expect(decided(candidates(['a']), [state('a', { capacity: 2, held: 5 })])).toMatchObject({ released: [] });
    expect(decided(candidates(['a']), [state('a', { capacity: 2, held: 1 })])).toMatchObject({ released: ['1'] });
  });

  test('of a strict limit has one job under way that has not started', () => {
    expect(decided(candidates(['a'], ['a']), [state('a', { unstarted: 0 })])).toMatchObject({ released: ['1'], parked: [['2', 'a']] });
    expect(decided(candidates(['a']), [state('a', { unstarted: 1 })])).toMatchObject({ released: [] });
  });

  test('one blocked key at the head of the queue keeps no other key waiting', () => {
    const blocked = Array.from({ length: 400 }, () => ['a']);
    expect(decided(candidates(...blocked, ['b']), [state('a', { capacity: 1, held: 1 }), state('b', { capacity: 1 })], 1).released).toEqual(['401']);
  });
});

describe('a rate', () => {
  const rate = (more: Partial<RateState> = {}): RateState => ({ everyMs: 100, burst: 1, nextAt: null, ...more });

  test('gives a burst at once after a rest, and one token after the other then', () => {
    const jobs = candidates(['a'], ['a'], ['a'], ['a']);
    expect(decided(jobs, [state('a', { rate: rate({ burst: 3 }) })])).toEqual({ released: ['1', '2', '3'], parked: [['4', 'a']], rates: { a: NOW + 300 } });
    expect(decided(jobs, [state('a', { rate: rate({ burst: 3, nextAt: NOW + 200 }) })])).toMatchObject({ released: ['1'], rates: { a: NOW + 300 } });
    expect(decided(jobs, [state('a', { rate: rate({ burst: 3, nextAt: NOW + 201 }) })])).toMatchObject({ released: [], rates: {} });
  });

  test('does not save up more than its burst, however long the rest', () => {
    expect(decided(candidates(['a'], ['a']), [state('a', { rate: rate({ nextAt: 5 }) })])).toMatchObject({ released: ['1'], rates: { a: NOW + 100 } });
  });

  test('that was made faster, or whose clock was set back, keeps nobody waiting for the time of the old one', () => {
    const anHour = NOW + 3_600_000;
    expect(arrivalTime(rate({ burst: 2, nextAt: anHour }), NOW)).toBe(NOW + 200);
  });

  test('takes no token from a job that another key blocks', () => {
    const states = [state('a', { rate: rate() }), state('b', { capacity: 1, held: 1 })];
    expect(decided(candidates(['a', 'b']), states)).toEqual({ released: [], parked: [['1', 'b']], rates: {} });
  });

  test('starts in no window of time more than it allows and its burst', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 60 }),
        (burst, everyMs, gaps) => {
          const starts: number[] = [];
          let [now, nextAt] = [NOW, null as number | null];
          for (const gap of gaps) {
            now += gap;
            const jobs = candidates(...Array.from({ length: 5 }, () => ['a']));
            const { released, rates } = decideRelease(jobs, new Map([['a', state('a', { rate: { everyMs, burst, nextAt } })]]), new Map([['q', 5]]), now);
            starts.push(...released.map(() => now));
            nextAt = rates.get('a') ?? nextAt;
          }
          for (const [index, from] of starts.entries())
            for (const [count, to] of starts.slice(index).entries()) expect(count + 1).toBeLessThanOrEqual((to - from) / everyMs + burst + 1e-6);
        },
      ),
    );
  });
});

test('never more slots than a limit has, and nobody is parked without a reason', () => {
  const KEYS = ['a', 'b', 'c'];
  const keyState = (key: string) =>
    fc
      .record({ key: fc.constant(key), capacity: fc.option(fc.integer({ min: 1, max: 4 })), held: fc.integer({ min: 0, max: 5 }) })
      .map((each) => state(key, each));
  const jobs = fc.array(fc.subarray(KEYS, { minLength: 1 }), { maxLength: 12 }).map((keys) => candidates(...keys));
  fc.assert(
    fc.property(fc.tuple(...KEYS.map(keyState)), jobs, fc.integer({ min: 0, max: 12 }), (states, all, room) => {
      const { released, parked } = decideRelease(all, new Map(states.map((each) => [each.key, each])), new Map([['q', room]]), NOW);
      const taken = (key: string) => released.filter(({ keys }) => keys.includes(key)).length;
      for (const { key, capacity, held } of states) if (capacity !== null && taken(key) > 0) expect(held + taken(key)).toBeLessThanOrEqual(capacity);
      for (const { key } of parked) {
        const full = states.find((each) => each.key === key) as KeyState;
        expect(full.held + taken(key)).toBeGreaterThanOrEqual(full.capacity as number);
      }
      expect(released.length).toBeLessThanOrEqual(room);
      expect(new Set([...released, ...parked].map(({ jobId }) => jobId)).size).toBe(released.length + parked.length);
      // Work-conserving: what stays where it is has as many before it as may leave.
      const still = all.length - released.length - parked.length;
      if (still > 0) expect(released.length).toBe(Math.min(room, released.length + still));
    }),
  );
});
