import type { ClaimRequest, JobId, WorkerId } from '@app/core';
import { MARKED, type Database, statement } from '../pool/database.js';
import { claiming, CLAIMED, IN_TIME, OF_QUEUE } from '../run/claim-jobs.js';
import { type ClaimedRow, leanClaimedColumns } from '../run/job-row.js';
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
 * The same in one statement, for jobs whose rows and slots nobody else has at the moment: what it does not return needs a look. First it takes a job's row and
 * then its slots, and waits for neither, so it is in nobody's way. Whoever takes slots from a queued job takes its row before: slots that are there once the
 * row is ours stay. A slot that was deleted since the statement began is not there when it is to be locked, and one that came since is not seen: then the
 * look finds the job ready, and the statement above claims it.
 */
export const CLAIM_READY = statement(
  'job:claim-ready',
  `WITH mine AS MATERIALIZED (
     SELECT j.id, j.limit_keys, i.publish_id, i.token FROM lh.jobs j JOIN unnest($1::uuid[], $2::uuid[], $3::uuid[], $5::text[]) AS i (job_id, publish_id, token, queue) ON j.id = i.job_id
     WHERE j.state = 'queued' AND ${OF_QUEUE} AND j.crashes = 0 AND j.attempt < j.max_attempts AND ${IN_TIME} FOR UPDATE OF j SKIP LOCKED
   ), held AS MATERIALIZED (
     SELECT s.job_id, s.limit_key FROM lh.flow_slots s WHERE s.job_id IN (SELECT id FROM mine) FOR KEY SHARE SKIP LOCKED
   ), ${claiming(
     `UPDATE lh.jobs j SET ${CLAIMED}, worker_id = $4 FROM mine i
      WHERE j.id = i.id AND (i.limit_keys IS NULL OR ${hasSlots('i', 'held')})`,
     '$4',
     {
       columns: leanClaimedColumns('j'),
       more: `, begun AS (DELETE FROM lh.waiting_room w USING claimed c WHERE w.job_id = c.id), ${uniqueKeysFreedBy('claimed')}`,
       returning: 'j.unique_key, j.limit_keys IS NULL AND j.unique_key IS NULL AS is_free',
     },
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
