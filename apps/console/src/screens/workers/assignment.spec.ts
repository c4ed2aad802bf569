import type { QueueView, WorkerView } from '../../api/api';
import { deserted, previewOf, queuesWords } from './assignment';

const worker = (id: number, queues: string[], running: string[] = [], state = 'running') =>
  ({ id, state, queues, running: running.map((queue) => ({ queue })) }) as unknown as WorkerView;
const queues = [
  { name: 'default', queued: 0 },
  { name: 'mail', queued: 1 },
  { name: 'reports', queued: 7 },
] as QueueView[];

describe('the preview of an assignment', () => {
  test('says what comes with what waits there, and what goes with what still runs of it', () => {
    expect(previewOf(worker(1, ['default', 'mail'], ['mail', 'mail', 'default']), ['default', 'reports'], queues)).toEqual([
      'It begins with reports, where 7 jobs wait.',
      'It starts nothing new of mail: the 2 jobs that it runs there end here.',
    ]);
    expect(previewOf(worker(1, ['reports']), ['mail'], queues)).toEqual([
      'It begins with mail, where 1 job waits.',
      'It starts nothing new of reports, and runs nothing there.',
    ]);
  });

  test('says that nothing changes where the queues are the same', () => {
    expect(previewOf(worker(1, ['default']), ['default'], queues)).toEqual(['It takes from the same queues as now.']);
    expect(previewOf(worker(1, []), [], queues)).toEqual(['It takes from the same queues as now.']);
  });

  test('names the queues that no other worker takes from, though it takes from all', () => {
    expect(deserted(worker(1, []), ['reports'], [worker(1, []), worker(2, ['default'])], queues)).toEqual(['mail']);
    expect(deserted(worker(1, ['mail']), ['reports'], [worker(1, ['mail']), worker(2, [])], queues)).toEqual([]);
    expect(deserted(worker(1, ['mail']), ['reports'], [worker(1, ['mail']), worker(2, [], [], 'draining')], queues)).toEqual(['mail']);
  });

  test('calls an empty list what it is', () => {
    expect([queuesWords([]), queuesWords(['mail', 'default'])]).toEqual(['all', 'mail, default']);
  });
});
