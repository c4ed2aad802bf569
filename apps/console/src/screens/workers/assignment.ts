import type { QueueView, WorkerView } from '../../api/api';
import { count, listed } from '../../words/words';

type Takes = Pick<WorkerView, 'id' | 'state' | 'queues'>;

/** What a worker takes from, in words. An empty list is all. */
export function queuesWords(queues: readonly string[]): string {
  return queues.length === 0 ? 'all' : queues.join(', ');
}

/** Queues that only this worker takes from, and that it takes from no more. */
export function deserted(worker: Takes, next: readonly string[], workers: readonly Takes[], queues: readonly Pick<QueueView, 'name'>[]): string[] {
  const others = workers.filter(({ id, state }) => id !== worker.id && state === 'running');
  const isTaken = (by: readonly string[], queue: string): boolean => by.length === 0 || by.includes(queue);
  return queues
    .map(({ name }) => name)
    .filter((name) => isTaken(worker.queues, name) && !isTaken(next, name) && !others.some((other) => isTaken(other.queues, name)));
}

/** What becomes of the jobs of this worker and of its queues, a sentence each. */
export function previewOf(worker: WorkerView, next: readonly string[], queues: readonly QueueView[]): string[] {
  const isTaken = (by: readonly string[], queue: string): boolean => by.length === 0 || by.includes(queue);
  const goes = queues.filter(({ name }) => isTaken(worker.queues, name) && !isTaken(next, name));
  const comes = queues.filter(({ name }) => !isTaken(worker.queues, name) && isTaken(next, name));
  const running = worker.running.filter(({ queue }) => !isTaken(next, queue)).length;
  const waiting = comes.reduce((sum, { queued }) => sum + queued, 0);
  if (goes.length === 0 && comes.length === 0) return ['It takes from the same queues as now.'];
  return [
    ...(comes.length === 0
      ? []
      : [`It begins with ${listed(comes.map(({ name }) => name))}, where ${count(waiting, 'job')} ${waiting === 1 ? 'waits' : 'wait'}.`]),
    ...(goes.length === 0
      ? []
      : [
          `It starts nothing new of ${listed(goes.map(({ name }) => name))}${
            running === 0 ? ', and runs nothing there' : `: the ${count(running, 'job')} that it runs there ${running === 1 ? 'ends' : 'end'} here`
          }.`,
        ]),
  ];
}
