import type { JobId } from '@app/core';
import type { EntityManager } from 'typeorm';
import type { QueryResultRow } from 'pg';
import { type Database, type Statement, statement } from '../pool/database.js';
import { transact } from '../pool/transact.js';

/** In one order: of two that lock the same rows, neither waits for the other for ever. */
const LOCK_JOBS = statement('flow:lock-jobs', 'SELECT id FROM lh.jobs WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE');

/**
 * Work on jobs with limits that may be queued. A statement that waits for a row reads that row anew, and every other table as it was before: the slots
 * of a release that has just committed it would not see, and a job would be moved without giving them back. So the rows are locked first, and what
 * `work` runs sees all that anybody has done to their slots.
 */
export function withJobsLocked<Result>(db: Database, ids: JobId[], work: (transaction: EntityManager) => Promise<Result>): Promise<Result> {
  return transact(db, async (transaction) => {
    await lockJobs(db, ids, transaction);
    return work(transaction);
  });
}

export async function lockJobs(db: Database, ids: JobId[], transaction: EntityManager): Promise<void> {
  await db.run(LOCK_JOBS, [ids], transaction);
}

/**
 * Runs a statement that changes one queued job, whose id is its first parameter; its last one, which is added here, says whether the row is locked
 * (`unlimitedUnless`). A job without limits is changed by the statement alone; what that does not find may have limits.
 */
export async function changeQueued<Row extends QueryResultRow>(db: Database, change: Statement, values: [JobId, ...unknown[]]): Promise<Row[]> {
  const rows = await db.run<Row>(change, [...values, false]);
  if (rows.length > 0) return rows;
  return withJobsLocked(db, [values[0]], (transaction) => db.run<Row>(change, [...values, true], transaction));
}
