import type { Job, JobId, WorkerId } from '../job/job.js';
import type { Clock } from '../kit/clock.js';
import type { Ending } from '../stats/tallies.js';
import type { AttemptStore, ClaimedJob, FreedSlots } from './attempt-store.js';
import type { Transactions } from './transactions.js';
import type { Handlers } from './handlers.js';
import type { Paused } from '../control/paused.js';
import type { StoreTime } from '../kit/store-clock.js';
import type { Logger } from '../kit/logger.js';
import type { ErrorClass } from '../submit/store-submissions.js';

/** Jobs whose outcomes may not have been told, and why. */
export type Untold = ReadonlyMap<JobId, unknown>;

/** What a runner and its two halves, the attempt and the settlement, work with. */
export interface RunnerDependencies<Transaction> {
  store: AttemptStore<Transaction>;
  transactions: Transactions<Transaction>;
  handlers: Handlers<Transaction>;
  /**
   * Tells of the outcomes of jobs. Resolves, with a broker after the last confirm, with the errors of those that may not have been told. To tell
   * a job's outcome again does no harm.
   */
  announce: (jobs: readonly Job[]) => Promise<Untold>;
  /** An outcome that no open delivery guards goes to the outbox, to be announced from there; false where nobody relays it. */
  announceFromOutbox: boolean;
  /** A job is about to run on without its delivery: `handedOver` counts it already. Resolves when the broker sends fewer. */
  slotsChanged: () => Promise<void>;
  /** A settlement has freed slots of limits: what it has handed on is to be published. Left out, a relay does that. */
  slotsFreed?: (slots: FreedSlots) => void;
  /** Told of each attempt whose end is written, with how long it ran. Left out, nobody counts them. */
  ended?: (job: ClaimedJob, ending: Ending, ms: number) => void;
  /** What an error of the store means for what was to be written; left out, every error lies in the connection. */
  classify?: (error: unknown) => ErrorClass;
  /** What must not be started. Left out, nothing is paused. */
  paused?: Pick<Paused, 'kind'>;
  clock: Clock;
  /** The store's time; left out, this process's own. */
  time?: StoreTime;
  logger: Logger;
  random: () => number;
  workerId: () => WorkerId;
  config: RunnerConfig;
}

export interface RunnerConfig {
  /** After this time the delivery of a running job is accepted and its lease alone guards it. */
  handoverMs: number;
  /** How long a handler may take to obey its signal before the attempt is ended without it. */
  graceMs: number;
  /** How long to hold a copy whose owner may come back, before looking again … */
  parkMs: number;
  /** … and how long in all: then the lease guards the job without it. */
  parkLimitMs: number;
  /** A kind that is not known here is tried again after this time … */
  unknownKindDelayMs: number;
  /** … and given up after this one: long enough for a deploy to end. */
  unknownKindGiveUpMs: number;
  maxBatch: number;
  /** Slots of this process. A job that takes more is put off, as if its kind were not known. Left out, there are enough. */
  concurrency?: number;
  /** Jobs that have crashed a worker before and run here beside the slots; more of them take slots like any other. */
  maxAside: number;
  /** The loss of so many workers ends a job. Default {@link MAX_CRASHES}; the store's is the same. */
  maxCrashes?: number;
  /** Of what a handler or a step returns, as JSON. Default {@link RESULT_MAX_BYTES}. */
  resultMaxBytes?: number;
}
