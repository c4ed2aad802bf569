import type { Job, JobId } from '../job/job.js';
import type { ChosenOptions, UniqueOption } from '../job/job-options.js';
import type { JsonBytes } from '../job/json-bytes.js';
import type { JsonText } from '../job/json-text.js';
import type { NotifyEntry } from '../notify/channels.js';

export interface NewKey {
  scope: string;
  key: string;
  fingerprint: Buffer;
  /** The fingerprint as it was made before, for keys that were stored then. Worked out only when the present one does not fit. */
  formerFingerprint?: () => Buffer;
}

/** A job that is ready to be stored: validated, defaults filled in, ids made. */
export interface NewJob extends ChosenOptions {
  id: JobId;
  kind: string;
  payload: JsonText | JsonBytes;
  notify: readonly NotifyEntry[];
  traceparent: string | null;
  idempotency: NewKey | null;
  /** Of its row in the outbox, which jobs that are woken up together share. */
  outboxId: string;
  /** It goes to the waiting room in place of the outbox, unless its time has not come: when it is due, the relay looks where it goes. */
  waits?: boolean;
  /** Of which limits it needs a slot, sorted. One that has any always takes its turn in the waiting room, also later. */
  limitKeys?: readonly string[];
  /** Its key has the kind before it. */
  unique?: UniqueKey;
}

export type UniqueKey = Required<UniqueOption>;

export type SubmitOutcome =
  | { status: 'created'; state: 'queued' | 'scheduled'; createdAt: Date; runAt: Date | null }
  /** The key was used before for the same request: here is its job. */
  | { status: 'replayed'; job: Job }
  /** A job with its unique key waits, and stays: here it is. No new one was made. */
  | { status: 'waiting'; job: Job }
  /** The key was used before for another request. */
  | { status: 'conflict'; jobId: JobId };

export interface SubmissionStore<Transaction = unknown> {
  /**
   * Stores jobs, their keys, and their outbox rows or their places in the waiting room, in one statement, durable when it resolves. Keys within one call
   * must differ. Calling again with the same ids, after an answer that was lost, stores nothing twice.
   *
   * Of jobs with one unique key never two wait when it resolves, whoever else stores some. Those of one call come one after the other, as if they were stored by
   * themselves. Whom a job that was not made would have told, the one that waits tells.
   *
   * `revision`: of the limits that `limitKeys` are of. Rejects with `StaleLimits`, and stores nothing, when they have changed since. Left out, it is not compared.
   */
  submit(jobs: NewJob[], transaction?: Transaction, revision?: number): Promise<SubmitOutcome[]>;
}

export interface ReplayReader {
  /** For each job with a key what `submit` would answer if it is `replayed` or `conflict`; null for one that is new. Writes nothing. */
  findReplays(jobs: NewJob[]): Promise<(SubmitOutcome | null)[]>;
  /** The job that has this unique key and has not started. */
  findWaiting(uniqueKey: string): Promise<Job | null>;
}
