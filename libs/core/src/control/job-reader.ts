import type { Job, JobId } from '../job/job.js';
import type { JsonText } from '../job/json-text.js';
import type { JobState } from '../job/lifecycle.js';
import type { Cancellation } from './cancellation.js';
import type { QueueSettings } from './queues.js';

export interface JobFilter {
  state?: JobState;
  kind?: string;
  queue?: string;
  tag?: string;
  /** The id after which the page begins, newest first. */
  cursor?: JobId;
  limit: number;
}

/** A job without its payload. */
export type JobSummary = Omit<Job, 'payload'>;

export interface JobDetail extends Job {
  /** The name of the worker process that runs it; null while none does. */
  worker: string | null;
  /** Null while nobody has cancelled it. */
  cancellation: Cancellation | null;
}

/** One of a list. */
export interface ListedJob extends JobSummary {
  /** Its result is too long for a list; the job has it. */
  resultOmitted: boolean;
}

export interface JobPage {
  /** As many as fit into an answer, so maybe fewer than were asked for. */
  items: ListedJob[];
  nextCursor: JobId | null;
}

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
  find(id: JobId): Promise<Job | null>;
  /** As a caller is shown it who asks for this one job. */
  detail(id: JobId): Promise<JobDetail | null>;
  /** As streams and waits show it: without its payload, which may be large. */
  view(id: JobId): Promise<JobSummary | null>;
  /** Of these, the ones that have ended or are gone. */
  ended(ids: JobId[]): Promise<JobId[]>;
  list(filter: JobFilter): Promise<JobPage>;
  /** The steps of a job, in the order in which they ended; as many as fit into an answer. Null: there is no such job. */
  steps(id: JobId): Promise<{ items: DoneStep[]; complete: boolean } | null>;
  /** Of all queues, by name, or of one. */
  queueStats(name?: string): Promise<QueueStats[]>;
  /** By kind, the median time of the newest jobs that succeeded, in seconds; kinds without any are missing. */
  runSeconds(kinds: string[]): Promise<Map<string, number>>;
}
