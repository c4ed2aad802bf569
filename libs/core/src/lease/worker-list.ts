import type { PauseNote } from '../control/paused.js';
import type { JobId, WorkerId } from '../job/job.js';

/** A handler that has not obeyed its stop: its attempt has ended without it, and its code may go on until its process ends. */
export interface AbandonedHandler {
  jobId: JobId;
  kind: string;
  /** ISO 8601, UTC, by the worker's clock. */
  since: string;
}

/** A worker tells so many kinds at most: of one that tells them nobody knows whether it has more. */
export const KINDS_TOLD = 1_000;

/** What a worker tells of itself beside its lease; some seconds old. */
export interface WorkerDetails {
  /** Of Longhaul, and of Node. */
  version: string;
  node: string;
  kinds: string[];
  memoryBytes: number;
  /** It is a gateway, too (single-process mode). */
  gateway: boolean;
  /** Of its configuration; empty: all. Left out by versions that cannot be assigned other ones. */
  queues?: string[];
  abandoned: AbandonedHandler[];
}

/** Who has asked a worker to drain, when, and why. */
export interface DrainRequest {
  requestedAt: string;
  by: string | null;
  reason: string | null;
}

/** The queues that somebody has assigned to a worker in place of those of its configuration: at least one. */
export interface QueueAssignment extends DrainRequest {
  queues: string[];
}

export interface RunningJob {
  id: JobId;
  kind: string;
  queue: string;
  attempt: number;
  startedAt: Date;
}

export interface ListedWorker {
  id: WorkerId;
  /** Host and pid. */
  name: string;
  startedAt: Date;
  leaseUntil: Date;
  /** Its lease is over, by the store's clock: it has died or was cut off, and its jobs are taken over. */
  late: boolean;
  concurrency: number;
  /** Those that it takes from now. Empty: all. */
  queues: string[];
  assigned: QueueAssignment | null;
  /** Null of a worker of a version that did not tell. */
  details: WorkerDetails | null;
  drain: DrainRequest | null;
  /** Those that began first, and how many there are. */
  running: RunningJob[];
  runningCount: number;
}

export interface WorkerReader {
  /** All of them, the oldest first. */
  list(): Promise<ListedWorker[]>;
  find(id: WorkerId): Promise<ListedWorker | null>;
  /**
   * Asks a worker to drain; it reads it with its next heartbeat. The first request stands. One that is a gateway too is not asked, and stays as it is.
   * Null: there is no such worker.
   */
  requestDrain(id: WorkerId, note: PauseNote): Promise<ListedWorker | null>;
  /**
   * Assigns queues to a worker, which reads it with its next heartbeat; null: it takes from those of its configuration again. The last assignment
   * stands, and ends with the worker. Null: there is no such worker, it drains or is late, or its version cannot be assigned queues; nothing was changed.
   */
  assignQueues(id: WorkerId, queues: string[] | null, note: PauseNote): Promise<ListedWorker | null>;
}
