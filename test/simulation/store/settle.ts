import type { FreedSlots, Job, JobError, JobId, JsonText, LeaseToken, PublishId, SettleEvent, Settlement } from '@app/core';
import { isTerminal, MAX_CRASHES, Refusal } from '@app/core';
import { isLate } from './claims.js';
import { handOn } from './limits.js';
import { appended, DataError, type JobRow, type OpenRows, type Tables } from './tables.js';

const REFUNDED: ReadonlySet<SettleEvent> = new Set(['interrupted', 'snoozed']);

/** What no column takes, as a NUL in text was for PostgreSQL. */
export const UNSTORABLE = 'unstorable';

/** For so long the row of a job that got a slot is left to the worker that has freed it. */
const HANDED_ON_SECONDS = 12;

/** SETTLE_JOBS. In a transaction it decides at once, for the row is locked, and writes when that commits. */
export function settleJobs(
  tables: Tables,
  settlements: Settlement[],
  transaction?: OpenRows,
  told: (slots: FreedSlots) => void = () => undefined,
): Map<JobId, Job> {
  if (settlements.some(({ result }) => result?.includes(UNSTORABLE))) throw new DataError('the result cannot be stored');
  const mine = settlements.flatMap((settlement) => {
    const row = tables.jobs.get(settlement.jobId);
    return row && maySettle(tables, row, settlement.token) ? [{ row, settlement }] : [];
  });
  for (const { row } of mine) tables.waitFor(row.job.id, transaction);
  return new Map(
    mine.map(({ row, settlement }) => {
      if (!transaction) {
        const slots = settleOne(tables, row, settlement, HANDED_ON_SECONDS);
        if (slots) told(slots);
        return [row.job.id, { ...row.job }];
      }
      // Who hears of it before the commit must not publish it; a relay does, at once.
      transaction.writes.push(() => void settleOne(tables, row, settlement, 0));
      return [row.job.id, preview(tables, row, settlement)];
    }),
  );
}

function maySettle(tables: Tables, row: JobRow, token: LeaseToken): boolean {
  if (tables.defects.has('a settlement does not check its token')) return row.token !== null;
  return row.job.state === 'running' && row.token === token;
}

function settleOne(tables: Tables, row: JobRow, settlement: Settlement, seconds: number): FreedSlots | undefined {
  tables.takeFreed();
  tables.move(row, outcome(row.job, settlement.event), {}, settledJob(tables, row, settlement), { token: settlement.token });
  const { state, runAt } = row.job;
  if (state === 'scheduled' || state === 'queued') tables.addOutbox(row, 'job', runAt ? tables.time(runAt) : tables.now());
  else if (settlement.announce) tables.addOutbox(row, 'event');
  if (state === 'failed') tables.addDeadLetter(row);
  return handOn(tables, tables.takeFreed(), seconds);
}

/** A job that was asked to stop is not started again by whatever else became of its attempt. */
function outcome({ cancelRequested }: Job, event: SettleEvent): SettleEvent {
  const again = event === 'retried' || event === 'snoozed' || event === 'interrupted';
  return cancelRequested && again ? 'cancelled' : event;
}

function settledJob(tables: Tables, { job }: JobRow, { event, result, error, delayMs, progress, events }: Settlement): Partial<Job> {
  const next = outcome(job, event);
  const scheduled = next === 'retried' || next === 'snoozed';
  return {
    events: job.events + (events?.length ?? 0) + 1,
    result: result ?? null,
    errors: error ? appended(job.errors, error) : job.errors,
    attempt: job.attempt - Number(REFUNDED.has(event)),
    progress: progress ?? job.progress,
    runAt: scheduled ? tables.date(tables.now() + (delayMs ?? 0)) : null,
  };
}

function preview(tables: Tables, row: JobRow, settlement: Settlement): Job {
  return { ...row.job, ...settledJob(tables, row, settlement), state: settlement.event === 'succeeded' ? 'succeeded' : row.job.state };
}

/** SETTLED_BEFORE. */
export function settledBefore(tables: Tables, settlements: Settlement[]): Map<JobId, Job> {
  if (tables.defects.has('a repeated settlement is not recognised')) return new Map();
  return new Map(
    settlements.flatMap(({ jobId, token }) => {
      const row = tables.jobs.get(jobId);
      return row && row.token === token && row.job.state !== 'running' ? [[jobId, { ...row.job }]] : [];
    }),
  );
}

/** EXHAUST_JOB. */
export function exhaustJob(tables: Tables, jobId: JobId, publishId: PublishId | null, heldToken: LeaseToken | null, error: JobError): boolean {
  const row = tables.jobs.get(jobId);
  if (!row) return false;
  const queued = row.job.state === 'queued' && heldToken === null && row.job.attempt >= row.job.maxAttempts;
  const held = row.job.state === 'running' && heldToken !== null && row.token === heldToken && row.crashes + 1 >= MAX_CRASHES;
  if (!queued && !held) return false;
  tables.waitFor(jobId);
  const errors = appended(row.job.errors, { ...error, attempt: row.job.attempt });
  tables.move(
    row,
    'exhausted',
    { publishId: publishId ?? row.publishId, token: null, crashes: row.crashes + Number(held) },
    { errors, runAt: null },
    heldToken ? { token: heldToken } : {},
  );
  tables.addDeadLetter(row);
  return true;
}

