import { ManualClock, RecordingLogger, turns } from '../testing/index.js';
import type { FigureRow } from './stats-store.js';
import { Tallies } from './tallies.js';

function counting(answers: ('ok' | 'fails')[] = []) {
  const clock = new ManualClock();
  const begin = Date.parse('2026-01-31T08:00:00Z');
  const zero = clock.now();
  const written: { number: number; rows: FigureRow[] }[] = [];
  const tallies = new Tallies({
    writer: {
      add: async (_process, number, rows) => {
        written.push({ number, rows });
        if (answers.shift() === 'fails') throw new Error('away');
      },
    },
    process: 'one',
    clock,
    time: { now: () => begin + clock.now() - zero },
    logger: new RecordingLogger(),
  });
  const close = async () => {
    const closing = tallies.close();
    await clock.advance(0);
    await closing;
  };
  return { begin, clock, written, tallies, close };
}

test('a thousand jobs in ten seconds are one write, of a row for each queue and kind and one for all, by ten seconds and by the minute', async () => {
  const { begin, clock, written, tallies, close } = counting();
  tallies.start();
  await turns();
  for (let n = 0; n < 1_000; n++) {
    tallies.started('default', n % 2 === 0 ? 'a' : 'b', 5);
    tallies.ranFor('default', n % 2 === 0 ? 'a' : 'b', n === 0 ? 'failed' : 'succeeded', 100);
  }
  await clock.advance(9_000);
  expect(written).toEqual([]);
  await clock.advance(2_000);
  expect(written).toHaveLength(1);
  expect(written[0]?.rows.map(({ step, at, kind, started, succeeded, failed, runMs }) => [step, at - begin, kind, started, succeeded, failed, runMs])).toEqual([
    [10, 0, '', 1_000, 999, 1, 100_000],
    [10, 0, 'a', 500, 499, 1, 50_000],
    [10, 0, 'b', 500, 500, 0, 50_000],
    [60, 0, '', 1_000, 999, 1, 100_000],
    [60, 0, 'a', 500, 499, 1, 50_000],
    [60, 0, 'b', 500, 500, 0, 50_000],
  ]);
  await close();
});

test('while nothing happens nothing is written', async () => {
  const { clock, written, tallies, close } = counting();
  tallies.start();
  await turns();
  for (let second = 0; second < 60; second++) await clock.advance(1_000);
  await close();
  expect(written).toEqual([]);
});

test('what could not be written is written again under the same number, and what came since under the next one', async () => {
  const { clock, written, tallies, close } = counting(['fails', 'fails']);
  tallies.start();
  await turns();
  tallies.accepted('default', 'a', 1);
  await clock.advance(10_000);
  tallies.accepted('default', 'a', 2);
  for (let second = 0; second < 12; second++) await clock.advance(1_000);
  const told = written.map(({ number, rows }) => [number, rows.find(({ kind }) => kind === 'a')?.accepted]);
  expect(told).toEqual([[1, 1], [1, 1], [1, 1], [2, 2]]); // prettier-ignore
  await close();
});

test('buckets of one minute that are written together are one row of it', async () => {
  const { clock, written, tallies, close } = counting([
    'fails',
    'fails',
    'fails',
    'fails',
    'fails',
    'fails',
    'fails',
    'fails',
    'fails',
    'fails',
    'fails',
    'fails',
  ]);
  tallies.start();
  await turns();
  for (let second = 0; second < 34; second++) {
    tallies.accepted('default', 'a', 1);
    await clock.advance(1_000);
  }
  await close();
  for (const { rows } of written) expect(new Set(rows.map(({ step, at, queue, kind }) => [step, at, queue, kind].join())).size).toBe(rows.length);
  const counted = new Map(
    written.map(({ number, rows }) => [number, rows.filter(({ step, kind }) => step === 60 && kind === '').reduce((sum, { accepted }) => sum + accepted, 0)]),
  );
  expect([...counted.values()].reduce((sum, accepted) => sum + accepted, 0)).toBe(34);
});

test('a process that ends writes what it has counted before its ten seconds are over', async () => {
  const { written, tallies, close } = counting();
  tallies.start();
  await turns();
  tallies.ranFor('default', 'a', 'cancelled', 100);
  tallies.ranFor('default', 'a', 'none', 100);
  await close();
  expect(written[0]?.rows.find(({ step, kind }) => step === 10 && kind === 'a')).toMatchObject({ cancelled: 1, succeeded: 0, failed: 0, retried: 0, runMs: 0 });
});
