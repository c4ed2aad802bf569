import type { JobId, JsonValue, Progress } from './job.js';
import type { JobSchedule } from './job-schedule.js';
import type { JsonText } from './json-text.js';

/**
 * What a handler may know and do while its attempt runs. `Transaction` is the store's handle of a transaction
 * (TypeORM's EntityManager in the SDK); the core passes it through without looking.
 */
export interface JobContext<Transaction = unknown> {
  readonly id: JobId;
  readonly kind: string;
  readonly queue: string;
  /** Whose job it is. What the handler submits and stores is of the same tenant, and it finds the files of that one alone. */
  readonly tenant: string;
  /** The payload as it came, as JSON text: where numbers matter that a double does not hold, such as ids beyond 2^53. */
  readonly rawPayload: JsonText;
  /** Numbered from 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly createdAt: Date;
  /** Of a job that a schedule has made: which one, for which tick, and the tick before. */
  readonly schedule?: JobSchedule | undefined;
  /**
   * The same for every attempt of this job: pass it on to services that take an idempotency key, for a crash after
   * an outside effect and before the settlement repeats that effect. Add a suffix where one job has several effects.
   */
  readonly idempotencyKey: string;
  /** Grows with every claim of this job: for outside stores that can refuse an older writer. */
  readonly fence: number;
  /** Fires when the attempt should stop; `signal.reason` is a `StopError` that says why: cancel, timeout, lease_lost, drain. */
  readonly signal: AbortSignal;

  /**
   * Says how far it is. Cheap: only the newest is kept, and is written about once a second, less often after some minutes;
   * with a `total`, Longhaul works out rate and estimated end.
   */
  progress(progress: Progress): void;

  /**
   * A structured log line: in the worker's log, with the job's id, attempt and kind, and among the job's events, where whoever
   * watches the job reads it. Bounded there: 10,000 lines of a job, 8 kB of a line. Not for secrets.
   */
  log(message: string, fields?: Record<string, unknown>): void;

  /**
   * Runs `work` once and remembers its result over attempts: a later attempt gets the stored result instead of running it.
   * The effect happens at least once (a crash between the effect and the storing repeats it); the result is one.
   */
  step<Result extends JsonValue>(name: string, work: () => Promise<Result>): Promise<Result>;

  /**
   * Runs `work` in the transaction that settles this attempt. The job's row is locked and the lease checked first;
   * the writes are committed with the result when the handler returns, exactly once, and are rolled back when it
   * throws or has lost its lease (`LeaseLostError`). Keep it short and last: locks are held until the handler returns.
   */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
}
