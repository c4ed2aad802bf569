import { type JobId, type NewJob, Refusal, StaleLimits, type SubmitOutcome, textOf } from '@app/core';
import { enterRoom } from './limits.js';
import { cancelUnstarted } from './settle.js';
import type { JobRow, Tables } from './tables.js';

/** What SUBMIT_JOBS does: keys, jobs and outbox rows, all or nothing; only what is new is returned. */
export function submitJobs(tables: Tables, jobs: NewJob[], keySeconds: number, fastPathSeconds: number, revision?: number): Map<JobId, SubmitOutcome> {
  // LOCK_HOLDERS: before anything is written.
  for (const { unique } of jobs) if (unique && tables.unique.has(unique.key)) tables.waitFor(tables.unique.get(unique.key) as JobId);
  const blind = tables.defects.has('a job is stored by limits that have changed');
  if (revision !== undefined && revision !== tables.limitsRevision && !blind) throw new StaleLimits();
  const now = tables.now();
  const stored = new Map<JobId, SubmitOutcome>();
  for (const job of jobs) {
    const known = job.unique && !tables.jobs.has(job.id) ? tables.jobs.get(tables.unique.get(job.unique.key) as JobId) : undefined;
    const stands = known !== undefined && job.unique?.keep === 'oldest';
    if (job.idempotency && !takeKey(tables, job, keySeconds, stands ? known.job.id : job.id)) continue;
    if (tables.jobs.has(job.id) && !tables.defects.has('an acceptance whose answer was lost is stored again')) continue;
    if (stands) {
      known.job = { ...known.job, notify: [...known.job.notify, ...job.notify] };
      stored.set(job.id, { status: 'waiting', job: { ...known.job } });
      continue;
    }
    if (known && !tables.defects.has('a newer job with the same unique key leaves the older one waiting')) cancelUnstarted(tables, known);
    const due = job.runAt ? tables.time(job.runAt) : now + (job.delayMs ?? 0);
    const scheduled = due > now;
    const row = newRow(tables, job, scheduled ? due : null);
    tables.jobs.set(row.job.id, row);
    if (job.unique) tables.unique.set(job.unique.key, row.job.id);
    const available = scheduled ? due : now + fastPathSeconds * 1_000;
    const shared = tables.outbox.get(job.outboxId);
    const { queue, priority } = job;
    if (job.waits && !scheduled) enterRoom(tables, row);
    else if (shared) shared.jobIds.push(row.job.id);
    else
      tables.outbox.set(job.outboxId, {
        id: job.outboxId,
        type: row.limitKeys ? 'turn' : 'job',
        jobIds: [row.job.id],
        queue,
        priority,
        suspect: false,
        availableAt: available,
      });
    tables.watch({ event: 'submitted', before: null, after: { ...row }, byToken: null, workerId: null });
    stored.set(job.id, { status: 'created', state: scheduled ? 'scheduled' : 'queued', createdAt: row.job.createdAt, runAt: row.job.runAt });
  }
  return stored;
}

/** What stands in the way of jobs that were not stored; the second statement. */
export function lookUpSubmitted(tables: Tables, jobs: NewJob[]): Map<JobId, SubmitOutcome> {
  const outcomes = new Map<JobId, SubmitOutcome>();
  for (const job of jobs) {
    const key = job.idempotency ? tables.keys.get(keyOf(job)) : undefined;
    if (job.idempotency && !key) throw new Refusal('unavailable', 'the job of this idempotency key was being removed; repeat the request');
    const row = tables.jobs.get(key?.jobId ?? job.id) as JobRow;
    if (row.job.id === job.id) {
      outcomes.set(job.id, {
        status: 'created',
        state: row.job.state === 'scheduled' ? 'scheduled' : 'queued',
        createdAt: row.job.createdAt,
        runAt: row.job.runAt,
      });
    } else if (key?.fingerprint.equals(job.idempotency?.fingerprint as Buffer)) outcomes.set(job.id, { status: 'replayed', job: { ...row.job } });
    else outcomes.set(job.id, { status: 'conflict', jobId: row.job.id });
  }
  return outcomes;
}

function keyOf(job: NewJob): string {
  return `${job.idempotency?.scope} ${job.idempotency?.key}`;
}

function takeKey(tables: Tables, job: NewJob, keySeconds: number, jobId: JobId): boolean {
  const known = tables.keys.get(keyOf(job));
  if (known && known.expiresAt > tables.now()) return false;
  tables.keys.set(keyOf(job), {
    jobId,
    fingerprint: job.idempotency?.fingerprint as Buffer,
    expiresAt: tables.now() + keySeconds * 1_000,
  });
  return true;
}

function newRow(tables: Tables, job: NewJob, runAt: number | null): JobRow {
  const { id, kind, queue, priority, maxAttempts, timeoutMs, tags, tenant, notify, traceparent } = job;
  return {
    job: {
      ...{ id, kind, queue, priority, maxAttempts, timeoutMs, tags, tenant, notify, traceparent },
      payload: textOf(job.payload),
      state: runAt === null ? 'queued' : 'scheduled',
      attempt: 0,
      progress: null,
      result: null,
      errors: [],
      redrives: 0,
      cancelRequested: false,
      events: 1,
      runAt: runAt === null ? null : tables.date(runAt),
      createdAt: tables.date(tables.now()),
      startedAt: null,
      finishedAt: null,
    },
    token: null,
    publishId: null,
    workerId: null,
    fence: 0,
    crashes: 0,
    deferredAt: null,
    messagedAt: tables.now(),
    startBefore: job.startBefore ? tables.time(job.startBefore) : job.startWithinMs === undefined ? null : tables.now() + job.startWithinMs,
    republished: false,
    limitKeys: job.limitKeys ?? null,
    uniqueKey: job.unique?.key ?? null,
  };
}
