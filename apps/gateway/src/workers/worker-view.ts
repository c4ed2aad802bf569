import type { WorkerQueues, WorkerView } from '@app/contracts';
import { isIntegerIn, type Kinds, type ListedWorker, publicPath, type WorkerId } from '@app/core';
import type { Store } from '@app/host';

/** Of PostgreSQL's integers. */
const LAST_ID = 2 ** 31 - 1;

/** The id of a worker as a path has it; undefined for a text that is none. */
export function readWorkerId(text: string): WorkerId | undefined {
  const number = Number(text);
  return String(number) === text && isIntegerIn(number, 1, LAST_ID) ? (number as WorkerId) : undefined;
}

/** Null where there is none. */
export async function findWorker(store: Pick<Store, 'workers'>, text: string): Promise<ListedWorker | null> {
  const id = readWorkerId(text);
  return id === undefined ? null : store.workers.find(id);
}

export function queuesOf({ id, name, queues, assigned, details }: ListedWorker): WorkerQueues {
  return { id, name, queues, configuredQueues: details?.queues ?? null, assigned };
}

/** The slots that a job takes are told by the kinds that this gateway knows. */
export function workerView(worker: ListedWorker, kinds: Pick<Kinds, 'policy'>): WorkerView {
  const { id, details } = worker;
  return {
    ...queuesOf(worker),
    state: worker.late ? 'late' : worker.drain ? 'draining' : 'running',
    startedAt: worker.startedAt.toISOString(),
    leaseUntil: worker.leaseUntil.toISOString(),
    concurrency: worker.concurrency,
    version: details?.version ?? null,
    node: details?.node ?? null,
    kinds: details?.kinds ?? [],
    memoryBytes: details?.memoryBytes ?? null,
    runningCount: worker.runningCount,
    running: worker.running.map((job) => ({ ...job, slots: kinds.policy(job.kind)?.slots ?? 1, startedAt: job.startedAt.toISOString() })),
    abandoned: details?.abandoned ?? [],
    drain: worker.drain,
    links: { queues: publicPath(`/workers/${id}/queues`), drain: publicPath(`/workers/${id}/drain`) },
  };
}
