import type { Job } from '../job/job.js';

/**
 * Outcomes that callers have yet to be told of, written by the very statements that end jobs, for jobs that name a callback
 * URL or an address, or while an endpoint is registered. Our own kinds have none.
 */
export interface Notices<Transaction = unknown> {
  /**
   * Hands up to `limit` jobs with such an outcome to `tell`, in the transaction in which their notices are removed: what
   * `tell` writes is there once, or, when anything fails, not at all. Others skip what is being told. Returns how many.
   * A job that was redriven before its outcome was told is left out; it will have another.
   */
  tell(limit: number, tell: (jobs: Job[], transaction: Transaction) => Promise<void>): Promise<number>;
  /** Leaves the notice that comes first alone for a while: telling it failed, and it must not keep the others waiting. */
  putOffFirst(seconds: number): Promise<void>;
}
