import { MAX_CRASHES } from '@app/core';
import type {
  DrainRequest,
  Heartbeat,
  HeartbeatAnswer,
  HeldAnswer,
  JobId,
  LeaseToken,
  ListedWorker,
  PauseNote,
  QueueAssignment,
  RunningJob,
  SuspectWorker,
  SweepStore,
  WorkerDescription,
  WorkerDetails,
  WorkerId,
  WorkerReader,
  WorkerStore,
} from '@app/core';
import { classifyError, type Database } from '../pool/database.js';
import { changeQueued } from '../flow/change-queued.js';
import { ASSIGN_QUEUES, DRAIN_WORKER, FIND_WORKER, LIST_WORKERS } from './list-workers.js';
import { expireLate } from '../run/expire-jobs.js';
import { eventsColumn, progressColumn } from '../run/event-columns.js';
import {
  CHECK_HELD,
  COMPACT_CLAIMS,
  DATABASE_UP,
  RECOVER_ORPHANS,
  RECOVER_STRAY,
  RECOVER_WORKER,
  REGISTER_WORKER,
  RENEW_LEASE,
  REPUBLISH_JOB,
  REPUBLISH_LOST,
  STRAYS,
  SUSPECT_WORKERS,
  UNREGISTER_WORKER,
  WRITE_EVENTS,
} from './workers.js';

interface WorkerRow {
  id: WorkerId;
  name: string;
  started_at: Date;
  lease_until: Date;
  late: boolean;
  concurrency: number;
  queues: string[];
  details: WorkerDetails | null;
  drain: Partial<DrainRequest> | null;
  assigned: StoredAssignment | null;
  jobs: (Omit<RunningJob, 'startedAt'> & { startedAt: string })[] | null;
  count: number;
}

type StoredAssignment = Partial<QueueAssignment> & Pick<QueueAssignment, 'queues'>;

interface RenewedRow {
  breaking: number | null;
  drain: Partial<DrainRequest> | null;
  assigned: StoredAssignment | null;
  undescribed: boolean;
}

export class PostgresWorkers implements WorkerStore, SweepStore, WorkerReader {
  constructor(
    private readonly db: Database,
    private readonly maxCrashes = MAX_CRASHES,
  ) {}

  async register({ name, concurrency, queues, details }: WorkerDescription, leaseSeconds: number): Promise<WorkerId> {
    const [row] = await this.db.run<{ id: number }>(REGISTER_WORKER, [name, concurrency, queues, leaseSeconds, details ? JSON.stringify(details) : null]);
    this.db.changed([]);
    return (row as { id: number }).id as WorkerId;
  }

  async heartbeat(
    workerId: WorkerId,
    { name, concurrency, queues, details, assigned }: WorkerDescription,
    { leaseSeconds, held, events }: Heartbeat,
  ): Promise<HeartbeatAnswer> {
    const [renewed] = await this.db.run<RenewedRow>(RENEW_LEASE, [
      workerId,
      name,
      concurrency,
      queues,
      leaseSeconds,
      details ? JSON.stringify(details) : null,
      assigned ? JSON.stringify(assigned) : null,
    ]);
    this.db.schemaSeen(renewed?.breaking ?? null);
    await this.db.run(COMPACT_CLAIMS, [workerId]);
    const notWritten = events.length > 0 ? await this.writeEvents(events) : [];
    const { lost, cancelRequested } = held.length === 0 ? { lost: [], cancelRequested: [] } : await this.check(held);
    return {
      ...{ lost, cancelRequested, notWritten },
      ...(renewed?.drain ? { drain: toDrain(renewed.drain) } : {}),
      ...(renewed?.undescribed ? { undescribed: true } : {}),
      ...(renewed?.assigned ? { assigned: toAssignment(renewed.assigned) } : {}),
    };
  }

  async check(held: Heartbeat['held']): Promise<HeldAnswer> {
    const values = [held.map(({ jobId }) => jobId), held.map(({ token }) => token)];
    const rows = await this.db.run<{ id: JobId; lost: boolean; grace: number | null }>(CHECK_HELD, values);
    const answer: HeldAnswer = { lost: [], cancelRequested: [] };
    for (const { id, lost, grace } of rows) {
      if (lost) answer.lost.push(id);
      else answer.cancelRequested.push({ jobId: id, ...(grace === null ? {} : { graceMs: grace }) });
    }
    return answer;
  }

