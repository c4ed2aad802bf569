import { isTerminal, type Job, type JobId, type Outbox, type OutboxMessage } from '@app/core';
import { outcomeEvent } from '@app/views';
import type { Database } from '../pool/database.js';
import { type JobRow, toJob } from '../run/job-row.js';
import { DISCARD_EVENTS, NEXT_DUE, REMOVE_OUTBOX, TAKE_OUTBOX } from './outbox.js';

type TakenRow = { outbox_id: string; type: 'job' | 'event' } & (JobRow | { id: null });

export class PostgresOutbox implements Outbox {
  constructor(private readonly db: Database) {}

  async take(limit: number, hideSeconds: number): Promise<OutboxMessage[]> {
    const rows = await this.db.run<TakenRow>(TAKE_OUTBOX, [limit, hideSeconds]);
    const woken = rows.flatMap((row) => (row.type === 'job' && row.id !== null && row.state === 'scheduled' ? [row.id as JobId] : []));
    if (woken.length > 0) this.db.changed(woken);
    const messages = rows.map((row) => ({ outboxId: row.outbox_id, message: messageOf(row) }));
    const pointless = messages.filter(({ message }) => message === undefined).map(({ outboxId }) => outboxId);
    if (pointless.length > 0) await this.remove(pointless);
    return messages.flatMap(({ message }) => message ?? []);
  }

  async remove(outboxIds: string[]): Promise<void> {
    await this.db.run(REMOVE_OUTBOX, [outboxIds]);
  }

  async discardEvents(): Promise<void> {
    await this.db.run(DISCARD_EVENTS, []);
  }

  async nextDueMs(): Promise<number | null> {
    const [row] = await this.db.run<{ ms: string | null }>(NEXT_DUE, []);
    return row === undefined || row.ms === null ? null : Number(row.ms);
  }
}

/** What a row asks to publish; undefined when that has become pointless: the job ended, was redriven, or is gone. */
function messageOf(row: TakenRow): OutboxMessage | undefined {
  if (row.id === null) return undefined;
  const job: Job = toJob(row);
  if (row.type === 'event') return isTerminal(job.state) ? outcomeEvent(job, row.outbox_id) : undefined;
  if (isTerminal(job.state)) return undefined;
  const { id, kind, queue, priority, traceparent } = job;
  return { type: 'job', outboxId: row.outbox_id, jobId: id, kind, queue, priority, traceparent };
}
