import type { Heartbeat, HeartbeatAnswer, JobId, LeaseToken, SuspectWorker, SweepStore, WorkerDescription, WorkerId, WorkerStore } from '@app/core';
import { type Database } from './database.js';
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
  WRITE_PROGRESS,
} from './queries/workers.js';

export class PostgresWorkers implements WorkerStore, SweepStore {
  constructor(private readonly db: Database) {}

  async register({ name, concurrency, queues }: WorkerDescription, leaseSeconds: number): Promise<WorkerId> {
    const [row] = await this.db.run<{ id: number }>(REGISTER_WORKER, [name, concurrency, queues, leaseSeconds]);
    return (row as { id: number }).id as WorkerId;
  }

  async heartbeat(workerId: WorkerId, { name, concurrency, queues }: WorkerDescription, { leaseSeconds, held, progress }: Heartbeat): Promise<HeartbeatAnswer> {
    await this.db.run(RENEW_LEASE, [workerId, name, concurrency, queues, leaseSeconds]);
    await this.db.run(COMPACT_CLAIMS, [workerId]);
    if (progress.length > 0) {
      await this.db.run(WRITE_PROGRESS, [
        progress.map(({ jobId }) => jobId),
        progress.map(({ token }) => token),
        progress.map((entry) => JSON.stringify(entry.progress)),
      ]);
    }
    if (held.length === 0) return { lost: [], cancelRequested: [] };
    const rows = await this.db.run<{ id: JobId; lost: boolean }>(CHECK_HELD, [held.map(({ jobId }) => jobId), held.map(({ token }) => token)]);
    return { lost: rows.filter(({ lost }) => lost).map(({ id }) => id), cancelRequested: rows.filter(({ lost }) => !lost).map(({ id }) => id) };
  }

  async strays(workerId: WorkerId, tokens: LeaseToken[]): Promise<{ jobId: JobId; token: LeaseToken }[]> {
    const rows = await this.db.run<{ id: JobId; lease_token: LeaseToken }>(STRAYS, [workerId, tokens]);
    return rows.map((row) => ({ jobId: row.id, token: row.lease_token }));
  }

  async recoverStray(jobId: JobId, token: LeaseToken): Promise<void> {
    await this.db.run(RECOVER_STRAY, [jobId, token]);
  }

  async unregister(workerId: WorkerId): Promise<void> {
    await this.db.run(UNREGISTER_WORKER, [workerId]);
  }

  async suspects(me: WorkerId | null): Promise<{ suspects: SuspectWorker[]; databaseUpSeconds: number }> {
    const rows = await this.db.run<{ id: WorkerId; lease_over: boolean; lock_free: boolean }>(SUSPECT_WORKERS, [me]);
    const [up] = await this.db.run<{ seconds: number }>(DATABASE_UP, []);
    const suspects = rows.map((row) => ({ workerId: row.id, leaseOver: row.lease_over, lockFree: row.lock_free }));
    return { suspects, databaseUpSeconds: up?.seconds ?? 0 };
  }

  async recover(workerId: WorkerId): Promise<number> {
    const [row] = await this.db.run<{ jobs: number }>(RECOVER_WORKER, [workerId]);
    return row?.jobs ?? 0;
  }

  async recoverOrphans(): Promise<number> {
    const [row] = await this.db.run<{ jobs: number }>(RECOVER_ORPHANS, []);
    return row?.jobs ?? 0;
  }

  async republish(jobId: JobId): Promise<void> {
    await this.db.run(REPUBLISH_JOB, [jobId]);
  }

  async republishLost(queue: string, queueIsEmpty: boolean, olderThanSeconds: number): Promise<number> {
    const [row] = await this.db.run<{ jobs: number }>(REPUBLISH_LOST, [queue, queueIsEmpty, olderThanSeconds]);
    return row?.jobs ?? 0;
  }
}