  /** Returns the tokens of what was not written: the row was locked, or is not the token's any more. */
  private async writeEvents(events: Heartbeat['events']): Promise<LeaseToken[]> {
    try {
      const rows = await this.db.run<{ id: JobId; lease_token: LeaseToken }>(WRITE_EVENTS, [
        events.map(({ jobId }) => jobId),
        events.map(({ token }) => token),
        events.map((entry) => eventsColumn(entry.events)),
        events.map((entry) => progressColumn(entry.events)),
      ]);
      if (rows.length > 0) this.db.changed(rows.map(({ id }) => id));
      const written = new Set(rows.map((row) => row.lease_token));
      return events.filter(({ token }) => !written.has(token)).map(({ token }) => token);
    } catch (error) {
      if (classifyError(error) !== 'data') throw error;
      // What the database will never take must not cost the worker its lease, nor the others their events: it alone is dropped.
      if (events.length === 1) return [];
      const half = events.length >> 1;
      return [...(await this.writeEvents(events.slice(0, half))), ...(await this.writeEvents(events.slice(half)))];
    }
  }

  async strays(workerId: WorkerId, tokens: LeaseToken[]): Promise<{ jobId: JobId; token: LeaseToken }[]> {
    const rows = await this.db.run<{ id: JobId; lease_token: LeaseToken }>(STRAYS, [workerId, tokens]);
    return rows.map((row) => ({ jobId: row.id, token: row.lease_token }));
  }

  async recoverStray(jobId: JobId, token: LeaseToken): Promise<void> {
    await this.db.run(RECOVER_STRAY, [jobId, token]);
    this.db.changed([jobId]);
  }

  async list(): Promise<ListedWorker[]> {
    return (await this.db.run<WorkerRow>(LIST_WORKERS, [])).map(toListedWorker);
  }

  async find(id: WorkerId): Promise<ListedWorker | null> {
    const [row] = await this.db.run<WorkerRow>(FIND_WORKER, [id]);
    return row ? toListedWorker(row) : null;
  }

  async assignQueues(id: WorkerId, queues: string[] | null, note: PauseNote): Promise<ListedWorker | null> {
    const [row] = await this.db.run<WorkerRow>(ASSIGN_QUEUES, [id, queues && JSON.stringify({ ...note, queues })]);
    if (row) this.db.asked([]);
    return row ? toListedWorker(row) : null;
  }

  async requestDrain(id: WorkerId, note: PauseNote): Promise<ListedWorker | null> {
    const [row] = await this.db.run<WorkerRow>(DRAIN_WORKER, [id, JSON.stringify(note)]);
    if (row) this.db.asked([]);
    return row ? toListedWorker(row) : null;
  }

  async unregister(workerId: WorkerId): Promise<void> {
    await this.db.run(UNREGISTER_WORKER, [workerId]);
    this.db.changed([]);
  }

  async suspects(me: WorkerId | null): Promise<{ suspects: SuspectWorker[]; databaseUpSeconds: number }> {
    const rows = await this.db.run<{ id: WorkerId; lease_over: boolean; lock_free: boolean }>(SUSPECT_WORKERS, [me]);
    const [up] = await this.db.run<{ seconds: number }>(DATABASE_UP, []);
    const suspects = rows.map((row) => ({ workerId: row.id, leaseOver: row.lease_over, lockFree: row.lock_free }));
    return { suspects, databaseUpSeconds: up?.seconds ?? 0 };
  }

  async recover(workerId: WorkerId): Promise<number> {
    return this.recovered(await this.db.run<{ id: JobId }>(RECOVER_WORKER, [workerId, this.maxCrashes]));
  }

  async recoverOrphans(): Promise<number> {
    return this.recovered(await this.db.run<{ id: JobId }>(RECOVER_ORPHANS, [this.maxCrashes]));
  }

  private recovered(rows: { id: JobId }[]): number {
    if (rows.length === 0) return 0;
    this.db.changed(rows.map(({ id }) => id));
    // Some may have failed, and are dead letters now.
    this.db.changed([]);
    return rows.length;
  }

  async expireLate(): Promise<number> {
    return this.recovered(await expireLate(this.db));
  }

  async republish(jobId: JobId): Promise<void> {
    await changeQueued(this.db, REPUBLISH_JOB, [jobId]);
  }

  async republishLost(queue: string, queueIsEmpty: boolean, olderThanSeconds: number): Promise<number> {
    const [row] = await this.db.run<{ jobs: number }>(REPUBLISH_LOST, [queue, queueIsEmpty, olderThanSeconds]);
    return row?.jobs ?? 0;
  }
}

function toListedWorker({ id, name, late, concurrency, queues, details, ...row }: WorkerRow): ListedWorker {
  return {
    id,
    name,
    startedAt: row.started_at,
    leaseUntil: row.lease_until,
    late,
    concurrency,
    queues,
    details,
    drain: row.drain && toDrain(row.drain),
    assigned: row.assigned && toAssignment(row.assigned),
    running: (row.jobs ?? []).map((job) => ({ ...job, startedAt: new Date(job.startedAt) })),
    runningCount: row.count,
  };
}

function toAssignment({ queues, ...note }: StoredAssignment): QueueAssignment {
  return { queues, ...toDrain(note) };
}

function toDrain({ requestedAt = '', by = null, reason = null }: Partial<DrainRequest>): DrainRequest {
  return { requestedAt, by, reason };
}
