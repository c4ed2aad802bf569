import type { Heartbeat, HeldAnswer, JobId, LeaseToken, SuspectWorker, WorkerDescription, WorkerId } from '@app/core';
import { MAX_CRASHES } from '@app/core';
import { appended, type JobRow, type Tables } from './tables.js';

export function registerWorker(tables: Tables, name: string, leaseSeconds: number): WorkerId {
  const id = tables.nextWorkerId();
  tables.workers.set(id, { id, name, leaseUntil: tables.now() + leaseSeconds * 1_000 });
  return id;
}

/** RENEW_LEASE: made again if a sweeper took this worker for dead, with the queues that it knows to be assigned to it. */
export function renewLease(tables: Tables, id: WorkerId, { name, assigned: known }: Pick<WorkerDescription, 'name' | 'assigned'>, leaseSeconds: number): void {
  const row = tables.workers.get(id);
  const assigned = row ? row.assigned : known;
  tables.workers.set(id, { id, name, leaseUntil: tables.now() + leaseSeconds * 1_000, ...(assigned ? { assigned } : {}) });
}

/** ASSIGN_QUEUES, of the workers of this name; without a name and queues UNASSIGN_QUEUES, of all. */
export function assignQueues(tables: Tables, name?: string, queues?: string[]): void {
  for (const row of tables.workers.values()) {
    if (name !== undefined && row.name !== name) continue;
    delete row.assigned;
    if (queues) row.assigned = { queues, requestedAt: '', by: null, reason: null };
  }
}

/** WRITE_EVENTS: a row that its own handler has locked is left out. Returns the tokens of what was not written. */
export function writeEvents(tables: Tables, events: Heartbeat['events']): LeaseToken[] {
  return events.flatMap((entry) => {
    const row = tables.jobs.get(entry.jobId);
    if (row?.job.state !== 'running' || row.token !== entry.token || tables.rowLocks.has(entry.jobId)) return [entry.token];
    const newest = entry.events.findLast((event) => event.type === 'progress');
    row.job = { ...row.job, events: row.job.events + entry.events.length, progress: newest?.progress ?? row.job.progress };
    return [];
  });
}

/** CHECK_HELD. */
export function checkHeld(tables: Tables, held: Heartbeat['held']): HeldAnswer {
  const lost = held.filter(({ jobId, token }) => {
    const row = tables.jobs.get(jobId);
    return row?.job.state !== 'running' || row.token !== token;
  });
  const cancelRequested = held.filter((entry) => !lost.includes(entry) && tables.jobs.get(entry.jobId)?.job.cancelRequested === true);
  return { lost: lost.map(({ jobId }) => jobId), cancelRequested: cancelRequested.map(({ jobId }) => ({ jobId })) };
}

export function strays(tables: Tables, workerId: WorkerId, tokens: LeaseToken[]): { jobId: JobId; token: LeaseToken }[] {
  return tables
    .runningOf(workerId)
    .filter(({ token }) => token !== null && !tokens.includes(token))
    .map(({ job, token }) => ({ jobId: job.id, token: token as LeaseToken }));
}

/** RECOVER_STRAY: nothing crashed, so no suspicion and no attempt. */
export function recoverStray(tables: Tables, jobId: JobId, token: LeaseToken): void {
  const row = tables.jobs.get(jobId);
  if (row?.job.state !== 'running' || row.token !== token) return;
  tables.waitFor(jobId);
  const { attempt, cancelRequested } = row.job;
  tables.move(row, cancelRequested ? 'cancelled' : 'lost', { token: null }, { attempt: attempt - 1 }, { token });
  tables.addOutbox(row, cancelRequested ? 'event' : 'job');
}

/** SUSPECT_WORKERS and DATABASE_UP. */
export function suspects(tables: Tables, me: WorkerId | null): SuspectWorker[] {
  return [...tables.workers.values()]
    .filter(({ id }) => id !== me)
    .map(({ id }) => ({ workerId: id, lockFree: !tables.presence.has(id), leaseOver: tables.leaseOver(id) }))
    .filter(({ lockFree, leaseOver }) => lockFree || leaseOver);
}

export function databaseUpSeconds(tables: Tables): number {
  return (tables.now() - tables.upSince) / 1_000;
}

/** RECOVER_WORKER: looks at lease and lock once more, in the statement that moves the jobs. */
export function recoverWorker(tables: Tables, workerId: WorkerId): number {
  const gone = tables.workers.has(workerId) && (tables.leaseOver(workerId) || !tables.presence.has(workerId));
  if (!gone && !tables.defects.has('the sweep does not check the lease again')) return 0;
  const running = tables.runningOf(workerId);
  const moved = running.filter(({ job }) => !tables.rowLocks.has(job.id));
  const died = !tables.presence.has(workerId);
  for (const row of moved) moveOn(tables, row, died);
  if (moved.length === running.length) tables.workers.delete(workerId);
  return moved.length;
}

/** RECOVER_ORPHANS: jobs of workers that are not even registered. */
export function recoverOrphans(tables: Tables): number {
  const orphans = [...tables.jobs.values()].filter(
    ({ job, workerId }) =>
      job.state === 'running' && workerId !== null && !tables.workers.has(workerId) && !tables.presence.has(workerId) && !tables.rowLocks.has(job.id),
  );
  for (const row of orphans) moveOn(tables, row, true);
  return orphans.length;
}

function moveOn(tables: Tables, row: JobRow, died: boolean): void {
  const { job } = row;
  const counted = Number(died || row.crashes === 0);
  const exhausted = row.crashes + counted >= MAX_CRASHES;
  const attempt = job.attempt - Number(!tables.defects.has('a lost worker costs an attempt'));
  const event = job.cancelRequested ? 'cancelled' : exhausted ? 'exhausted' : 'lost';
  const errors = appended(job.errors, tables.workerLost(job.attempt));
  // Whoever else ends an attempt takes its token away, so that a late settlement is not told that it had.
  tables.move(row, event, { crashes: row.crashes + counted, token: null }, { errors, attempt }, { token: row.token as LeaseToken });
  if (event === 'exhausted') tables.addDeadLetter(row);
  if (!tables.defects.has('recovered jobs get no outbox row')) tables.addOutbox(row, event === 'lost' ? 'job' : 'event');
}

/** REPUBLISH_LOST. */
export function republishLost(tables: Tables, queue: string, queueIsEmpty: boolean, olderThanSeconds: number): number {
  const jobs = [...tables.jobs.values()];
  const told = jobs.filter(({ job, fence, republished }) => job.state === 'running' && job.queue === queue && fence === 1 && !republished);
  const mark = (priority: number) => Math.max(-Infinity, ...told.filter(({ job }) => job.priority <= priority).map(({ messagedAt }) => messagedAt));
  const limit = olderThanSeconds * 1_000;
  const lost = jobs.filter(
    ({ job, messagedAt }) =>
      job.state === 'queued' &&
      job.queue === queue &&
      messagedAt < tables.now() - limit &&
      (queueIsEmpty || messagedAt < mark(job.priority) - limit) &&
      !tables.hasOutbox(job.id, 'job') &&
      !tables.room.has(job.id) &&
      !tables.rowLocks.has(job.id),
  );
  for (const row of lost) {
    row.messagedAt = tables.now();
    row.republished = true;
    tables.addOutbox(row, 'job');
  }
  return lost.length;
}

export function republishJob(tables: Tables, jobId: JobId): void {
  const row = tables.jobs.get(jobId);
  if (row?.job.state !== 'queued') return;
  tables.waitFor(jobId);
  tables.addOutbox(row, 'job');
}
