import type { ClaimRequest, JobId, WorkerId } from '@app/core';
import { type Database, statement } from '../pool/database.js';
import { claiming, CLAIMED, IN_TIME } from '../run/claim-jobs.js';
import type { ClaimedRow } from '../run/job-row.js';
import { withJobsLocked } from './change-queued.js';
import { hasSlots, uniqueKeysFreedBy } from './slots.js';

/**
 * Queued jobs with limits or with a unique key become ours. It runs in a transaction that has locked their rows (`withJobsLocked`): a statement that waits
 * for a row does not see what has happened to the slots meanwhile. $5: one that has crashed a worker before too, whose claimant runs it alone.
 * It ends what only a job that has not started has: its place in the waiting room and its unique key.
 */
export const CLAIM_LIMITED = statement(
  'job:claim-limited',
  `WITH ${claiming(
    `UPDATE lh.jobs j SET ${CLAIMED}, worker_id = $4
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS i (job_id, publish_id, token)
     WHERE j.id = i.job_id AND j.state = 'queued' AND (j.crashes = 0 OR $5) AND j.attempt < j.max_attempts AND ${IN_TIME} AND (j.limit_keys IS NULL OR ${hasSlots('j')})`,
    '$4',
    { more: `, begun AS (DELETE FROM lh.waiting_room w USING claimed c WHERE w.job_id = c.id), ${uniqueKeysFreedBy('claimed')}`, returning: 'j.unique_key' },
  )}`,
);

/**
 * A queued job with limits and without its slots gets a place in the waiting room, unless it has one: its release brings a new copy. Returns nothing
 * where the slots are there. Runs with its row locked, too.
 */
export const AWAIT_TURN = statement(
  'job:await-turn',
  `INSERT INTO lh.waiting_room (job_id, queue, kind, priority, virtual_time, flow_key, limit_keys, suspect, start_before)
   SELECT j.id, j.queue, j.kind, j.priority, ${frontOf('j')}, j.flow_key, j.limit_keys, j.crashes > 0, j.start_before
   FROM lh.jobs j WHERE j.id = $1 AND j.state = 'queued' AND j.limit_keys IS NOT NULL AND NOT ${hasSlots('j')}
   ON CONFLICT (job_id) DO NOTHING RETURNING job_id`,
);

/** The virtual time of a job that comes back: before all others of its queue and priority. */
function frontOf(alias: string): string {
  return `coalesce((SELECT w.virtual_time FROM lh.waiting_room w WHERE w.queue = ${alias}.queue AND w.priority = ${alias}.priority AND w.parked_on IS NULL
     ORDER BY w.virtual_time LIMIT 1), extract(epoch FROM now()))`;
}

export function claimLimited(db: Database, workerId: WorkerId, requests: ClaimRequest[], suspects: boolean): Promise<ClaimedRow[]> {
  const ids = requests.map(({ jobId }) => jobId);
  const values = [ids, requests.map(({ publishId }) => publishId), requests.map(({ token }) => token), workerId, suspects];
  return withJobsLocked(db, ids, (transaction) => db.run<ClaimedRow>(CLAIM_LIMITED, values, transaction));
}

export async function awaitTurn(db: Database, jobId: JobId): Promise<void> {
  await withJobsLocked(db, [jobId], (transaction) => db.run(AWAIT_TURN, [jobId], transaction));
}
