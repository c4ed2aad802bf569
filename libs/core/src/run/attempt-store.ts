import type { AttemptEvent } from '../watch/events.js';
import type { Job, JobError, JobId, LeaseToken, Progress, PublishId, WorkerId } from '../job/job.js';
import type { JobState } from '../job/lifecycle.js';
import type { JobMessage } from '../relay/outbox.js';
import type { JsonText } from '../job/json-text.js';
import type { StopReport } from '../control/cancellation.js';

export interface ClaimRequest {
  jobId: JobId;
  publishId: PublishId;
  /** Whose message it is. A job that has been moved to another queue since is not claimed by it; left out, any is. */
  queue?: string;
  /** Of the job. Left out, the store finds out by itself what it could expect of the kind. */
  kind?: string;
  /** Made by the caller, so that a claim whose answer was lost can be recognised as its own. */
  token: LeaseToken;
}

/** A job as its runner gets it, with the lease under which it may run. */
export interface ClaimedJob extends Job {
  token: LeaseToken;
  publishId: PublishId;
  fence: number;
  crashes: number;
  /** How long it has waited for this attempt since it was due, by the store's clock; absent where the attempt had begun before. */
  waitedSeconds?: number;
  /** Why its payload cannot be read just now: it is encrypted, and its key is not here. The platform's fault, and no attempt is charged. */
  unreadable?: string;
}

/** What a claim that was not granted at once has to know about the row; see `decideDelivery`. */
export interface ClaimFacts {
  state: JobState;
  attempt: number;
  maxAttempts: number;
  crashes: number;
  /** It should have started by now, and has not. */
  late: boolean;
  token: LeaseToken | null;
  publishId: PublishId | null;
  workerId: WorkerId | null;
  /** The owner's process holds its advisory lock and its lease has not run out, by the store's clock. */
  ownerAlive: boolean;
  /** Its lock is free: the process has died. One whose lease is over, and whose lock is held, is frozen or cut off. */
  ownerDied: boolean;
  /** It has limits, and not a slot of each of them: it waits for its turn. */
  waits?: boolean;
  queue?: string;
}

export type ClaimAnswer = { claimed: ClaimedJob } | { claimed: null; facts: ClaimFacts | null };

export type SettleEvent = 'succeeded' | 'failed' | 'retried' | 'snoozed' | 'interrupted' | 'cancelled';

export interface Settlement {
  jobId: JobId;
  token: LeaseToken;
  event: SettleEvent;
  /** Of the job, for a store that encrypts results. It looks up what it is not told. */
  kind?: string;
  tenant?: string;
  /** The JSON that is kept. */
  result?: JsonText;
  error?: JobError;
  /** With `retried` and `snoozed`: milliseconds until the next attempt. */
  delayMs?: number;
  /** With `snoozed`: the platform has ended the attempt. After 24 hours of that in a row, by its own clock, the store ends the job as failed. */
  interrupted?: true;
  progress?: Progress;
  /** Of an attempt that was asked to stop. */
  stop?: StopReport;
  /** What the attempt has told and the store does not have yet, in order; before the settlement's own event. */
  events?: AttemptEvent[];
  /** Write the outcome event to the outbox too, because no unacknowledged delivery will bring it back. */
  announce: boolean;
}

/**
 * What has changed of a job since it was claimed, by its settlement or by others (a requester that waits elsewhere now), and of what kind it is.
 * All else is as it was claimed.
 */
export type SettledJob = Pick<Job, 'kind' | 'state' | 'result' | 'events' | 'notify' | 'cancelRequested' | 'runAt' | 'finishedAt'> &
  Partial<Pick<Job, 'attempt' | 'progress' | 'errors'>>;

/** `settled: false`: the row is no longer this token's, and nothing was written. */
export type SettleAnswer = ({ settled: true; job: SettledJob } | { settled: false }) & { slots?: FreedSlots };

/** What a settlement has done with the slots of limits that it has freed; with one of its answers. */
export interface FreedSlots {
  /** The next jobs have them, each with a row in the outbox: to be begun here or published at once, or any relay does it a second later. */
  handedOn: JobMessage[];
  /** Slots are free, and jobs wait for them: a release has to look. */
  roomFreed: boolean;
}

/** The slots that jobs may take together, and how many one takes of each kind that does not take one. */
export interface FreeSlots {
  free: number;
  of: ReadonlyMap<string, number>;
}

/** Of the job, for a store that encrypts results. It looks up what it is not told. */
export type StepOwner = Pick<Job, 'kind' | 'tenant'>;

