import type { JobDetail, JobErrorView, JobScheduleView, JobView, JsonValue as WireValue } from '@app/contracts';
import {
  isTerminal,
  type JobDetail as StoredDetail,
  type JobError,
  type JobSchedule,
  type JobSummary,
  type JsonText,
  publicPath,
  RawJson,
  writeJson,
} from '@app/core';

/** A job as every channel shows it: HTTP, outcome events, streams, webhooks. */
export function jobView(job: JobSummary): JobView {
  const self = publicPath(`/jobs/${job.id}`);
  const last = job.state === 'succeeded' ? undefined : job.errors.at(-1);
  const view: JobView = {
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
      ...(isTerminal(job.state) ? {} : { cancel: `${self}/cancel`, why: `${self}/why` }),
      ...(job.state === 'failed' ? { redrive: `${self}/redrive` } : {}),
    },
  };
  if (job.schedule) view.schedule = scheduleView(job.schedule);
  return view;
}

/**
 * What `writeJson(jobView(job))` gives. That of a job without an error is put together, in a third of the time: each submission is answered by it, and
 * each outcome told.
 */
export function jobText(job: JobSummary): string {
  const { id, state, startedAt, finishedAt } = job;
  if (state === 'failed' || (state !== 'succeeded' && job.errors.length > 0)) return writeJson(jobView(job));
  const self = JSON.stringify(publicPath(`/jobs/${id}`)).slice(0, -1);
  const runAt = state === 'scheduled' && job.runAt ? `"${job.runAt.toISOString()}"` : 'null';
  return (
    `{"id":"${id}","kind":${JSON.stringify(job.kind)},"queue":${JSON.stringify(job.queue)},"state":"${state}","priority":${job.priority},` +
    `"attempt":${job.attempt},"maxAttempts":${job.maxAttempts},"progress":${JSON.stringify(job.progress)},"result":${job.result ?? 'null'},"error":null,` +
    `"tags":${JSON.stringify(job.tags)},"cancelRequested":${job.cancelRequested},"runAt":${runAt},"createdAt":"${created(job.createdAt)}",` +
    `"startedAt":${startedAt ? `"${started(startedAt)}"` : 'null'},"finishedAt":${finishedAt ? `"${finished(finishedAt)}"` : 'null'},` +
    `"lastEventId":${job.events},"links":{"self":${self}","events":${self}/events"${isTerminal(state) ? '' : `,"cancel":${self}/cancel","why":${self}/why"`}}` +
    `${job.schedule ? `,"schedule":${JSON.stringify(scheduleView(job.schedule))}` : ''}}`
  );
}

function scheduleView({ id, tick, previousTick }: JobSchedule): JobScheduleView {
  return { id, tick: tick.toISOString(), previousTick: previousTick?.toISOString() ?? null };
}

/** Jobs that were stored, begun or ended by one statement have one time. */
const [created, started, finished] = [isoTimes(), isoTimes(), isoTimes()];

function isoTimes(): (time: Date) => string {
  let last = { ms: NaN, text: '' };
  return (time) => {
    const ms = time.getTime();
    if (ms !== last.ms) last = { ms, text: time.toISOString() };
    return last.text;
  };
}

/** A job as `GET /jobs/{id}` shows it to people who look for the cause of a failure: with payload, errors of all attempts, and the worker that runs it. */
export function jobDetailView(job: StoredDetail): JobDetail {
  const { payload, errors, worker, cancellation, startBefore, flowKey, uniqueKey } = job;
  return {
    ...jobView(job),
    payload: rawJson(payload),
    errors: errors.map(attemptErrorView),
    worker,
    cancellation,
    startBefore: startBefore?.toISOString() ?? null,
    flowKey,
    unique: uniqueKey === null ? null : { key: uniqueKey },
  };
}

/** A stored result inside a view. Its type is that of the value; `writeJson` writes the stored text with all digits. */
export function rawResult(text: JsonText | null): WireValue {
  return text === null || text === 'null' ? null : rawJson(text);
}

/** Stored JSON text inside a view. Its type is that of the value. */
export function rawJson(text: JsonText): WireValue {
  return new RawJson(text) as unknown as WireValue;
}

export function jobErrorView({ code, message, attempt, at, cause, errors }: JobError): JobErrorView {
  return { code, message, attempt, at, ...(cause ? { cause } : {}), ...(errors ? { errors } : {}) };
}

export function attemptErrorView(error: JobError): JobDetail['errors'][number] {
  return { ...jobErrorView(error), name: error.name, ...(error.stack === undefined ? {} : { stack: error.stack }) };
}
