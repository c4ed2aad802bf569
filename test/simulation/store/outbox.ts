import { outcomeEvent } from '@app/views';
import { type Allowance, isTerminal, type JobId, type OutboxMessage, type PublishId } from '@app/core';
import { enterRoom } from './limits.js';
import type { JobRow, OutboxRow, Tables } from './tables.js';

export interface Taken {
  outboxId: string;
  /** `kept`: not now. */
  message: OutboxMessage | 'kept' | undefined;
}

/** TAKE_OUTBOX: hides what is due, and turns scheduled jobs whose time has come queued. */
export function takeOutbox(tables: Tables, limit: number, hideSeconds: number, cursor?: { last: string }, allowance?: Allowance): Taken[] {
  const now = tables.now();
  const due = [...tables.outbox.values()].filter((row) => row.availableAt <= now && (cursor === undefined || row.id > cursor.last));
  due.sort(cursor ? (a, b) => (a.id < b.id ? -1 : 1) : (a, b) => b.priority - a.priority || a.availableAt - b.availableAt);
  const first = due.slice(0, limit);
  const left = new Map(allowance?.byQueue);
  const turned = first.filter((row) => row.type === 'turn' || (row.type === 'job' && !row.released && !spend(left, row, allowance?.others ?? Infinity)));
  for (const row of turned) enterDue(tables, row);
  const taken = first.filter((row) => !turned.includes(row));
  if (cursor && taken.length > 0) cursor.last = (taken.at(-1) as OutboxRow).id;
  // As the statement's snapshot has it: before what the statement itself changes.
  const messages = taken.map((row) => ({ outboxId: row.id, message: messageOf(row, tables) }));
  for (const row of taken) {
    row.availableAt = now + hideSeconds * 1_000;
    const job = tables.jobs.get(row.jobIds[0] as JobId);
    if (row.type === 'job' && job?.job.state === 'scheduled' && job.job.runAt && tables.time(job.job.runAt) <= now)
      tables.move(job, 'due', {}, { runAt: null });
  }
  return messages;
}

/** Whether all jobs of a row are within what is left for its queue. */
function spend(left: Map<string, number>, { queue, jobIds }: OutboxRow, others: number): boolean {
  const rest = (left.get(queue) ?? others) - jobIds.length;
  left.set(queue, rest);
  return rest >= 0;
}

/** ENTERS_ROOM: whose row is locked keeps its row in the outbox until the next look. */
function enterDue(tables: Tables, row: OutboxRow): void {
  const jobs = row.jobIds.flatMap((id) => tables.jobs.get(id) ?? []);
  const open = jobs.filter(({ job }) => job.state === 'queued' || (job.state === 'scheduled' && job.runAt !== null && tables.time(job.runAt) <= tables.now()));
  const free = open.filter(({ job }) => !tables.rowLocks.has(job.id));
  for (const each of free) {
    if (each.job.state === 'scheduled') tables.move(each, 'due', {}, { runAt: null });
    enterRoom(tables, each, comesBack(each));
  }
  if (free.length === open.length) tables.removeOutbox(row.id);
}

function comesBack({ crashes, job }: JobRow): boolean {
  return crashes > 0 || job.startedAt !== null;
}

/** Undefined when it has become pointless to publish it. */
function messageOf(row: OutboxRow, tables: Tables): Taken['message'] {
  const jobs = row.jobIds.flatMap((id) => tables.jobs.get(id)?.job ?? []);
  if (row.type === 'event') return jobs[0] && isTerminal(jobs[0].state) ? outcomeEvent(jobs[0], row.id) : undefined;
  const claimedUnder = row.jobIds.some((id) => tables.jobs.get(id)?.publishId === row.id);
  const untold = claimedUnder && !tables.defects.has('nobody hears of a job that was handed on and has ended');
  const [first, ...others] = jobs.filter(({ state, queue }) => (!isTerminal(state) || untold) && queue === row.queue);
  if (!first) return undefined;
  const again = claimedUnder && !tables.defects.has('a job that was handed on comes again under another id') ? { publishId: row.id as PublishId } : {};
  const { id, kind, queue, priority, traceparent } = first;
  if (claimedUnder && ownerLives(tables, id)) return 'kept';
  return { type: 'job', outboxId: row.id, jobIds: [id, ...others.map((job) => job.id)], kind, queue, priority, traceparent, ...again };
}

function ownerLives(tables: Tables, id: JobId): boolean {
  const row = tables.jobs.get(id);
  return row?.job.state === 'running' && row.workerId !== null && tables.presence.has(row.workerId);
}

/** PUT_BACK. */
export function putBack(tables: Tables, jobIds: JobId[], size: number): JobId[] {
  const rows = jobIds.flatMap((id) => tables.jobs.get(id) ?? []).filter(({ job }) => job.state === 'queued');
  for (const row of rows) tables.waitFor(row.job.id);
  const open: OutboxRow[] = [];
  for (const row of rows) {
    row.messagedAt = tables.now();
    if (row.limitKeys) {
      tables.addOutbox(row, 'job');
      continue;
    }
    const { id, queue, priority } = row.job;
    const mate = row.crashes > 0 ? undefined : open.find((other) => other.queue === queue && other.priority === priority && other.jobIds.length < size);
    if (mate) mate.jobIds.push(id);
    else {
      const made: OutboxRow = { id: tables.id(), type: 'job', jobIds: [id], queue, priority, suspect: row.crashes > 0, availableAt: tables.now() };
      tables.outbox.set(made.id, made);
      if (row.crashes === 0) open.push(made);
    }
  }
  return rows.map(({ job }) => job.id);
}

export function nextDueMs(tables: Tables): number | null {
  const times = [...tables.outbox.values()].map(({ availableAt }) => availableAt);
  return times.length === 0 ? null : Math.min(...times) - tables.now();
}

export function discardEvents(tables: Tables): void {
  for (const [id, { type }] of tables.outbox) if (type === 'event') tables.outbox.delete(id);
}
