import type { InfiniteData } from '@tanstack/react-query';
import type { JobDetail, JobPage, JobView, LogEvent, ProgressEvent, StateEvent } from '../api/api';
import { queryClient } from '../api/queries';
import type { StreamEvent } from './stream';

export type JobEvent = ({ name: 'state' } & StateEvent) | ({ name: 'progress' } & ProgressEvent) | ({ name: 'log' } & LogEvent);

export const JOB_EVENTS = ['state', 'progress', 'log', 'reset'] as const;

/** The number of the newest event of each job that this tab has seen: after a reconnect some come twice. */
const seen = new Map<string, number>();
const MOST_SEEN = 20_000;

/** The events that are new to this tab, in order. */
export function freshEvents(events: readonly StreamEvent[]): JobEvent[] {
  return events.flatMap(({ name, data }) => {
    if (name === 'reset') return [];
    const event = { name, ...(data as object) } as JobEvent;
    if ((seen.get(event.job) ?? 0) >= event.seq) return [];
    seen.delete(event.job);
    seen.set(event.job, event.seq);
    if (seen.size > MOST_SEEN) seen.delete(seen.keys().next().value ?? '');
    return [event];
  });
}

/** What the events of a job say about its view. */
function changeOf(job: JobView, event: JobEvent): JobView {
  if (event.seq <= job.lastEventId || event.name === 'log') return job;
  if (event.name === 'progress') {
    const { done, total, message, rate, estimatedEnd } = event;
    const progress = { done, ...(total === undefined ? {} : { total }), ...(message === undefined ? {} : { message }) };
    return {
      ...job,
      lastEventId: event.seq,
      progress: { ...progress, ...(rate === undefined ? {} : { rate }), ...(estimatedEnd === undefined ? {} : { estimatedEnd }) },
    };
  }
  const { state, attempt, at, seq } = event;
  const hasEnded = state === 'succeeded' || state === 'failed' || state === 'cancelled';
  return {
    ...job,
    state,
    attempt,
    lastEventId: seq,
    startedAt: state === 'running' ? at : job.startedAt,
    finishedAt: hasEnded ? at : null,
    result: event.result ?? (hasEnded ? job.result : null),
    error: event.error === undefined ? job.error : event.error,
    progress: event.progress ?? (state === 'queued' && attempt === 0 ? null : job.progress),
  };
}

/** Writes events into every list and page of the cache that shows their jobs. Returns the jobs that no list shows. */
export function patchJobs(events: readonly JobEvent[]): Set<string> {
  const byJob = Map.groupBy(events, ({ job }) => job);
  const unknown = new Set(byJob.keys());
  const patched = <View extends JobView>(job: View): View => {
    const news = byJob.get(job.id);
    if (!news) return job;
    unknown.delete(job.id);
    return { ...job, ...news.reduce<JobView>(changeOf, job) };
  };
  queryClient.setQueriesData<InfiniteData<JobPage>>({ queryKey: ['jobs'] }, (list) => {
    if (!list?.pages.some(({ items }) => items.some(({ id }) => byJob.has(id)))) return list;
    return { ...list, pages: list.pages.map((page) => ({ ...page, items: page.items.map(patched) })) };
  });
  for (const id of byJob.keys()) queryClient.setQueryData<JobDetail>(['job', id], (job) => job && patched(job));
  return unknown;
}
