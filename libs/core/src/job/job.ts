import type { JobSchedule } from './job-schedule.js';
import type { ErrorCause } from './error-description.js';
import type { StoredOptions } from './job-options.js';
import type { JsonText } from './json-text.js';
import type { NotifyEntry } from '../notify/channels.js';
import type { JobState } from './lifecycle.js';

/** A job's id: a UUIDv7, made by the process that accepts the job. It shows the time of creation and is not a secret. */
export type JobId = string & { readonly __brand: 'JobId' };

/** The fencing token of one claim: random, new for every claim. Only its bearer may write the attempt's outcome. */
export type LeaseToken = string & { readonly __brand: 'LeaseToken' };

/** The id of one published copy of a job's message: new for every publish, kept by the broker over redeliveries. */
export type PublishId = string & { readonly __brand: 'PublishId' };

/** The number of a running process that may own jobs; also the key of its advisory lock. */
export type WorkerId = number & { readonly __brand: 'WorkerId' };

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** How far a running attempt is, in the handler's own unit. `total` is absent while it is not known. */
export interface Progress {
  done: number;
  total?: number;
  message?: string;
  /** Units in a second, of late; worked out by Longhaul where there is a total. */
  rate?: number;
  /** When the attempt will be through at this rate; ISO 8601, UTC. */
  estimatedEnd?: string;
}

/** Why an attempt did not succeed. `stack` is shown of one job that is asked for, not in lists and events. */
export interface JobError {
  /** Stable and machine-readable, e.g. `handler_error`, `timeout`, `worker_lost`, `process_lost`, `out_of_memory`, `unknown_kind`. */
  code: string;
  name: string;
  message: string;
  attempt: number;
  /** ISO 8601, UTC. */
  at: string;
  stack?: string;
  /** What led to it (`error.cause`), and what failed together (`AggregateError`); bounded in depth and size. */
  cause?: ErrorCause;
  errors?: ErrorCause[];
}

/** One accepted request for work, as the store knows it. */
export interface Job extends StoredOptions {
  id: JobId;
  kind: string;
  state: JobState;
  /** As it came: a number is its digits, and nobody reads it into less on the way. */
  payload: JsonText;
  /** Attempts begun so far; an interrupted or snoozed attempt is taken off again. */
  attempt: number;
  progress: Progress | null;
  /** As the handler's result was written; null while there is none. */
  result: JsonText | null;
  /** One entry for each attempt that failed, oldest first, the last 20. */
  errors: JobError[];
  /** Whom its outcome is sent to. */
  notify: readonly NotifyEntry[];
  traceparent: string | null;
  /** The schedule that has made it, and for which tick. Left out for most jobs. */
  schedule?: JobSchedule;
  redrives: number;
  cancelRequested: boolean;
  /** The number of its newest event, counted from 1: see ports/events.ts. */
  events: number;
  runAt: Date | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
}
