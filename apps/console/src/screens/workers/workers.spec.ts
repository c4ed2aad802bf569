import type { KindView, QueueView, WorkerView } from '../../api/api';
import { sentenceOf, slotsOf, troublesOf } from './workers';

const worker = (fields: Partial<WorkerView> = {}): WorkerView =>
  ({ name: 'host:17', state: 'running', runningCount: 0, running: [], queues: [], kinds: ['a.b'], abandoned: [], version: '1.0.0', ...fields }) as WorkerView;
const job = (queue: string, slots = 1) => ({ id: 'x', kind: 'a.b', queue, attempt: 1, slots, startedAt: '2026-01-01T00:00:00Z' });

describe('the first sentence about workers', () => {
  test.each([
    [[], 'No worker runs. Jobs are accepted and kept; none starts.'],
    [[worker({ runningCount: 3 })], '1 worker runs 3 jobs.'],
    [[worker(), worker()], '2 workers run no job now.'],
    [[worker({ state: 'late', runningCount: 1 })], 'No worker is alive: 1 job of those that were is taken over by the next.'],
  ])('says how many run and what they do (%#)', (workers, sentence) => {
    expect(sentenceOf(workers)).toBe(sentence);
  });
});

test('what nobody takes and nobody knows is named', () => {
  const queues = [{ name: 'typo', consumers: 0, queued: 4 } as QueueView, { name: 'empty', consumers: 0, queued: 0 } as QueueView];
  expect(troublesOf([worker()], queues, [{ kind: 'a.b' } as KindView, { kind: 'c.d' } as KindView])).toEqual([
    'No worker takes typo, where jobs wait.',
    'No worker knows c.d.',
  ]);
});

test('slots are counted by queue, also for a worker that takes all of them', () => {
  expect(slotsOf({ queues: ['default', 'idle'], running: [job('default'), job('default')] })).toEqual([
    { queue: 'default', running: 2 },
    { queue: 'idle', running: 0 },
  ]);
  expect(slotsOf({ queues: [], running: [job('reports'), job('reports', 3)] })).toEqual([{ queue: 'reports', running: 4 }]);
});
