import type { JobError, JobId, JsonValue, Progress } from '../job/job.js';
import type { JsonText } from '../job/json-text.js';
import type { JobState } from '../job/lifecycle.js';

/** One line of `job.log()`, as it is stored. */
export interface LogLine {
  /** `warn` only for what Longhaul itself has to say about a handler's lines. */
  level: 'info' | 'warn';
  message: string;
  fields: { [name: string]: JsonValue };
}

/** What a running attempt tells of itself, `ageMs` before it is written: times of events are the store's. */
export type AttemptEvent = { type: 'progress'; progress: Progress; ageMs: number } | { type: 'log'; line: LogLine; ageMs: number };

/** How far a job has come when it has ended; with the event that ended it. */
export interface JobEnd {
  result: JsonText | null;
  error: JobError | null;
  progress: Progress | null;
}

/** One entry of a job's sequence: numbered from 1, without gaps. */
export type StoredEvent = { jobId: JobId; seq: number; at: Date } & (
  { type: 'state'; state: JobState; attempt: number; end?: JobEnd } | { type: 'progress'; progress: Progress } | { type: 'log'; line: LogLine }
);

/** Of which jobs; all of them if nothing is given. */
export interface EventFilter {
  /** Of this tenant; left out, of all. */
  tenant?: string;
  kind?: string;
  tag?: string;
}

/** Some of a job's events, and where they stand among all. */
export interface EventPage {
  jobId: JobId;
  kind: string;
  tags: string[];
  tenant: string;
  state: JobState;
  /** The first number from which on the store still has all events. */
  first: number;
  /** The number of the job's newest event. */
  last: number;
  /** In order. Fewer than there are when there are many: read on after the last one. */
  events: StoredEvent[];
}

export interface EventReader {
  /** The events of each job after the given number, at most `limit` of progress and log lines; nothing of a job that has none. One statement. */
  read(jobs: { jobId: JobId; after: number }[], limit: number): Promise<EventPage[]>;
  /** Jobs to which something happened in the last `seconds`, among those that run and the newest others that match. For catching up, with the store's time. */
  recent(filter: EventFilter & { seconds: number; limit: number }): Promise<{ jobIds: JobId[]; now: Date }>;
}

/**
 * Tells all processes that something happened to jobs, or without ids to something else, so that they look at the store. A hint: it may be late,
 * doubled or lost. Never throws and never waits.
 */
export interface ChangeFeed {
  tell(jobIds: readonly JobId[]): void;
}

/** Told of changed jobs, in batches. None of them: something else has changed that people look at, such as a schedule or a dead letter. */
export type ChangeListener = (jobIds: readonly JobId[]) => void;
