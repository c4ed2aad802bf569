import { type EventMessage, isTerminal, type Job, type JsonValue } from '@app/core';
import { jobView } from '../http/job-view.js';

/**
 * The outcome event of a job that has ended. The message id names the job, its outcome and how often it was redriven:
 * it is the same whoever publishes the event and however often, so that consumers can drop a repeated one.
 */
export function outcomeEvent(job: Job, outboxId: string | null = null): EventMessage {
  if (!isTerminal(job.state)) throw new TypeError(`expected a job that has ended, got one that is ${job.state}`);
  return {
    type: 'event',
    outboxId,
    jobId: job.id,
    messageId: outcomeMessageId(job),
    routingKey: `${job.kind}.${job.state}`,
    body: jobView(job) as unknown as JsonValue,
    replyTo: job.replyTo,
    correlationId: job.correlationId,
  };
}

export function outcomeMessageId(job: Pick<Job, 'id' | 'state' | 'redrives'>): string {
  return `${job.id}.${job.state}.${job.redrives}`;
}
