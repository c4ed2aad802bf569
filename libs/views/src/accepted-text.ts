import { type JobSummary, publicPath, writeJson } from '@app/core';
import { jobView } from './job-view.js';

/**
 * The JSON of `jobView`, as `writeJson` writes it. That of a job that was accepted and to which nothing has happened since is put together, because
 * each submission is answered by it: a view and its JSON would take six times as long.
 */
export function acceptedText(job: JobSummary): string {
  const { id, kind, queue, state, priority, maxAttempts, tags, events } = job;
  if (events !== 1 || (state !== 'queued' && state !== 'scheduled')) return writeJson(jobView(job));
  const self = JSON.stringify(publicPath(`/jobs/${id}`)).slice(0, -1);
  const runAt = state === 'scheduled' && job.runAt ? `"${job.runAt.toISOString()}"` : 'null';
  return (
    `{"id":"${id}","kind":${JSON.stringify(kind)},"queue":${JSON.stringify(queue)},"state":"${state}","priority":${priority},"attempt":0,` +
    `"maxAttempts":${maxAttempts},"progress":null,"result":null,"error":null,"tags":${JSON.stringify(tags)},"cancelRequested":false,` +
    `"runAt":${runAt},"createdAt":"${isoTime(job.createdAt)}","startedAt":null,"finishedAt":null,"lastEventId":1,` +
    `"links":{"self":${self}","events":${self}/events","cancel":${self}/cancel"}}`
  );
}

let last = { ms: NaN, text: '' };

/** Jobs that were stored together have one time. */
function isoTime(time: Date): string {
  const ms = time.getTime();
  if (ms !== last.ms) last = { ms, text: time.toISOString() };
  return last.text;
}
