import { type Allowance, isTerminal, type JobId, type Outbox, type OutboxMessage, type PublishId } from '@app/core';
import { outcomeEvent } from '@app/views';
import type { Database } from '../pool/database.js';
import { type SummaryRow, toSummary } from '../run/job-row.js';
import { DISCARD_EVENTS, NEXT_DUE, REMOVE_OUTBOX, SPLIT_ROWS, TAKE_OUTBOX } from './outbox.js';

const MOST_JOBS = 2 ** 31 - 1;

type TakenRow = { outbox_id: string; type: 'job' | 'event' | 'turn'; meant_for: string | null; claimed_under: boolean | null; owner_alive: boolean | null } & (
  SummaryRow | { id: null }
);

export class PostgresOutbox implements Outbox {
  constructor(private readonly db: Database) {}

  async take(limit: number, hideSeconds: number, allowance?: Allowance): Promise<OutboxMessage[]> {
    const { byQueue = new Map<string, number>(), others = Infinity } = allowance ?? {};
    const jobs = [...byQueue.values()].map(wholeJobs);
    const taken = await this.db.run<TakenRow>(TAKE_OUTBOX, [limit, hideSeconds, [...byQueue.keys()], jobs, wholeJobs(others)]);
    const woken = taken.flatMap((row) => (row.type !== 'event' && row.id !== null && row.state === 'scheduled' ? [row.id as JobId] : []));
    if (woken.length > 0) this.db.changed(woken);
    const rows = taken.filter(({ type }) => type !== 'turn');
    const messages = messagesOf(rows);
    const useful = new Set(messages.map(({ outboxId }) => outboxId));
    const pointless = rows.flatMap(({ outbox_id: id, owner_alive: kept }) => (useful.has(id) || kept ? [] : [id]));
    if (pointless.length > 0) await this.remove(pointless);
    return messages;
  }

  async remove(outboxIds: string[]): Promise<void> {
    await this.db.run(REMOVE_OUTBOX, [outboxIds]);
  }

  async discardEvents(): Promise<void> {
    await this.db.run(DISCARD_EVENTS, []);
    await this.db.run(SPLIT_ROWS, []);
  }

  async nextDueMs(): Promise<number | null> {
    const [row] = await this.db.run<{ ms: string | null }>(NEXT_DUE, []);
    return row === undefined || row.ms === null ? null : Number(row.ms);
  }
}

/** As SQL's integer. */
function wholeJobs(jobs: number): number {
  return Math.max(0, Math.min(MOST_JOBS, Math.floor(jobs)));
}

/**
 * What rows ask to publish: one message for all jobs that a row wakes up, and one for each whose outcome it tells. Nothing where
 * that has become pointless: the jobs ended, were redriven, were moved to another queue (they have another row or place), or are gone.
 */
function messagesOf(rows: TakenRow[]): OutboxMessage[] {
  const messages = new Map<string, OutboxMessage>();
  for (const row of rows) {
    if (row.id === null) continue;
    const { outbox_id: outboxId, kind, queue, priority, traceparent } = row;
    const id = row.id as JobId;
    if (row.type === 'event') {
      if (isTerminal(row.state)) messages.set(`${outboxId} ${id}`, outcomeEvent(toSummary(row), outboxId));
      continue;
    }
    // Its row is looked at again when this one's time to publish it has passed. Meanwhile the lease guards the job, as after a hand-over.
    if (row.owner_alive) continue;
    // A job that was claimed under the row itself may have ended without anybody knowing, and its copy announces that.
    if ((isTerminal(row.state) && !row.claimed_under) || row.meant_for !== queue) continue;
    const message = messages.get(outboxId);
    if (message?.type === 'job') message.jobIds.push(id);
    else
      messages.set(outboxId, {
        type: 'job',
        outboxId,
        jobIds: [id],
        kind,
        queue,
        priority,
        traceparent,
        ...(row.claimed_under ? { publishId: outboxId as PublishId } : {}),
      });
  }
  return [...messages.values()];
}
