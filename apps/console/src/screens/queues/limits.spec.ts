import { effectOf, jobsOf, limitFlags, limitWords, matchWords } from './limits';

const limit = (held: number, parked: number, capacity: number | null = 5) => ({ per: null, keys: [], held, parked, capacity });

describe('what a change of a limit does', () => {
  test.each([
    ['more places let those that wait start', limit(5, 41), 8, '8 instead of 5. 3 of the 41 jobs that wait for it may start at once.'],
    ['not more than wait', limit(5, 1), 8, '8 instead of 5. 1 of the 1 job that waits for it may start at once.'],
    [
      'fewer places stop nothing',
      limit(5, 41),
      3,
      '3 instead of 5. 41 jobs wait for it, and none starts by this. 2 of the 5 that have a place are too many: they run to their end, and none starts before.',
    ],
    ['nothing waits', limit(0, 0), 8, '8 instead of 5. No job waits for it now.'],
    ['no bound any more', limit(5, 7), null, 'No bound instead of 5. 7 of the 7 jobs that wait for it may start at once.'],
  ])('%s', (_, now, next, words) => {
    expect(effectOf(now, next)).toBe(words);
  });

  test('each key of a limit has its own places', () => {
    const key = (held: number, parked: number) => ({ key: 'partner/acme', held, parked, draining: 0, nextStartAt: null });
    expect(effectOf({ per: 'tag:tenant', keys: [key(5, 10), key(1, 0)], held: 6, parked: 10, capacity: 5 }, 7)).toContain('2 of the 10 jobs');
  });
});

describe('a limit in words', () => {
  test('says how many, how fast and for each what', () => {
    expect(limitWords({ concurrency: 5, rate: '10/s', per: 'tag:tenant' })).toBe('5 at once, 10 starts a second, for each tenant');
    expect(matchWords({ kind: 'partner.*', queue: 'reports' })).toBe('kind partner.*, queue reports');
    expect(matchWords({})).toBe('every job');
  });

  test('is for jobs that the list can show, except by a prefix', () => {
    expect(jobsOf({ kind: 'csv.import' })).toEqual({ kind: 'csv.import' });
    expect(jobsOf({ kind: 'csv.*' })).toBeUndefined();
  });

  test('has a command line that sets the same', () => {
    expect(limitFlags({ match: { kind: 'csv.import', tag: 'tenant:*' }, per: 'tag:tenant', concurrency: 5, strict: true })).toBe(
      " --kind csv.import --tag 'tenant:*' --per tag:tenant --concurrency 5 --strict",
    );
  });
});
