import type { AttemptEvent } from '../watch/events.js';
import type { JobId, LeaseToken, WorkerId } from '../job/job.js';
import type { DrainRequest, QueueAssignment, WorkerDetails } from './worker-list.js';

export interface Heartbeat {
  leaseSeconds: number;
  held: { jobId: JobId; token: LeaseToken }[];
  /** What attempts have told, each in order. The newest progress becomes the row's in the same write. */
  events: { jobId: JobId; token: LeaseToken; events: AttemptEvent[] }[];
}

/** What has changed under the jobs that a worker holds. */
export interface HeldAnswer {
  lost: JobId[];
  /** `graceMs`: how long the handler has, where the caller allows less than usual. */
  cancelRequested: { jobId: JobId; graceMs?: number }[];
}

export interface HeartbeatAnswer extends HeldAnswer {
  /** Leases whose events could not be written just now, the row being locked. */
  notWritten: LeaseToken[];
  /** Somebody wants this worker to drain. */
  drain?: DrainRequest;
  /** Left out, the worker takes from the queues of its configuration. */
  assigned?: QueueAssignment;
  /** The row was made again, and has no details. */
  undescribed?: boolean;
}

export interface WorkerDescription {
  name: string;
  concurrency: number;
  /** Those that it takes from now. Empty: all. */
  queues: readonly string[];
  /** As it knows it, for a row that is made again. Left out, none. */
  assigned?: QueueAssignment;
  /** Left out, it is as it was told last. */
  details?: WorkerDetails;
}

export interface WorkerStore {
  /** A new worker with a lease of `leaseSeconds`. */
  register(worker: WorkerDescription, leaseSeconds: number): Promise<WorkerId>;
  /** Renews the worker's lease (the row is made again if a sweeper removed it) and says which jobs changed under it. */
  heartbeat(workerId: WorkerId, worker: WorkerDescription, beat: Heartbeat): Promise<HeartbeatAnswer>;
  /** The same look at what it holds, and nothing else. */
  check(held: Heartbeat['held']): Promise<HeldAnswer>;
  /** Jobs that run under this worker by their rows, but under none of these tokens. */
  strays(workerId: WorkerId, tokens: LeaseToken[]): Promise<{ jobId: JobId; token: LeaseToken }[]>;
  /** Puts a stray back: `lost → queued` with an outbox row, if the token is still the current one. */
  recoverStray(jobId: JobId, token: LeaseToken): Promise<void>;
  unregister(workerId: WorkerId): Promise<void>;
}

/** A worker whose end is suspected: its lock is free, or its lease is over. */
export interface SuspectWorker {
  workerId: WorkerId;
  lockFree: boolean;
  leaseOver: boolean;
}

export interface SweepStore {
  /** Registered workers other than `me` whose lock is free or whose lease is over, and how long the database has been up. */
  suspects(me: WorkerId | null): Promise<{ suspects: SuspectWorker[]; databaseUpSeconds: number }>;
  /**
   * Moves the running jobs of a worker that is still gone on: `lost → queued` with an outbox row, or `exhausted → failed`. Counts a crash if its
   * process has died, or if it is the first. Returns how many.
   */
  recover(workerId: WorkerId): Promise<number>;
  /** The same for running jobs of which no worker is registered. */
  recoverOrphans(): Promise<number>;
  /** Ends jobs that should have started by now and have not, `expired → failed`, with their events and dead letters. Returns how many. */
  expireLate(): Promise<number>;
  /** A queued job whose message the broker gave up: a new outbox row. */
  republish(jobId: JobId): Promise<void>;
  /** Queued jobs that were published long ago and should have been taken by now: gives each a new outbox row. Returns how many. */
  republishLost(queue: string, queueIsEmpty: boolean, olderThanSeconds: number): Promise<number>;
}