export interface AttemptStore<Transaction = unknown> {
  /** `queued → running` for each job that allows it, committed when it resolves; for the others what stands in the way. */
  claim(workerId: WorkerId, requests: ClaimRequest[]): Promise<ClaimAnswer[]>;

  /**
   * Single-process mode: takes up to `limit` due jobs out of the outbox and claims them, in one statement: those that have crashed
   * a worker before if `suspects`, else the others. `queues` null takes from all that are not paused. With `slots` the first of them are taken whose jobs
   * fit: one that does not keeps those behind it from being taken.
   */
  claimDue(workerId: WorkerId, queues: readonly string[] | null, limit: number, suspects: boolean, slots?: FreeSlots): Promise<ClaimedJob[]>;

  /** The same, of jobs that are not suspects: up to `limit` that have waited longest, whatever their priority. */
  claimOldest(workerId: WorkerId, queues: readonly string[] | null, limit: number, slots?: FreeSlots): Promise<ClaimedJob[]>;

  /** Claims a job that has crashed a worker before; only the caller's promise to run it in a process of its own makes that safe for its neighbours. */
  claimSuspect(workerId: WorkerId, request: ClaimRequest): Promise<ClaimedJob | null>;

  /**
   * A queued job with limits and without their slots, or of another queue than this one, has a place in the waiting room afterwards; a release brings it a
   * new copy. Changes nothing where the job has its slots and is of this queue, or is not queued any more.
   */
  awaitTurn(jobId: JobId, queue?: string): Promise<void>;

  /** `running → running` under a new token, if `heldToken` is still the current one. Counts a crash if `crashed`, and no attempt: the one that was lost is not charged. */
  takeOver(workerId: WorkerId, request: ClaimRequest, heldToken: LeaseToken, crashed: boolean): Promise<ClaimedJob | null>;

  /** The job that this token claimed, when the claim's answer was lost. Null when the token is not the current one. */
  claimedBy(jobId: JobId, token: LeaseToken): Promise<ClaimedJob | null>;

  /**
   * A queued job without attempts left (`heldToken` null), or an abandoned one that has lost too many workers: `→ failed`, with its dead letter, and
   * with `publishId` as the copy that has to announce it. False when someone else decided first.
   */
  exhaust(jobId: JobId, publishId: PublishId | null, heldToken: LeaseToken | null, error: JobError): Promise<boolean>;

  /**
   * A queued job that should have started by now: `→ failed`, with its dead letter, and with `publishId` as the copy that has to announce it. False when
   * someone else decided first.
   */
  expire(jobId: JobId, publishId: PublishId | null): Promise<boolean>;

  /** A queued job of a kind that this worker does not know: `→ scheduled`, or `→ failed` when it was so for `giveUpMs`. */
  defer(jobId: JobId, delayMs: number, giveUpMs: number, error: JobError): Promise<void>;

  /**
   * Jobs that wait here for a slot: those that are queued get rows in the outbox, due now, each for at most `size` of one kind, queue and priority.
   * Returns them.
   */
  putBack(jobIds: JobId[], size: number): Promise<JobId[]>;

  /**
   * Jobs whose queue or kind is paused: those that are queued go to the waiting room, with a place before all others of their queue and priority.
   * Returns them.
   */
  holdBack(jobIds: JobId[]): Promise<JobId[]>;

  /** Ends attempts; only the current token's are written. All in one statement, durable when it resolves. */
  settle(settlements: Settlement[], transaction?: Transaction): Promise<SettleAnswer[]>;

  /** Puts the outcome event of a job that has ended into the outbox, for whoever could not publish it. */
  announceLater(jobId: JobId): Promise<void>;

  find(jobId: JobId): Promise<Job | null>;

  /** What became of an attempt whose settlement got no answer. */
  outcomeOf(jobId: JobId, token: LeaseToken): Promise<'running' | 'settled' | 'lost'>;

  /** Whether the token is current as the transaction begins. Nothing is locked: the settlement in the same transaction checks again. */
  holds(transaction: Transaction, jobId: JobId, token: LeaseToken): Promise<boolean>;

  /** The text of the step's result, as it was saved, null for none; and whether the token is current. */
  readStep(jobId: JobId, token: LeaseToken, name: string, of?: StepOwner): Promise<{ held: boolean; result: JsonText | null }>;
  saveStep(jobId: JobId, token: LeaseToken, name: string, result: JsonText, of?: StepOwner): Promise<boolean>;
}
