import type { Job, JobId } from '../job/job.js';
import type { JsonText } from '../job/json-text.js';
import type { Sees } from '../job/tenant.js';
import type { Cancellation } from './cancellation.js';
import type { JobConditions } from './job-filter.js';
import type { QueueSettings } from './queues.js';

/** A page of the jobs that fit. */
export interface JobFilter extends JobConditions {
  order?: JobOrder;
  /** Where the page begins: the id before its first job, in the order. With `-` before it the page ends there: it has the jobs before that id. */
  cursor?: string;
  limit: number;
}

export const JOB_ORDERS = ['newest', 'oldest'] as const;
export type JobOrder = (typeof JOB_ORDERS)[number];

/** A job without its payload. */
export type JobSummary = Omit<Job, 'payload'>;

export interface JobDetail extends Job {
  /** The name of the worker process that runs it; null while none does. */
  worker: string | null;
  /** Null while nobody has cancelled it. */
  cancellation: Cancellation | null;
  /** Until when it must have started; null when it need not, or has. */
  startBefore: Date | null;
  /** Whose share of a fair queue it takes; null where its tag or its kind says that. */
  flowKey: string | null;
  /** Of its kind, that one job at most waits with; null when it has none. */
  uniqueKey: string | null;
}

/** One of a list. */
export interface ListedJob extends JobSummary {
  /** Its result is too long for a list; the job has it. */
  resultOmitted: boolean;
}

export interface JobPage {
  /** As many as fit into an answer, so maybe fewer than were asked for. */
  items: ListedJob[];
  nextCursor: string | null;
  /** Of the page before; null on the first page. */
  previousCursor: string | null;
  /** The look has ended before the page was full, though there is more to look at: about when the last job was created that was looked at. */
  searchedUntil: Date | null;
}

/** A number of jobs. Not exact where there are or may be more than were counted, or where it is put together of counts a few seconds old. */
export interface JobCount {
  jobs: number;
  exact: boolean;
}

/** Counts are exact up to this. */
export const COUNTED_EXACTLY = 10_000;

export interface QueueStats extends QueueSettings {
  name: string;
  /** Jobs by state; finished ones are not counted. */
  scheduled: number;
  queued: number;
  running: number;
  /** Of the queued ones, those in the waiting room: that wait for their turn, and that a limit has parked. The others are on their way to a worker. */
  waiting: number;
  parked: number;
  /** Seconds that the oldest queued job has waited; null when none waits. */
  oldestAgeSeconds: number | null;
  /** Live workers that take from this queue. */
  consumers: number;
}

/** A step that a job has done, and that a later attempt does not do again. */
export interface DoneStep {
  name: string;
  result: JsonText | null;
  endedAt: Date;
}

export interface JobReader {
  /** Here and below null, or what stands for nothing, also for a job that is not of the tenant that `sees` names; left out, all are seen. */
  find(id: JobId, sees?: Sees): Promise<Job | null>;
  /** As a caller is shown it who asks for this one job. */
  detail(id: JobId, sees?: Sees): Promise<JobDetail | null>;
  /** As streams and waits show it: without its payload, which may be large. */
  view(id: JobId, sees?: Sees): Promise<JobSummary | null>;
  /** Of these, the ones that have ended or are gone. */
  ended(ids: JobId[]): Promise<JobId[]>;
  /** Looks at a bounded number of jobs: a page may have fewer than were asked for, and go on. */
  list(filter: JobFilter): Promise<JobPage>;
  /** The same bound holds. */
  count(conditions: JobConditions): Promise<JobCount>;
  /** The steps of a job, in the order in which they ended; as many as fit into an answer. Null: there is no such job. */
  steps(id: JobId, sees?: Sees): Promise<{ items: DoneStep[]; complete: boolean } | null>;
  /** Of all queues, by name, or of one; of one tenant's jobs in them where `sees` names it. */
  queueStats(name?: string, sees?: Sees): Promise<QueueStats[]>;
  /** By kind, the median time of the newest jobs that succeeded, in seconds; kinds without any are missing. */
  runSeconds(kinds: string[]): Promise<Map<string, number>>;
}
