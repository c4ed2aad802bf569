import type { Job, JobId } from '../job/job.js';
import type { NotifyEntry } from '../notify/channels.js';
import type { JsonText } from '../job/json-text.js';
import type { Sees } from '../job/tenant.js';
import type { CancelRequest } from './cancellation.js';

export interface JobControl {
  /**
   * A job that has not started is `cancelled` at once; a running one is asked to stop and ends `cancelled` when its
   * handler obeys. The first request stands: a repeat changes nothing. Null when there is no such job, or none of the tenant that `sees` names. `accepted` false: its state forbids it, nothing
   * was changed.
   */
  cancel(id: JobId, request?: CancelRequest, sees?: Sees): Promise<{ accepted: boolean; job: Job } | null>;

  /**
   * A failed job is queued again with all its attempts, with another payload if one is given. Otherwise as `cancel`. Rejects with `Refusal` where another job
   * waits with its unique key.
   */
  redrive(id: JobId, payload?: JsonText, sees?: Sees): Promise<{ accepted: boolean; job: Job } | null>;
}

export interface StartControl {
  /**
   * A job that has not started comes before all others of its queue: one that waits for its turn at once, one whose time has not come as if it were due.
   * Limits and pauses hold. One that the broker has already stays as it is. Otherwise as `cancel`.
   */
  start(id: JobId, sees?: Sees): Promise<{ accepted: boolean; job: Job } | null>;
}

export interface NotifyControl {
  /** The outcome goes to this address too. False: the job has ended (or is gone), and nothing was changed. */
  addNotify(id: JobId, entry: NotifyEntry): Promise<boolean>;
}
