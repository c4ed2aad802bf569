import { decideRelease, type FreedSlots, type JobId, type JobMessage, LimitsAt, type RoomView, type Wanted } from '@app/core';
import type { JobRow, OpenRows, Place, Tables } from './tables.js';

/** The lock of the release stands among the row locks, so that it ends with its transaction. */
const RELEASE_LOCK = 'the release' as JobId;
/** So many more are woken than there is room for: the first may wait for another key. */
const SURPLUS = 1;

/** How many slots of this limit are taken. */
export function heldOf(tables: Tables, key: string): number {
  let held = 0;
  for (const keys of tables.slots.values()) if (keys.has(key)) held++;
  return held;
}

/** The condition of a claim: a key whose limit is gone is no limit. */
export function hasSlots(tables: Tables, { job, limitKeys }: JobRow): boolean {
  return (limitKeys ?? []).every((key) => !tables.limits.has(key) || tables.slots.get(job.id)?.has(key) === true);
}

/** ENTERING_ROOM: a job has at most one place. `front`: it was released before. */
export function enterRoom(tables: Tables, { job: { id, priority } }: JobRow, front = false): void {
  if (tables.room.has(id)) return;
  tables.places++;
  tables.room.set(id, { jobId: id, priority, order: front ? -1 / tables.places : tables.places, parkedOn: null });
}

/** AWAIT_TURN. */
export function awaitTurn(tables: Tables, jobId: JobId, queue?: string): void {
  const row = tables.jobs.get(jobId);
  if (!row) return;
  tables.waitFor(jobId);
  const moved = queue !== undefined && row.job.queue !== queue;
  if (row.job.state === 'queued' && (moved || (row.limitKeys && !hasSlots(tables, row)))) enterRoom(tables, row, true);
}

export function readLimits(tables: Tables): LimitsAt {
  return new LimitsAt(
    tables.limitsRevision,
    [...tables.limits.keys()].map((name) => ({ name, match: {}, per: null })),
  );
}

export function putLimit(tables: Tables, name: string, capacity: number): void {
  if (!tables.limits.has(name)) tables.limitsRevision++;
  tables.limits.set(name, capacity);
}

/** REMOVE_LIMIT: in the same statement whoever is parked on it stops waiting for it. */
export function removeLimit(tables: Tables, name: string): void {
  if (!tables.limits.delete(name)) return;
  tables.limitsRevision++;
  if (tables.defects.has('a job that is parked on a limit is forgotten when that is deleted')) return;
  for (const place of tables.room.values()) if (place.parkedOn === name) place.parkedOn = null;
}

/** WAKE_PARKED; nothing while another process releases. */
export function wakeParked(tables: Tables): void {
  if (tables.rowLocks.has(RELEASE_LOCK)) return;
  const parked = new Set([...tables.room.values()].flatMap(({ parkedOn }) => parkedOn ?? []));
  for (const key of parked) {
    const capacity = tables.limits.get(key);
    if (capacity === undefined && tables.defects.has('a job that is parked on a limit is forgotten when that is deleted')) continue;
    if (capacity !== undefined && tables.defects.has('nobody wakes what is parked when its limit has room')) continue;
    const room = capacity === undefined ? Infinity : capacity - heldOf(tables, key);
    if (room <= 0) continue;
    for (const place of inOrder(tables, key).slice(0, room + SURPLUS)) place.parkedOn = null;
  }
}

/** LOOK_AT_ROOM. */
export function lookAtRoom(tables: Tables): RoomView {
  return {
    waiting: new Set(inOrder(tables, null).flatMap(({ jobId }) => tables.jobs.get(jobId)?.job.queue ?? [])),
    workers: new Map([...tables.queues.keys()].map((queue) => [queue, tables.workers.size])),
    fairQueues: new Set(),
    pausedQueues: new Set([...tables.queues].flatMap(([name, paused]) => (paused ? [name] : []))),
    pausedKinds: new Set(),
    nextTurnMs: null,
  };
}

/** LOCK_RELEASE, in a statement of its own: what the next one counts nobody else changes. */
export function lockRelease(tables: Tables, transaction: OpenRows): boolean {
  if (tables.defects.has('two processes release at a time')) return true;
  if (tables.rowLocks.has(RELEASE_LOCK)) return false;
  tables.rowLocks.set(RELEASE_LOCK, transaction);
  return true;
}

