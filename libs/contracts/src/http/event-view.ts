import type { JobEnd, JobState, JsonValue, LogLine, Progress, StoredEvent } from '@app/core';
import { isTooLargeForEvents } from '../amqp/large-result.js';
import { type JobErrorView, type JobView, jobErrorView, rawResult } from './job-view.js';

/** Of every event: whose it is and the how manieth. Together they name it, over every channel. */
interface Named {
  job: string;
  seq: number;
  /** ISO 8601, UTC, by the database's clock. */
  at: string;
}

/** A job's state has changed; `result`, `error` and `progress` are there with the event that ended it. */
export interface StateEventView extends Named {
  state: JobState;
  attempt: number;
  result?: JsonValue;
  /** The result is too large to be told here; `GET /jobs/{id}` has it. */
  resultOmitted?: true;
  error?: JobErrorView | null;
  progress?: Progress | null;
}

export type ProgressEventView = Named & Progress;
export type LogEventView = Named & LogLine;

/** In place of events that are not kept any more: the job as it is. */
export interface ResetEventView {
  job: string;
  seq: number;
  view: JobView;
}

/** An event as every stream shows it: its name and its data. */
export type JobEventView =
  | { event: 'state'; data: StateEventView }
  | { event: 'progress'; data: ProgressEventView }
  | { event: 'log'; data: LogEventView }
  | { event: 'reset'; data: ResetEventView };

export function jobEventView(stored: StoredEvent): JobEventView {
  const named: Named = { job: stored.jobId, seq: stored.seq, at: stored.at.toISOString() };
  switch (stored.type) {
    case 'state':
      return { event: 'state', data: { ...named, state: stored.state, attempt: stored.attempt, ...endView(stored.end) } };
    case 'progress':
      return { event: 'progress', data: { ...named, ...stored.progress } };
    case 'log':
      return { event: 'log', data: { ...named, ...stored.line } };
  }
}

function endView(end: JobEnd | undefined): Pick<StateEventView, 'result' | 'resultOmitted' | 'error' | 'progress'> {
  if (end && isTooLargeForEvents(end.result)) return { ...endView({ ...end, result: null }), resultOmitted: true };
  return end ? { result: rawResult(end.result), error: end.error && jobErrorView(end.error), progress: end.progress } : {};
}
