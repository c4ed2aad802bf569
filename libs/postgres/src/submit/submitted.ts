import type { NewJob, SubmitOutcome } from '@app/core';
import type { JobRow } from '../run/job-row.js';
import { OPTION_COLUMNS } from '../run/option-columns.js';

/** What SUBMIT_PLAIN can store together with a job of this shape. */
export function isPlain(job: NewJob, shape: NewJob): boolean {
  return (
    job.kind === shape.kind &&
    job.waits === shape.waits &&
    job.limitKeys === undefined &&
    job.runAt === null &&
    job.delayMs === null &&
    job.idempotency === null &&
    job.traceparent === null &&
    job.notify.length === 0 &&
    OPTION_COLUMNS.every(({ write }) => write(job) === write(shape))
  );
}

/** Somebody else's connection may read times as texts. */
export function timeOf(value: Date | string): Date {
  return value instanceof Date ? value : new Date(value);
}

/** And bytes as PostgreSQL's text for them. */
export function bytesOf(value: Buffer | string): Buffer {
  return typeof value === 'string' ? Buffer.from(value.replace(/^\\x/, ''), 'hex') : Buffer.from(value);
}

/** Our own row, of a try whose answer was lost. It may even be running by now. */
export function storedBefore(row: JobRow): SubmitOutcome {
  return { status: 'created', state: row.state === 'scheduled' ? 'scheduled' : 'queued', createdAt: row.created_at, runAt: row.run_at };
}
