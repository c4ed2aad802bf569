import { type JobId, type JsonText, Refusal, type Sees } from '@app/core';
import type { EntityManager } from 'typeorm';
import type { QueryResultRow } from 'pg';
import { lockJobs } from '../flow/change-queued.js';
import { lockUniqueKeys, waitingWith } from '../flow/unique-keys.js';
import { type Database, statement } from '../pool/database.js';
import { transact } from '../pool/transact.js';
import type { JobRow } from '../run/job-row.js';
import { seen } from '../pool/of-tenant.js';
import { REDRIVE_JOB, REDRIVE_JOBS } from './read-jobs.js';

const KEYS_OF = statement(
  'unique:keys-of-failed',
  `SELECT DISTINCT unique_key FROM lh.jobs WHERE id = ANY ($1::uuid[]) AND state = 'failed' AND unique_key IS NOT NULL AND ${seen('tenant', '$2')}`,
);

const WAITS_WITH_KEY_OF = statement(
  'unique:waiting-with-key-of',
  `SELECT w.id FROM lh.jobs j, LATERAL (SELECT h.id FROM ${waitingWith('j.unique_key')}) w WHERE j.id = $1 AND j.state = 'failed'`,
);

/** A job without a unique key by one statement. Refuses one whose key is had by a job that waits. */
export async function redriveJob(db: Database, id: JobId, payload: JsonText | null, sees: Sees): Promise<JobRow[]> {
  const rows = await db.run<JobRow>(REDRIVE_JOB, [id, payload, false, sees]);
  if (rows.length > 0) return rows;
  const keys = await keysOf(db, [id], sees);
  if (keys.length === 0) return rows;
  return transact(db, async (transaction) => {
    await lockUniqueKeys(db, keys, transaction);
    const redriven = await db.run<JobRow>(REDRIVE_JOB, [id, payload, true, sees], transaction);
    const [waiting] = redriven.length > 0 ? [] : await db.run<{ id: string }>(WAITS_WITH_KEY_OF, [id], transaction);
    if (waiting) throw new Refusal('state_forbids', `job ${waiting.id} waits with the same unique key: cancel it first, or let it start`);
    return redriven;
  });
}

/** Many; those whose key is had by a job that waits stay as they are, and are not returned. */
export function redriveJobs<Row extends QueryResultRow>(db: Database, ids: JobId[]): Promise<Row[]> {
  return transact(db, async (transaction) => {
    const keys = await keysOf(db, ids, null, transaction);
    if (keys.length > 0) await lockUniqueKeys(db, keys, transaction);
    await lockJobs(db, ids, transaction);
    return db.run<Row>(REDRIVE_JOBS, [ids, null, true], transaction);
  });
}

async function keysOf(db: Database, ids: JobId[], sees: Sees, transaction?: EntityManager): Promise<string[]> {
  return (await db.run<{ unique_key: string }>(KEYS_OF, [ids, sees], transaction)).map(({ unique_key: key }) => key);
}
