import type { ClaimRequest, JobId, WorkerId } from '@app/core';
import { MARKED, type Database, statement } from '../pool/database.js';
import { claiming, CLAIMED, IN_TIME, OF_QUEUE } from '../run/claim-jobs.js';
import type { ClaimedRow } from '../run/job-row.js';
import { comingBack, enteringRoom } from '../room/places.js';
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
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $6::text[]) AS i (job_id, publish_id, token, queue)
     WHERE j.id = i.job_id AND j.state = 'queued' AND ${OF_QUEUE} AND (j.crashes = 0 OR $5) AND j.attempt < j.max_attempts AND ${IN_TIME} AND (j.limit_keys IS NULL OR ${hasSlots('j')})`,
    '$4',
    { more: `, begun AS (DELETE FROM lh.waiting_room w USING claimed c WHERE w.job_id = c.id), ${uniqueKeysFreedBy('claimed')}`, returning: 'j.unique_key' },
  )}`,
  MARKED,
);

/**
 * A queued job with limits and without its slots, or of another queue than $2, gets a place in the waiting room, before all others of its queue and priority,
 * unless it has one: its release brings a new copy. Runs with its row locked, too.
 */
export const AWAIT_TURN = statement(
  'job:await-turn',
  enteringRoom(
    `SELECT ${comingBack('j')}
     FROM lh.jobs j WHERE j.id = $1 AND j.state = 'queued' AND ((j.limit_keys IS NOT NULL AND NOT ${hasSlots('j')}) OR j.queue <> $2::text)`,
  ),
);

export function claimLimited(db: Database, workerId: WorkerId, requests: ClaimRequest[], suspects: boolean): Promise<ClaimedRow[]> {
  const ids = requests.map(({ jobId }) => jobId);
  const values = [
    ids,
    requests.map(({ publishId }) => publishId),
    requests.map(({ token }) => token),
    workerId,
    suspects,
    requests.map(({ queue }) => queue ?? null),
  ];
  return withJobsLocked(db, ids, (transaction) => db.run<ClaimedRow>(CLAIM_LIMITED, values, transaction));
}

export async function awaitTurn(db: Database, jobId: JobId, queue?: string): Promise<void> {
  await withJobsLocked(db, [jobId], (transaction) => db.run(AWAIT_TURN, [jobId, queue ?? null], transaction));
}