/** LIMITED_CANDIDATES, KEY_STATES and the decision; the caller writes it with the next statement. */
export function decide(tables: Tables, wanted: readonly Wanted[], transaction: OpenRows): ReturnType<typeof decideRelease> {
  const free = inOrder(tables, null).filter(({ jobId }) => !tables.rowLocks.has(jobId) && tables.jobs.get(jobId)?.job.state === 'queued');
  for (const { jobId } of free) tables.rowLocks.set(jobId, transaction);
  const candidates = free.map(({ jobId }, index) => {
    const row = tables.jobs.get(jobId) as JobRow;
    return { jobId, queue: row.job.queue, place: index + 1, keys: row.limitKeys ?? [] };
  });
  const states = [...tables.limits].map(([key, capacity]) => {
    const own = candidates.flatMap(({ jobId }) => (tables.slots.get(jobId)?.has(key) ? [jobId] : []));
    return [key, { key, capacity, held: heldOf(tables, key), own, rate: null, unstarted: null }] as const;
  });
  return decideRelease(candidates, new Map(states), new Map(wanted.map(({ queue, jobs }) => [queue, jobs])), tables.now());
}

/** RELEASE_LIMITED: written when the transaction commits. */
export function release(tables: Tables, decided: ReturnType<typeof decideRelease>, hideSeconds: number, transaction: OpenRows): JobMessage[] {
  const messages = decided.released.flatMap(({ jobId }) => {
    const row = tables.jobs.get(jobId);
    return row ? [{ row, message: messageOf(tables, row) }] : [];
  });
  transaction.writes.push(() => {
    for (const { jobId, key } of decided.parked) {
      const place = tables.room.get(jobId);
      if (place) place.parkedOn = key;
    }
    for (const { row, message } of messages) releaseOne(tables, row, message, hideSeconds);
  });
  return messages.map(({ message }) => message);
}

/** HANDED_ON: of the slots that a settlement frees each goes to the first that is parked on its key, if that waits for nothing else. */
export function handOn(tables: Tables, freed: readonly string[], seconds: number): FreedSlots | undefined {
  if (freed.length === 0) return undefined;
  const handedOn: JobMessage[] = [];
  let roomFreed = false;
  for (const key of freed) {
    const capacity = tables.limits.get(key);
    const waiting = inOrder(tables, key).filter(({ jobId }) => !tables.rowLocks.has(jobId));
    const row = tables.jobs.get(waiting[0]?.jobId as JobId);
    // The slot that is handed on is counted as taken: the statement sees the table as it was.
    const fits = row?.job.state === 'queued' && capacity !== undefined && heldOf(tables, key) + 1 <= capacity && tables.queues.get(row.job.queue) !== true;
    const handed = row !== undefined && fits && row.limitKeys?.length === 1;
    if (handed) {
      const message = messageOf(tables, row);
      releaseOne(tables, row, message, seconds);
      handedOn.push(message);
    }
    roomFreed ||= !handed && waiting.length > 0;
  }
  return { handedOn, roomFreed };
}

function releaseOne(tables: Tables, row: JobRow, { outboxId }: JobMessage, hideSeconds: number): void {
  const { id, queue, priority } = row.job;
  tables.room.delete(id);
  const keys = (row.limitKeys ?? []).filter((key) => tables.limits.has(key));
  if (keys.length > 0) tables.slots.set(id, new Set([...(tables.slots.get(id) ?? []), ...keys]));
  const availableAt = tables.now() + hideSeconds * 1_000;
  tables.outbox.set(outboxId, {
    id: outboxId,
    type: 'job',
    jobIds: [id],
    queue,
    priority,
    suspect: row.crashes > 0,
    availableAt,
    released: true,
  });
}

function messageOf(tables: Tables, { job: { id, kind, queue, priority, traceparent } }: JobRow): JobMessage {
  return { type: 'job', outboxId: tables.id(), jobIds: [id], kind, queue, priority, traceparent };
}

function inOrder(tables: Tables, parkedOn: string | null): Place[] {
  return [...tables.room.values()].filter((place) => place.parkedOn === parkedOn).sort((a, b) => b.priority - a.priority || a.order - b.order);
}
