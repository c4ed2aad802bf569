import { isTerminal, type JobId, type Outbox, type OutboxMessage } from '@app/core';
import { outcomeEvent } from '@app/views';
import type { Database } from '../pool/database.js';
import { type SummaryRow, toSummary } from '../run/job-row.js';
import { DISCARD_EVENTS, NEXT_DUE, REMOVE_OUTBOX, SPLIT_ROWS, TAKE_OUTBOX } from './outbox.js';

type TakenRow = { outbox_id: string; type: 'job' | 'event' | 'turn' } & (SummaryRow | { id: null });

export class PostgresOutbox implements Outbox {
  constructor(private readonly db: Database) {}

  async take(limit: number, hideSeconds: number, toRoom: readonly string[] = []): Promise<OutboxMessage[]> {
    const taken = await this.db.run<TakenRow>(TAKE_OUTBOX, [limit, hideSeconds, toRoom]);
    const woken = taken.flatMap((row) => (row.type !== 'event' && row.id !== null && row.state === 'scheduled' ? [row.id as JobId] : []));
    if (woken.length > 0) this.db.changed(woken);
    const rows = taken.filter(({ type }) => type !== 'turn');
    const messages = messagesOf(rows);
    const useful = new Set(messages.map(({ outboxId }) => outboxId));
    const pointless = rows.map(({ outbox_id }) => outbox_id).filter((id) => !useful.has(id));
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

/** What rows ask to publish. Nothing where that has become pointless: the jobs ended, were redriven, or are gone. */
function messagesOf(rows: TakenRow[]): OutboxMessage[] {
  const messages = new Map<string, OutboxMessage>();
  for (const row of rows) {
    if (row.id === null) continue;
    const { outbox_id: outboxId, kind, queue, priority, traceparent } = row;
    const id = row.id as JobId;
    if (row.type === 'event') {
      if (isTerminal(row.state)) messages.set(outboxId, outcomeEvent(toSummary(row), outboxId));
      continue;
    }
    if (isTerminal(row.state)) continue;
    const message = messages.get(outboxId);
    if (message?.type === 'job') message.jobIds.push(id);
    else messages.set(outboxId, { type: 'job', outboxId, jobIds: [id], kind, queue, priority, traceparent });
  }
  return [...messages.values()];
}
