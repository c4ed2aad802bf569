import type { PauseNote } from './paused.js';

/** How long a handler that is asked to stop has until its attempt ends without it, in milliseconds. A cancel may allow less. */
export const STOP_GRACE_MS = 5_000;

/** What became of a cancel, in the order in which one usually sees them. */
export const CANCEL_OUTCOMES = ['not_started', 'stopped', 'abandoned', 'killed', 'too_late', 'worker_lost'] as const;

/**
 * - `not_started`: the job had not begun, and never will;
 * - `stopped`: its attempt ended when it was asked to;
 * - `abandoned`: its handler did not obey in time. Its outcome will not be taken, but its code may go on until its process ends;
 * - `killed`: the same in a process of its own, which is gone;
 * - `too_late`: the attempt had its outcome before it obeyed, and the job has that one;
 * - `worker_lost`: the worker that ran it died or was cut off, and nobody else runs it.
 */
export type CancelOutcome = (typeof CANCEL_OUTCOMES)[number];

/** What a caller may say of a cancel. */
export interface CancelRequest extends PauseNote {
  /** From 0 to {@link STOP_GRACE_MS}. */
  graceMs?: number;
}

/** A job's first cancel: a repeat changes nothing. Times are ISO 8601, UTC, by the store's clock. */
export interface Cancellation {
  requestedAt: string;
  by: string | null;
  reason: string | null;
  graceMs: number | null;
  /** When the running handler's signal fired. Known when the attempt has ended. */
  acknowledgedAt: string | null;
  /** Null while the handler is being asked to stop. */
  outcome: CancelOutcome | null;
}

/** How an attempt that was asked to stop came to its end. */
export interface StopReport {
  how: 'stopped' | 'abandoned' | 'killed';
  /** Milliseconds since its signal fired. */
  heardMs: number;
}
