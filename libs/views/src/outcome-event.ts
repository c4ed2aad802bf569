import { type EventMessage, isTerminal, type Job, type JobSummary, writeJson } from '@app/core';
import { jobText, jobView } from './job-view.js';
import { isTooLargeForEvents } from './large-result.js';

/**
 * The outcome event of a job that has ended. The message id names the job, its outcome and how often it was redriven:
 * every publication of the event has the same id, so that consumers can drop repeats.
 */
export function outcomeEvent(job: JobSummary, outboxId: string | null = null): EventMessage {
  if (!isTerminal(job.state)) throw new TypeError(`expected a job that has ended, got one that is ${job.state}`);
  return {
    type: 'event',
    outboxId,
    jobId: job.id,
    messageId: outcomeMessageId(job),
    routingKey: `${job.kind}.${job.state}`,
    tenant: job.tenant,
    body: outcomeText(job),
    notify: job.notify,
  };
}

/** The job's view without a result that is too large for an event. The broker would refuse such a message each time it is published again. */
function outcomeText(job: JobSummary): string {
  if (isTooLargeForEvents(job.result)) return writeJson({ ...jobView({ ...job, result: null }), resultOmitted: true });
  return jobText(job);
}

export function outcomeMessageId(job: Pick<Job, 'id' | 'state' | 'redrives'>): string {
  return `${job.id}.${job.state}.${job.redrives}`;
}
