import type { JobId } from '../job/job.js';
import { ManualClock } from '../testing/index.js';
import { BatchedChanges } from './batched-changes.js';

const id = (name: string | number) => String(name) as JobId;

test('changed jobs are told together, each once, however often they changed', async () => {
  const clock = new ManualClock();
  const sent: (readonly JobId[])[] = [];
  const changes = new BatchedChanges((ids) => sent.push(ids), clock);
  for (let repeat = 0; repeat < 10; repeat++) changes.tell([id('a'), id('b')]);
  expect(sent).toEqual([]);
  await clock.advance(50);
  expect(sent).toEqual([[id('a'), id('b')]]);
  await clock.advance(1_000);
  changes.tell([id('a')]);
  changes.flush();
  expect(sent.at(-1)).toEqual([id('a')]);
});

test('many go in messages of a bounded size, and no more than can be told in a tick', async () => {
  const clock = new ManualClock();
  const sent: number[] = [];
  const changes = new BatchedChanges((ids) => sent.push(ids.length), clock);
  changes.tell(Array.from({ length: 50_000 }, (_, n) => id(n)));
  await clock.advance(50);
  expect(Math.max(...sent)).toBe(500);
  expect(sent.reduce((sum, count) => sum + count)).toBe(20_000);
});

test('what is no job is told once, apart from the jobs, however often it has changed', async () => {
  const clock = new ManualClock();
  const sent: (readonly JobId[])[] = [];
  const changes = new BatchedChanges((ids) => sent.push(ids), clock);
  for (let repeat = 0; repeat < 10; repeat++) changes.tell([]);
  await clock.advance(50);
  expect(sent).toEqual([[]]);
  changes.tell([]);
  changes.tell([id('a')]);
  await clock.advance(50);
  expect(sent.slice(1)).toEqual([[], [id('a')]]);
  changes.flush();
  expect(sent).toHaveLength(3);
});
