import type { JobId, PublishId } from '@app/core';
import { withJobsLocked } from '../flow/change-queued.js';
import { slotsFreedBy, uniqueKeysFreedBy } from '../flow/slots.js';
import { placesLeftBy } from '../room/places.js';
import { noticesOf } from '../notify/notices.js';
import { type Database, statement } from '../pool/database.js';
import { appended } from './claim-jobs.js';
import { becomes } from './history.js';
import { deadLettersOf } from './settle-jobs.js';

/** One sweep ends so many jobs at most; the next one goes on. */
const MOST = 1_000;

const TIME = (value: string) => `to_char(${value} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const ERROR = `jsonb_build_object('code', 'expired', 'name', 'Expired', 'message', 'it had to start before ' || ${TIME('j.start_before')} || ' and had not started', 'attempt', 0, 'at', ${TIME('now()')})`;

/** Jobs that should have started by now, wherever they wait. */
export const LATE_JOBS = statement(
  'sweep:late-jobs',
  `SELECT id FROM lh.jobs WHERE start_before <= now() AND state IN ('queued', 'scheduled') ORDER BY start_before LIMIT ${MOST}`,
);

/**
 * Ends those of these jobs that should have started by now: their places in the waiting room, their slots and their unique keys go with them. It runs in a
 * transaction that has locked their rows. $2: the copy that announces them; with $3 they are announced from the outbox.
 */
export const EXPIRE_JOBS = statement(
  'job:expire',
  `WITH expired AS (
     UPDATE lh.jobs j SET ${becomes(`'failed'`)}, finished_at = now(), run_at = NULL, start_before = NULL, publish_id = coalesce($2::uuid, j.publish_id), errors = ${appended(ERROR)}
     WHERE j.id = ANY ($1::uuid[]) AND j.state IN ('queued', 'scheduled') AND j.start_before <= now()
     RETURNING j.*
   ), ${slotsFreedBy('expired')}, ${uniqueKeysFreedBy('expired')}, ${placesLeftBy('expired')}, announced AS (
     INSERT INTO lh.outbox (id, type, job_ids, queue, priority, available_at)
     SELECT gen_random_uuid(), 'event', ARRAY[id], queue, priority, now() FROM expired WHERE $3
   ), dead AS (${deadLettersOf('expired')}), noticed AS (${noticesOf('expired')})
   SELECT id FROM expired`,
);

/** One whose copy a worker holds, which announces it. */
export async function expireJob(db: Database, jobId: JobId, publishId: PublishId | null): Promise<{ id: JobId }[]> {
  return withJobsLocked(db, [jobId], (transaction) => db.run<{ id: JobId }>(EXPIRE_JOBS, [[jobId], publishId, false], transaction));
}

/** All that are late, at most {@link MOST}. Of several processes that look at once each job is ended by one. */
export async function expireLate(db: Database): Promise<{ id: JobId }[]> {
  const ids = (await db.run<{ id: JobId }>(LATE_JOBS, [])).map(({ id }) => id);
  if (ids.length === 0) return [];
  return withJobsLocked(db, ids, (transaction) => db.run<{ id: JobId }>(EXPIRE_JOBS, [ids, null, true], transaction));
}
