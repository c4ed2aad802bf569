import type {
  AttemptStore,
  JobControl,
  JobId,
  JobState,
  LeaseToken,
  NewJob,
  Outbox,
  PublishId,
  SubmissionStore,
  SweepStore,
  WaitingRoom,
  WorkerId,
  WorkerStore,
} from '@app/core';
import { jsonText, uuidv4, uuidv7 } from '@app/core';

/** The store's ports over one database, real or simulated, and what a test needs to see and to arrange. */
export interface StoreWorld {
  attempts: AttemptStore;
  submissions: SubmissionStore;
  outbox: Outbox;
  workers: WorkerStore & SweepStore;
  control: JobControl;
  room: WaitingRoom;
  /** Limits of so many jobs at a time, for all jobs that have the limit's name among their keys. */
  limits: { put(name: string, jobs: number): Promise<unknown>; remove(name: string): Promise<unknown> };
  /** Takes or frees the advisory lock that a worker's process would hold. */
  holdLock(workerId: WorkerId, held: boolean): Promise<void>;
  /** Everything in the database is so much older. */
  elapse(seconds: number): Promise<void>;
  row(jobId: JobId): Promise<RowView>;
  close(): Promise<void>;
}

/** What adapters have to agree on about one job. */
export interface RowView {
  state: JobState;
  attempt: number;
  fence: number;
  crashes: number;
  redrives: number;
  /** The number of its newest event. */
  events: number;
  token: string | null;
  /** The types of its rows in the outbox, sorted. */
  outbox: string[];
  deadLetters: number;
  /** Its place in the waiting room: `ready`, the key that it is parked on, or null. */
  place: string | null;
  /** The keys of its slots, sorted. */
  slots: string[];
}

export const FAST_PATH_SECONDS = 5;
export const LEASE_SECONDS = 30;

export function token(): LeaseToken {
  return uuidv4() as string as LeaseToken;
}

export function copy(): PublishId {
  return uuidv4() as string as PublishId;
}

export function aJob(more: Partial<NewJob> = {}): NewJob {
  return {
    id: uuidv7() as JobId,
    kind: 'test.job',
    queue: 'default',
    priority: 4,
    payload: jsonText({ value: 1 }),
    maxAttempts: 3,
    timeoutMs: null,
    runAt: null,
    delayMs: null,
    tags: [],
    tenant: 'default',
    notify: [],
    traceparent: null,
    idempotency: null,
    outboxId: uuidv7(),
    ...more,
  };
}

export const anError = { code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: '2026-01-01T00:00:00.000Z' };
