import type { ClaimedJob, JsonText, LogLine, Progress, SettleAnswer, Settlement, StopReason } from '@app/core';
import type { WireError } from './wire-error.js';

/** Messages from a worker to a child process. Both are of one build, so these messages are no contract with other versions. */
export type ToChild =
  | { type: 'run'; job: ClaimedJob }
  | { type: 'stop'; reason: StopReason; message: string }
  /** Only after `returned` with `open`: settle inside the handler's transaction and commit. */
  | { type: 'settle'; settlement: Settlement }
  /** The same, but nothing is to be kept. */
  | { type: 'rollback' }
  /** Idle for long: close what is open and exit. */
  | { type: 'end' };

/** Messages from the child: `ready` once; then for each `run` any number of `progress` and `log`, one message for its end, and `free` when the attempt has left the process. */
export type FromChild =
  | { type: 'ready' }
  | { type: 'progress'; progress: Progress }
  | { type: 'log'; line: LogLine }
  /** `open`: the handler's transaction waits for `settle` or `rollback`. */
  | { type: 'returned'; result: JsonText; progress: Progress | undefined; open: boolean }
  /** Its transaction, if it had one, is rolled back. */
  | { type: 'threw'; error: WireError; progress: Progress | undefined }
  | { type: 'settled'; answer: SettleAnswer }
  | { type: 'not-settled'; error: WireError }
  | { type: 'rolled-back' }
  /** `worn`: it kept so much memory that the next job had better have a new process. */
  | { type: 'free'; worn: boolean };

/** The pipe whose other end only the worker holds: when it breaks, the worker is gone. See lifeline.ts. */
export const LIFELINE_FD = 4;
