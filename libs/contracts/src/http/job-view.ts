import {
  type ErrorCause,
  isTerminal,
  type JobError,
  type JobState,
  type JobSummary,
  type JsonText,
  type JsonValue,
  type Progress,
  publicPath,
  RawJson,
} from '@app/core';

/** Why a job's last attempt did not succeed, as callers see it. */
export interface JobErrorView {
  code: string;
  message: string;
  attempt: number;
  at: string;
  /** What led to it, and what failed together; bounded. */
  cause?: ErrorCause;
  errors?: ErrorCause[];
}

/** A job as every channel shows it: HTTP, outcome events, streams, webhooks. Times are ISO 8601, UTC. */
export interface JobView {
  id: string;
  kind: string;
  queue: string;
  state: JobState;
  /** 0 to 9. */
  priority: number;
  attempt: number;
  maxAttempts: number;
  progress: Progress | null;
  result: JsonValue;
  /** Only in events and lists: the result is too large to be told there; `links.self` has it. */
  resultOmitted?: true;
  error: JobErrorView | null;
  tags: string[];
  cancelRequested: boolean;
  /** When the next attempt is due; only while `scheduled`. */
  runAt: string | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** The number of its newest event: `Last-Event-ID` of a stream that goes on from here. */
  lastEventId: number;
  links: { self: string; events: string; cancel?: string; redrive?: string };
}

export function jobView(job: JobSummary): JobView {
  const self = publicPath(`/jobs/${job.id}`);
  const last = job.state === 'succeeded' ? undefined : job.errors.at(-1);
  return {
    id: job.id,
    kind: job.kind,
    queue: job.queue,
    state: job.state,
    priority: job.priority,
    attempt: job.attempt,
    maxAttempts: job.maxAttempts,
    progress: job.progress,
    result: rawResult(job.result),
    error: last ? jobErrorView(last) : null,
    tags: job.tags,
    cancelRequested: job.cancelRequested,
    runAt: job.state === 'scheduled' && job.runAt ? job.runAt.toISOString() : null,
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
    lastEventId: job.events,
    links: {
      self,
      events: `${self}/events`,
      ...(isTerminal(job.state) ? {} : { cancel: `${self}/cancel` }),
      ...(job.state === 'failed' ? { redrive: `${self}/redrive` } : {}),
    },
  };
}

/** A result as our views hold it: it stands for its value, and `writeJson` writes it digit by digit. */
export function rawResult(text: JsonText | null): JsonValue {
  return text === null || text === 'null' ? null : (new RawJson(text) as unknown as JsonValue);
}

export function jobErrorView({ code, message, attempt, at, cause, errors }: JobError): JobErrorView {
  return { code, message, attempt, at, ...(cause ? { cause } : {}), ...(errors ? { errors } : {}) };
}
