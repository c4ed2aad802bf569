import type { JobEventName, LogEvent, ProgressEvent, ResetEvent, StateEvent } from '@app/contracts';
import type { JobEnd, StoredEvent } from '@app/core';
import { isTooLargeForEvents } from './large-result.js';
import { jobErrorView, rawResult } from './job-view.js';

/** An event as every stream shows it: its name and its data. */
export type JobEventView =
  { event: 'state'; data: StateEvent } | { event: 'progress'; data: ProgressEvent } | { event: 'log'; data: LogEvent } | { event: 'reset'; data: ResetEvent };

export function jobEventView(stored: StoredEvent): JobEventView & { event: JobEventName } {
  const named = { job: stored.jobId, seq: stored.seq, at: stored.at.toISOString() };
  switch (stored.type) {
    case 'state':
      return { event: 'state', data: { ...named, state: stored.state, attempt: stored.attempt, ...endView(stored.end) } };
    case 'progress':
      return { event: 'progress', data: { ...named, ...stored.progress } };
    case 'log':
      return { event: 'log', data: { ...named, ...stored.line } };
  }
}

function endView(end: JobEnd | undefined): Pick<StateEvent, 'result' | 'resultOmitted' | 'error' | 'progress'> {
  if (end && isTooLargeForEvents(end.result)) return { ...endView({ ...end, result: null }), resultOmitted: true };
  return end ? { result: rawResult(end.result), error: end.error && jobErrorView(end.error), progress: end.progress } : {};
}
