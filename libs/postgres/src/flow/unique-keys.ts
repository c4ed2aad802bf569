import type { NewJob } from '@app/core';
import { type Database, type Joined, statement } from '../pool/database.js';
import { UNIQUE_LOCK } from '../locks.js';

/**
 * Unique keys, in the statements that take them.
 *
 * Authority: `unique_jobs` has a row for each key of a job that waits and has not started: written with the job, or by its redrive, deleted by the statement that
 * claims or ends it (`uniqueKeysFreedBy`). A row whose job does not wait is no row: it was left by a version that did not know of keys, and is overwritten.
 * Whoever takes a key holds its lock, got in a statement before, for a statement that waits for a row sees all other rows as they were before. The job that has the key is
 * locked too, so that nobody starts or ends it meanwhile: first the keys, then jobs, then rows of `unique_jobs`, whoever it is, or two could wait for each other.
 * All of it is one transaction: a crash leaves the former job or the new one.
 */

/** In one order: of two that take several keys, neither waits for the other for ever. */
const LOCK_KEYS = statement(
  'unique:lock-keys',
  `SELECT pg_advisory_xact_lock(${UNIQUE_LOCK}, k.hash) FROM (SELECT DISTINCT hashtext(i.key) AS hash FROM unnest($1::text[]) AS i (key) ORDER BY 1) k`,
);

const LOCK_HOLDERS = statement(
  'unique:lock-holders',
  `SELECT id FROM lh.jobs WHERE id = ANY (ARRAY(SELECT job_id FROM lh.unique_jobs WHERE unique_key = ANY ($1::text[]))) ORDER BY id FOR UPDATE`,
);

/** Nobody else takes these keys, or moves a job that has one of them, until the transaction ends. What runs next in it sees who has them. */
export async function lockUniqueKeys(db: Database, keys: string[], transaction: Joined): Promise<void> {
  await db.run(LOCK_KEYS, [keys], transaction);
  await db.run(LOCK_HOLDERS, [keys], transaction);
}

/** A table, without rows or with one: `h` is the job that has the key and waits. */
export function waitingWith(key: string): string {
  return `lh.unique_jobs u JOIN lh.jobs h ON h.id = u.job_id AND h.state IN ('scheduled', 'queued') WHERE u.unique_key = ${key}`;
}

/** An INSERT: each job of `source`, which has `id` and `unique_key`, has its key now, whoever had it. */
export function uniqueKeysTakenBy(source: string): string {
  return `INSERT INTO lh.unique_jobs (unique_key, job_id) SELECT unique_key, id FROM ${source} ON CONFLICT (unique_key) DO UPDATE SET job_id = excluded.job_id`;
}

export type UniqueJob = NewJob & Required<Pick<NewJob, 'unique'>>;

export function isUnique(job: NewJob): job is UniqueJob {
  return job.unique !== undefined;
}

/** The jobs in their order, as lists in which each key stands once: one statement takes a key for one job. */
export function roundsOf(jobs: UniqueJob[]): UniqueJob[][] {
  const rounds: UniqueJob[][] = [];
  const met = new Map<string, number>();
  for (const job of jobs) {
    const round = met.get(job.unique.key) ?? 0;
    met.set(job.unique.key, round + 1);
    (rounds[round] ??= []).push(job);
  }
  return rounds;
}
