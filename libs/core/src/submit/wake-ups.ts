import { type JobMessage, WAKE_UP_MAX } from '../relay/outbox.js';
import type { NewJob, SubmitOutcome } from './submission-store.js';

/** How many jobs of a kind one message may wake up. */
export type WakeUpSize = (kind: string) => number;

/** A job that is due at once may be woken up together with others; one with a trace context has a message of its own, which carries it. */
function mayShare({ runAt, delayMs, traceparent }: NewJob): boolean {
  return runAt === null && delayMs === null && traceparent === null;
}

interface OpenRow {
  first: NewJob;
  outboxId: string;
  left: number;
}

function shapeOf({ priority, queue, kind }: NewJob): string {
  return `${priority} ${queue} ${kind}`;
}

/** Whether two jobs may share a message, as far as its properties go. */
export function isOfShape(job: NewJob, { priority, queue, kind }: NewJob): boolean {
  return job.kind === kind && job.queue === queue && job.priority === priority;
}

/**
 * Gives jobs that are stored together, in their order, one row of the outbox for as many as one message may wake up. The row is named before the
 * first try to store them, so that a repeat after an answer that was lost names the same one.
 */
export function shareOutboxRows(jobs: NewJob[], size: WakeUpSize): void {
  if (jobs.length < 2) return;
  const open = new Map<string, OpenRow>();
  let last: OpenRow | undefined;
  for (const job of jobs) {
    if (!mayShare(job)) continue;
    // Most jobs are of the shape of the one before.
    let row = last && isOfShape(job, last.first) ? last : open.get(shapeOf(job));
    if (!row || row.left === 0) {
      row = { first: job, outboxId: job.outboxId, left: Math.min(size(job.kind), WAKE_UP_MAX) };
      open.set(shapeOf(job), row);
    }
    job.outboxId = row.outboxId;
    row.left--;
    last = row;
  }
}

/** The messages that wake up those jobs of a batch that are stored now and due: one for each row of the outbox. */
export function wakeUpsOf(jobs: NewJob[], outcomes: (SubmitOutcome | Error)[]): JobMessage[] {
  const messages = new Map<string, JobMessage>();
  let last: JobMessage | undefined;
  for (const [index, { id, outboxId, kind, queue, priority, traceparent }] of jobs.entries()) {
    const outcome = outcomes[index];
    if (jobs[index]?.waits) continue;
    if (outcome instanceof Error || outcome?.status !== 'created' || outcome.state !== 'queued') continue;
    let message = last?.outboxId === outboxId ? last : messages.get(outboxId);
    if (message) message.jobIds.push(id);
    else messages.set(outboxId, (message = { type: 'job', outboxId, jobIds: [id], kind, queue, priority, traceparent }));
    last = message;
  }
  return [...messages.values()];
}
