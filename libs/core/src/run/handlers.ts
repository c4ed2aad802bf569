import type { ClaimedJob } from './attempt-store.js';
import type { JobContext } from '../job/job-context.js';
import type { JsonText } from '../job/json-text.js';
import type { Kinds } from '../job/kinds.js';
import type { LogLine } from '../watch/events.js';
import type { SettlingTransaction } from './transactions.js';
import type { StopReason } from '../job/errors.js';

/** An attempt as whoever runs its handler sees it: the handler's context, and what running it in another process takes. */
export interface RunningAttempt<Transaction = unknown> extends JobContext<Transaction> {
  /** With its lease token: who bears it may write this attempt's outcome, in whatever process. */
  readonly job: ClaimedJob;
  /** Keeps a line that the handler's own process has logged. */
  keep(line: LogLine): void;
  /** Fires the signal. The first reason stands. */
  stop(reason: StopReason, message: string, graceMs?: number): void;
  /** The handler has a transaction open elsewhere: the attempt is settled through it. Called before `Handlers.run` resolves. */
  settleThrough(transaction: SettlingTransaction): void;
}

/** The kinds that this process can run. */
export interface Handlers<Transaction = unknown> extends Kinds {
  /**
   * Runs a handler with a validated payload and gives what it returned, unchecked; throws what the handler throws, `NonRetryableError` for an invalid payload,
   * `ProcessLostError` when the handler's own process ended under it.
   */
  run(kind: string, payload: JsonText, attempt: RunningAttempt<Transaction>): Promise<unknown>;
}
