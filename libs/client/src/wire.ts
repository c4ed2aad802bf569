/**
 * What crosses the wire, written down once more: the client is used where Longhaul's own libraries are not. The compiler
 * holds it against `@app/contracts` (client.spec.ts).
 */

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export type TerminalState = 'succeeded' | 'failed' | 'cancelled';
export type JobState = 'scheduled' | 'queued' | 'running' | TerminalState;

/** How far a running attempt is, in the handler's own unit. */
export interface Progress {
  done: number;
  total?: number;
  message?: string;
  /** Units in a second, where there is a total. */
  rate?: number;
  /** When the attempt will be through at this rate. */
  estimatedEnd?: string;
}

/** What led to an error. */
export interface ErrorCause {
  name: string;
  message: string;
  code?: string;
  cause?: ErrorCause;
  errors?: ErrorCause[];
}

export interface JobErrorView {
  code: string;
  message: string;
  attempt: number;
  at: string;
  cause?: ErrorCause;
  errors?: ErrorCause[];
}

/** A job as the gateway shows it. `Result` is what its handler returns; null before it has. Times are ISO 8601, UTC. */
export interface JobView<Result = unknown> {
  id: string;
  kind: string;
  queue: string;
  state: JobState;
  /** 0 to 9. */
  priority: number;
  attempt: number;
  maxAttempts: number;
  progress: Progress | null;
  result: Result | null;
  /** Only in events and lists: the result is too large to be told there; `links.self` has it. */
  resultOmitted?: true;
  error: JobErrorView | null;
  tags: string[];
  cancelRequested: boolean;
  runAt: string | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** The number of its newest event. */
  lastEventId: number;
  links: { self: string; events: string; cancel?: string; redrive?: string };
}

/** Milliseconds, or text such as `30s`, `15m`, `PT15M`. */
export type Duration = number | string;

/** Options of the job itself; what is left out is as its kind says. */
export interface JobOptions {
  queue?: string;
  /** 0 to 9. */
  priority?: number;
  /** Not before this time. */
  runAt?: string | Date;
  delay?: Duration;
  /** Of one attempt. */
  timeout?: Duration;
  maxAttempts?: number;
  callbackUrl?: string;
  notifyEmail?: string;
  tags?: string[];
}

export interface JobFilter {
  state?: JobState;
  kind?: string;
  queue?: string;
  tag?: string;
  /** `nextCursor` of the page before. */
  cursor?: string;
  limit?: number;
}

/** Which dead letters: those that match all that is given. */
export interface DeadLetterFilter {
  reason?: string;
  kind?: string;
  queue?: string;
  /** `job`: of a job that has failed for good. `message`: of an AMQP message that was refused, or given up by RabbitMQ. */
  source?: 'job' | 'message';
}

/** Some dead letters, by at least one criterion, or all of them; nothing means neither, and is refused. */
export type DeadLetterChoice = (DeadLetterFilter & { all?: never }) | { all: true };

/** What became of dead letters that were to be put back. */
export interface Redriven {
  redriven: number;
  /** Those that stay, with the reason. */
  refused: { id: string; detail: string }[];
}

export interface JobPage<Result = unknown> {
  items: JobView<Result>[];
  nextCursor: string | null;
}

/** RFC 9457, as the gateway answers whatever it refuses. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  /** One entry a fault, with a JSON pointer into the request's body. */
  errors?: { pointer: string; detail: string }[];
  /** Of an overload: which limit was reached. */
  exceeded?: { signal: string; measured: number; limit: number; queue?: string; retryAfterSeconds: number };
}

interface Numbered {
  job: string;
  /** Grows by each event of one job. */
  seq: number;
}

/** The job's state has changed; `result`, `error` and `progress` come with the event that ended it. */
export interface StateEvent extends Numbered {
  type: 'state';
  at: string;
  state: JobState;
  attempt: number;
  result?: unknown;
  error?: JobErrorView | null;
  progress?: Progress | null;
}

/** How far the running attempt is. */
export interface ProgressEvent extends Numbered, Progress {
  type: 'progress';
  at: string;
}

/** A line that the handler has written. */
export interface LogEvent extends Numbered {
  type: 'log';
  at: string;
  level: string;
  message: string;
  fields: { [name: string]: JsonValue };
}

/** In place of events that are not kept any more: the job as it is. */
export interface ResetEvent extends Numbered {
  type: 'reset';
  view: JobView;
}

/** Something that happened to a job; `type` tells which. A newer gateway may send fields that are not here. */
export type JobEvent = StateEvent | ProgressEvent | LogEvent | ResetEvent;

/** The state that an event tells; undefined where it tells none. */
export function stateOf(event: JobEvent): JobState | undefined {
  if (event.type === 'state') return event.state;
  return event.type === 'reset' ? event.view.state : undefined;
}

export function isTerminal(state: JobState): state is TerminalState {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}
