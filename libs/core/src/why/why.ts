import type { JobCount } from '../control/job-reader.js';
import type { JobId } from '../job/job.js';
import type { JobState } from '../job/lifecycle.js';

/** What made a job wait for a time: its submission, a failed attempt, its handler (`snooze`), or a worker that did not know its kind (`unknown_kind`). */
export type ScheduledBy = 'delay' | 'backoff' | 'snooze' | 'unknown_kind';

/** One cause that holds. */
export type WhyReason =
  /** Its queue or its kind is paused. */
  | { code: 'paused'; what: 'queue' | 'kind'; name: string; since: Date; by: string | null; reason: string | null }
  /** Its time has not come; `attempt` is the number of the attempt that is to come. */
  | { code: 'scheduled'; until: Date; by: ScheduledBy; attempt: number }
  /** No live worker takes its queue, or none has as many slots as it needs. */
  | { code: 'no_worker'; queue: string; workers: number; needsSlots: number; largestWorker: number | null }
  /** RabbitMQ cannot be reached, or takes no messages. */
  | { code: 'broker_away'; broker: 'down' | 'blocked' }
  /** So many jobs run under a limit as may. `ahead` of those that wait for it; `holders` are the first ten jobs that have a place. */
  | { code: 'limit'; limit: string; capacity: number; held: number; ahead: JobCount; holders: JobId[] }
  /** A limit allows no start before `nextAt`. */
  | { code: 'rate'; limit: string; nextAt: Date; ahead: JobCount }
  /** Others of its queue are before it. */
  | { code: 'behind'; queue: string; ahead: JobCount }
  /** It is on its way to a worker, through RabbitMQ; `confirmed` false: RabbitMQ has not confirmed its message yet. */
  | { code: 'published'; since: Date; confirmed: boolean }
  | { code: 'running'; worker: string | null; since: Date; attempt: number };

export interface Estimate {
  /** Null where nothing can be said. */
  start: Date | null;
  /** What it rests on; null without a start. */
  confidence: string | null;
}

/** Why a job has not started, or that it has. */
export interface Why extends Estimate {
  id: JobId;
  state: JobState;
  /** All causes that hold, the one that has to end first at the beginning; none of a job that has ended. */
  reasons: WhyReason[];
}
