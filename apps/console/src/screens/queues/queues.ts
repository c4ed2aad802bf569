import type { KindPause, QueueFairness, QueueList, QueuePause, QueueSettings, QueueStats, QueueView, StatsView } from '../../api/api';
import { kindsQuery, queryClient, queuesQuery } from '../../api/queries';
import { STATS } from '../../live/stats';
import { count, listed } from '../../words/words';

/** A queue as the list has it; with slots, where the figures have it too. */
export type Queue = QueueView & Partial<Pick<QueueStats, 'slots'>>;

/** All queues by name. The figures are newer, but have only the hundred in which most jobs wait. */
export function queuesOf(list: readonly QueueView[], stats: readonly QueueStats[]): Queue[] {
  const queues = new Map<string, Queue>(list.map((queue) => [queue.name, queue]));
  for (const queue of stats) queues.set(queue.name, queue);
  return [...queues.values()].sort((one, other) => one.name.localeCompare(other.name));
}

/** What should be looked at, in sentences; empty where nothing should. */
export function troublesOf(queues: readonly Queue[]): string {
  const paused = queues.filter((queue) => queue.paused);
  const waiting = paused.reduce((sum, { queued }) => sum + queued, 0);
  const deserted = queues.filter((queue) => queue.consumers === 0 && queue.queued > 0);
  return [
    ...(paused.length === 0
      ? []
      : [
          `${paused.length === 1 ? 'Queue' : 'Queues'} ${listed(paused.map(({ name }) => name))} ${paused.length === 1 ? 'is' : 'are'} paused: ${
            waiting === 0 ? 'nothing waits there' : `${count(waiting, 'job')} ${waiting === 1 ? 'waits' : 'wait'} there`
          }.`,
        ]),
    ...(deserted.length === 0
      ? []
      : [
          `No worker takes ${listed(deserted.map(({ name }) => name))}, where jobs wait: give one of the workers that queue, or start one with WORKER_QUEUES=${deserted[0]?.name ?? ''}.`,
        ]),
  ].join(' ');
}

/** How a queue is shared, short. */
export function orderWords(fair: QueueFairness | null): string {
  if (fair === null) return 'first come';
  const by = fair.by === 'kind' ? 'by kind' : `by ${fair.by.replace(/^tag:/, '')}`;
  return fair.cost === 'time' ? `${by}, time` : by;
}

/** What an answer says of a queue, in all that is shown: the figures come a second later. */
export function tellQueue(change: QueuePause | QueueSettings): void {
  const patch = <One extends { name: string }>(queue: One): One => (queue.name === change.name ? { ...queue, ...change } : queue);
  queryClient.setQueryData<QueueList>(queuesQuery.queryKey, (list) => list && { items: list.items.map(patch) });
  queryClient.setQueryData<StatsView>(STATS, (stats) => stats && { ...stats, queues: stats.queues.map(patch) });
}

export function tellKind(change: KindPause): void {
  queryClient.setQueryData(
    kindsQuery.queryKey,
    (list) => list && { items: list.items.map((kind) => (kind.kind === change.kind ? { ...kind, ...change } : kind)) },
  );
}