/** EXPIRE_JOBS: those that should have started by now, wherever they wait. */
export function expireJobs(tables: Tables, jobIds: Iterable<JobId>, publishId: PublishId | null, announce: boolean): JobId[] {
  const late = [...jobIds].flatMap((id) => {
    const row = tables.jobs.get(id);
    return row && (row.job.state === 'queued' || row.job.state === 'scheduled') && isLate(tables, row) ? [row] : [];
  });
  for (const { job } of late) tables.waitFor(job.id);
  for (const row of late) {
    const error = { code: 'expired', name: 'Expired', message: 'it had not started in time', attempt: 0, at: tables.date(tables.now()).toISOString() };
    tables.move(row, 'expired', { publishId: publishId ?? row.publishId, startBefore: null }, { errors: appended(row.job.errors, error), runAt: null });
    if (announce) tables.addOutbox(row, 'event', tables.now(), false);
    tables.addDeadLetter(row);
  }
  return late.map(({ job }) => job.id);
}

/** DEFER_JOB. */
export function deferJob(tables: Tables, jobId: JobId, delayMs: number, giveUpMs: number, error: JobError): void {
  const row = tables.jobs.get(jobId);
  if (row?.job.state !== 'queued') return;
  tables.waitFor(jobId);
  const now = tables.now();
  const givenUp = row.deferredAt !== null && row.deferredAt < now - giveUpMs;
  const errors = row.deferredAt === null ? appended(row.job.errors, error) : row.job.errors;
  const runAt = givenUp ? null : tables.date(now + delayMs);
  tables.move(row, givenUp ? 'exhausted' : 'deferred', { deferredAt: row.deferredAt ?? now }, { errors, runAt });
  tables.addOutbox(row, givenUp ? 'event' : 'job', givenUp ? now : now + delayMs, false);
  if (givenUp) tables.addDeadLetter(row);
}

export function outcomeOf(tables: Tables, jobId: JobId, token: LeaseToken): 'running' | 'settled' | 'lost' {
  const row = tables.jobs.get(jobId);
  if (row?.token !== token) return 'lost';
  return row.job.state === 'running' ? 'running' : 'settled';
}

/** ANNOUNCE_LATER. */
export function announceLater(tables: Tables, jobId: JobId): void {
  const row = tables.jobs.get(jobId);
  if (row && isTerminal(row.job.state)) tables.addOutbox(row, 'event');
}

export function saveStep(tables: Tables, jobId: JobId, token: LeaseToken, name: string, result: JsonText): boolean {
  const row = tables.jobs.get(jobId);
  if (row?.job.state !== 'running' || row.token !== token) return false;
  tables.steps.set(`${jobId} ${name}`, result);
  return true;
}

/** CANCEL_JOB. */
export function cancelJob(tables: Tables, jobId: JobId): { accepted: boolean; job: Job } | null {
  const row = tables.jobs.get(jobId);
  if (!row) return null;
  if (isTerminal(row.job.state)) return { accepted: false, job: { ...row.job } };
  tables.waitFor(jobId);
  if (row.job.state === 'running') row.job = { ...row.job, cancelRequested: true };
  else cancelUnstarted(tables, row);
  return { accepted: true, job: { ...row.job } };
}

export function cancelUnstarted(tables: Tables, row: JobRow): void {
  tables.move(row, 'cancelled', { startBefore: null }, { cancelRequested: true, runAt: null });
  tables.addOutbox(row, 'event');
}

/** REDRIVE_JOB. */
export function redriveJob(tables: Tables, jobId: JobId): { accepted: boolean; job: Job } | null {
  const row = tables.jobs.get(jobId);
  if (!row) return null;
  if (row.job.state !== 'failed') return { accepted: false, job: { ...row.job } };
  const waiting = row.uniqueKey === null ? undefined : tables.unique.get(row.uniqueKey);
  if (waiting !== undefined) throw new Refusal('state_forbids', `job ${waiting} waits with the same unique key`);
  if (row.uniqueKey !== null) tables.unique.set(row.uniqueKey, jobId);
  const letter = tables.deadLetters.get(`job:${jobId}:${row.job.redrives}`);
  if (letter) letter.redriven = true;
  const fresh = { attempt: 0, cancelRequested: false, redrives: row.job.redrives + 1, progress: null, result: null, runAt: null };
  tables.move(row, 'redriven', { crashes: 0, deferredAt: null, publishId: null, token: null }, fresh);
  tables.addOutbox(row, 'job', tables.now(), false);
  return { accepted: true, job: { ...row.job } };
}
