import type { JobId } from '@app/core';
import { enterRoom } from './limits.js';
import type { JobRow, Tables } from './tables.js';

/** CHANGE_WAITING and ENTER_WAITING: every job that waits goes to the queue, with what is to wake it up. How many it were. */
export function moveWaiting(tables: Tables, toQueue: string): number {
  const rows = [...tables.jobs.values()].filter(({ job: { state, queue } }) => (state === 'queued' || state === 'scheduled') && queue !== toQueue);
  for (const { job } of rows) tables.waitFor(job.id);
  for (const row of rows) moveOne(tables, row, toQueue);
  return rows.length;
}

function moveOne(tables: Tables, row: JobRow, queue: string): void {
  const before = { ...row };
  row.job = { ...row.job, queue };
  tables.freeSlots(row);
  if (row.job.state === 'scheduled') wakeThere(tables, row);
  else {
    row.messagedAt = tables.now();
    tables.room.delete(row.job.id);
    if (!tables.defects.has('a job that is moved gets no new place')) enterRoom(tables, row);
  }
  tables.watch({ event: 'moved', before, after: { ...row }, byToken: null, workerId: null });
}

/** Its row of the outbox goes with it, or another is written. */
function wakeThere(tables: Tables, row: JobRow): void {
  const { id, queue, runAt } = row.job;
  const due = runAt ? tables.time(runAt) : tables.now();
  const waking = [...tables.outbox.values()].find(({ type, jobIds, availableAt }) => type !== 'event' && isOf(jobIds, id) && availableAt === due);
  if (waking) waking.queue = queue;
  else tables.addOutbox(row, 'job', due);
}

function isOf([first, ...others]: JobId[], id: JobId): boolean {
  return first === id && others.length === 0;
}
