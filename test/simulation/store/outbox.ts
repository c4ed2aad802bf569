import { outcomeEvent } from '@app/views';
import { isTerminal, type Job, type OutboxMessage } from '@app/core';
import type { OutboxRow, Tables } from './tables.js';

export interface Taken {
  outboxId: string;
  message: OutboxMessage | undefined;
}

/** TAKE_OUTBOX: hides what is due, and turns scheduled jobs whose time has come queued. */
export function takeOutbox(tables: Tables, limit: number, hideSeconds: number, cursor?: { last: string }): Taken[] {
  const now = tables.now();
  const due = [...tables.outbox.values()].filter((row) => row.availableAt <= now && (cursor === undefined || row.id > cursor.last));
  due.sort(cursor ? (a, b) => (a.id < b.id ? -1 : 1) : (a, b) => b.priority - a.priority || a.availableAt - b.availableAt);
  const taken = due.slice(0, limit);
  if (cursor && taken.length > 0) cursor.last = (taken.at(-1) as OutboxRow).id;
  // As the statement's snapshot has it: before what the statement itself changes.
  const messages = taken.map((row) => ({ outboxId: row.id, message: messageOf(row, tables.jobs.get(row.jobId)?.job) }));
  for (const row of taken) {
    row.availableAt = now + hideSeconds * 1_000;
    const job = tables.jobs.get(row.jobId);
    if (row.type === 'job' && job?.job.state === 'scheduled' && job.job.runAt && tables.time(job.job.runAt) <= now)
      tables.move(job, 'due', {}, { runAt: null });
  }
  return messages;
}

/** Undefined when it has become pointless to publish it. */
function messageOf(row: OutboxRow, job: Job | undefined): OutboxMessage | undefined {
  if (!job) return undefined;
  if (row.type === 'event') return isTerminal(job.state) ? outcomeEvent(job, row.id) : undefined;
  if (isTerminal(job.state)) return undefined;
  const { id, kind, queue, priority, traceparent } = job;
  return { type: 'job', outboxId: row.id, jobId: id, kind, queue, priority, traceparent };
}

export function nextDueMs(tables: Tables): number | null {
  const times = [...tables.outbox.values()].map(({ availableAt }) => availableAt);
  return times.length === 0 ? null : Math.min(...times) - tables.now();
}

export function discardEvents(tables: Tables): void {
  for (const [id, { type }] of tables.outbox) if (type === 'event') tables.outbox.delete(id);
}
