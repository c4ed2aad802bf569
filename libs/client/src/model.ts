import type * as wire from './wire.js';

/** What the client speaks of: the wire, as the gateway's document has it, with the types of kinds and results put in. */

export type { ErrorCause, JobErrorView, JobState, JsonValue, Problem, Progress } from './wire.js';

export type TerminalState = 'succeeded' | 'failed' | 'cancelled';

/** A job as the gateway shows it. `Result` is what its handler returns; null before it has. Times are ISO 8601, UTC. */
export interface JobView<Result = unknown> extends Omit<wire.JobView, 'result'> {
  result: Result | null;
}

/** A job that was asked for by its id: with its payload, the errors of its attempts, and the process that runs it. */
export interface JobDetail<Result = unknown> extends JobView<Result>, Pick<wire.JobDetail, 'errors' | 'worker'> {
  payload: unknown;
}

/** Milliseconds, or text such as `30s`, `15m`, `PT15M`. */
export type Duration = number | string;

/** Options of the job itself; what is left out is as its kind says. */
export interface JobOptions extends Omit<wire.SubmitOptions, 'runAt'> {
  /** Not before this time. */
  runAt?: string | Date;
}

export type JobFilter = wire.ListJobs;

/** Which dead letters: those that match all that is given. */
export type DeadLetterFilter = Pick<wire.RedriveLetters, 'reason' | 'kind' | 'queue' | 'source'>;

/** Some dead letters, by at least one criterion, or all of them; nothing means neither, and is refused. */
export type DeadLetterChoice = (DeadLetterFilter & { all?: never }) | { all: true };

/** What became of dead letters that were to be put back. */
export type Redriven = wire.RedrivenLetters;

export interface JobPage<Result = unknown> extends Omit<wire.JobPage, 'items'> {
  items: JobView<Result>[];
}

/** The job's state has changed; `result`, `error` and `progress` come with the event that ended it. */
export interface StateEvent extends Omit<wire.StateEvent, 'result'> {
  type: 'state';
  result?: unknown;
}

/** How far the running attempt is. */
export interface ProgressEvent extends wire.ProgressEvent {
  type: 'progress';
}

/** A line that the handler has written. */
export interface LogEvent extends wire.LogEvent {
  type: 'log';
}

/** In place of events that are not kept any more: the job as it is. */
export interface ResetEvent extends Omit<wire.ResetEvent, 'view'> {
  type: 'reset';
  view: JobView;
}

/** Something that happened to a job; `type` tells which. A newer gateway may send fields that are not here. */
export type JobEvent = StateEvent | ProgressEvent | LogEvent | ResetEvent;

/** The state that an event tells; undefined where it tells none. */
export function stateOf(event: JobEvent): wire.JobState | undefined {
  if (event.type === 'state') return event.state;
  return event.type === 'reset' ? event.view.state : undefined;
}

export function isTerminal(state: wire.JobState): state is TerminalState {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}
