import { type EventMessage, isTerminal, type Job, type JobId, type JobSummary, type NotifyEntry, writeJson } from '@app/core';
import { jobText, jobView } from './job-view.js';
import { isTooLargeForEvents } from './large-result.js';

/**
 * The outcome event of a job that has ended. The message id names the job, its outcome and how often it was redriven:
 * every publication of the event has the same id, so that consumers can drop repeats.
 */
export function outcomeEvent(job: JobSummary, outboxId: string | null = null): EventMessage {
  if (!isTerminal(job.state)) throw new TypeError(`expected a job that has ended, got one that is ${job.state}`);
  return new OutcomeEvent(job, outboxId);
}

class OutcomeEvent implements EventMessage {
  readonly type = 'event';
  readonly jobId: JobId;
  readonly messageId: string;
  readonly routingKey: string;
  readonly tenant: string;
  readonly notify: readonly NotifyEntry[];

  constructor(
    private readonly job: JobSummary,
    readonly outboxId: string | null,
  ) {
    this.jobId = job.id;
    this.messageId = outcomeMessageId(job);
    this.routingKey = `${job.kind}.${job.state}`;
    this.tenant = job.tenant;
    this.notify = job.notify;
  }

  /** It is made when it is asked for, because most events have no reader. */
  get body(): string {
    return outcomeText(this.job);
  }
}

/** The job's view without a result that is too large for an event. The broker would refuse such a message each time it is published again. */
function outcomeText(job: JobSummary): string {
  if (isTooLargeForEvents(job.result)) return writeJson({ ...jobView({ ...job, result: null }), resultOmitted: true });
  return jobText(job);
}

export function outcomeMessageId(job: Pick<Job, 'id' | 'state' | 'redrives'>): string {
  return `${job.id}.${job.state}.${job.redrives}`;
}
