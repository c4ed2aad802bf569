import type { KindView, QueueView, WorkerJob, WorkerView } from '../../api/api';
import { count, listed, number } from '../../words/words';

/** The first sentence of the screen. */
export function sentenceOf(workers: readonly WorkerView[]): string {
  if (workers.length === 0) return 'No worker runs. Jobs are accepted and kept; none starts.';
  const running = workers.reduce((sum, { runningCount }) => sum + runningCount, 0);
  const live = workers.filter(({ state }) => state !== 'late').length;
  return live === 0
    ? `No worker is alive: ${count(running, 'job')} of those that were ${running === 1 ? 'is' : 'are'} taken over by the next.`
    : `${count(live, 'worker')} ${live === 1 ? 'runs' : 'run'} ${running === 0 ? 'no job now' : count(running, 'job')}.`;
}

const MOST_NAMED = 5;

/** What should be looked at, a sentence each. */
export function troublesOf(
  workers: readonly WorkerView[],
  queues: readonly Pick<QueueView, 'name' | 'consumers' | 'queued'>[],
  kinds: readonly KindView[],
): string[] {
  const late = workers.filter(({ state }) => state === 'late');
  const abandoned = workers.reduce((sum, worker) => sum + worker.abandoned.length, 0);
  const deserted = queues.filter(({ consumers, queued }) => consumers === 0 && queued > 0);
  const known = new Set(workers.flatMap((worker) => worker.kinds));
  const unknown = known.size === 0 ? [] : kinds.filter(({ kind }) => !known.has(kind));
  const versions = [...new Set(workers.flatMap(({ version }) => (version === null ? [] : [version])))];
  return [
    ...(late.length === 0
      ? []
      : [
          `${named(late.map(({ name }) => name))} ${late.length === 1 ? 'has' : 'have'} not renewed the lease: died, frozen, or cut off. Their jobs are taken over.`,
        ]),
    ...(deserted.length === 0 ? [] : [`No worker takes ${named(deserted.map(({ name }) => name))}, where jobs wait.`]),
    ...(unknown.length === 0 ? [] : [`No worker knows ${named(unknown.map(({ kind }) => kind))}.`]),
    ...(abandoned === 0
      ? []
      : [
          `${count(abandoned, 'handler')} ${abandoned === 1 ? 'has' : 'have'} not obeyed a stop and still ${abandoned === 1 ? 'computes' : 'compute'}: only the end of the process stops that.`,
        ]),
    ...(versions.length < 2 ? [] : [`Versions ${listed(versions)} run beside each other.`]),
  ];
}

function named(names: readonly string[]): string {
  if (names.length <= MOST_NAMED) return listed(names);
  return `${names.slice(0, MOST_NAMED).join(', ')} and ${number(names.length - MOST_NAMED)} more`;
}

export interface QueueSlots {
  queue: string;
  running: number;
}

/** Slots are of each queue. A worker that takes all queues shows those that it has jobs of. */
export function slotsOf({ queues, running }: Pick<WorkerView, 'queues' | 'running'>): QueueSlots[] {
  const busy = new Map<string, number>(queues.map((queue) => [queue, 0]));
  for (const { queue, slots } of running) busy.set(queue, (busy.get(queue) ?? 0) + slots);
  return [...busy].map(([queue, held]) => ({ queue, running: held })).sort((one, other) => one.queue.localeCompare(other.queue));
}

/** Those that have run longest come first. */
export function longestFirst(jobs: readonly WorkerJob[]): WorkerJob[] {
  return [...jobs].sort((one, other) => one.startedAt.localeCompare(other.startedAt));
}
