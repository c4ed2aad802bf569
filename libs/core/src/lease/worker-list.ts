import type { PauseNote } from '../control/paused.js';
import type { JobId, WorkerId } from '../job/job.js';

/** A handler that has not obeyed its stop: its attempt has ended without it, and its code may go on until its process ends. */
export interface AbandonedHandler {
  jobId: JobId;
  kind: string;
  /** ISO 8601, UTC, by the worker's clock. */
  since: string;
}

/** What a worker tells of itself beside its lease; some seconds old. */
export interface WorkerDetails {
  /** Of Longhaul, and of Node. */
  version: string;
  node: string;
  kinds: string[];
  memoryBytes: number;
  /** It is a gateway, too (single-process mode). */
  gateway: boolean;
  abandoned: AbandonedHandler[];
}

/** Who has asked a worker to drain, when, and why. */
export interface DrainRequest {
  requestedAt: string;
  by: string | null;
  reason: string | null;
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
  /** Empty: it takes from all. */
  queues: string[];
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
  /**
   * Asks a worker to drain; it reads it with its next heartbeat. The first request stands. One that is a gateway too is not asked, and stays as it is.
   * Null: there is no such worker.
   */
  requestDrain(id: WorkerId, note: PauseNote): Promise<ListedWorker | null>;
}
