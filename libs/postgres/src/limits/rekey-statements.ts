import { statement } from '../pool/database.js';

/**
 * A page of jobs that have not ended, by queue and id, from behind `$1`, `$2`. Both indexes of one snapshot: a job that changes from one of them to
 * the other, because it is retried or its time has come, stands in one of them.
 */
export const UNFINISHED_PAGE = statement(
  'limits:unfinished-page',
  `WITH page AS (
     (SELECT id, queue FROM lh.jobs WHERE finished_at IS NULL AND run_at IS NULL AND (queue, id) > ($1::text, $2::uuid) ORDER BY queue, id LIMIT $3)
     UNION ALL
     (SELECT id, queue FROM lh.jobs WHERE run_at IS NOT NULL AND (queue, id) > ($1::text, $2::uuid) ORDER BY queue, id LIMIT $3)
   )
   SELECT j.id, j.kind, j.queue, j.tags, j.limit_keys AS "limitKeys" FROM page p JOIN lh.jobs j ON j.id = p.id
   ORDER BY p.queue, p.id LIMIT $3`,
);

/**
 * Writes keys, and takes the slots of keys that a job does not have any more. Jobs that are locked are left out, for whoever holds one may wait for
 * another of the page; the caller comes again with each by itself, and `$3` false.
 */
const rekeying = (skip: string) => `WITH input AS (
     SELECT * FROM unnest($1::uuid[], $2::text[]) AS i (id, keys)
   ), free AS (
     SELECT j.id FROM lh.jobs j WHERE j.id = ANY ($1::uuid[]) AND j.finished_at IS NULL FOR NO KEY UPDATE ${skip}
   ), changed AS (
     UPDATE lh.jobs j SET limit_keys = i.keys::text[] FROM input i WHERE j.id = i.id AND j.id = ANY (ARRAY(SELECT id FROM free)) RETURNING j.id, j.limit_keys
   ), freed AS (
     DELETE FROM lh.flow_slots s USING changed c WHERE s.job_id = c.id AND NOT s.limit_key = ANY (coalesce(c.limit_keys, '{}'))
   )
   SELECT id FROM changed`;
export const REKEY_JOBS = statement('limits:rekey-jobs', rekeying('SKIP LOCKED'));
export const REKEY_JOB = statement('limits:rekey-job', rekeying(''));

/** Makes the places of these jobs in the waiting room agree with the jobs. A statement of its own, so that it sees those that came meanwhile. */
export const REKEY_PLACES = statement(
  'limits:rekey-places',
  `UPDATE lh.waiting_room w SET limit_keys = j.limit_keys, parked_on = NULL FROM lh.jobs j
   WHERE w.job_id = ANY ($1::uuid[]) AND j.id = w.job_id
     AND (w.limit_keys IS DISTINCT FROM j.limit_keys OR (w.parked_on IS NOT NULL AND NOT w.parked_on = ANY (coalesce(j.limit_keys, '{}'))))`,
);

/** A page of the outbox by id: rows of jobs that have to wait for their time and have limits take their turn then, see the migration of flow control. */
export const TURN_PAGE = statement(
  'limits:turn-page',
  `WITH page AS (
     SELECT id, type, job_ids FROM lh.outbox WHERE id > $1::uuid ORDER BY id LIMIT $2
   ), turned AS (
     UPDATE lh.outbox o SET type = 'turn' FROM page p
     WHERE o.id = p.id AND p.type = 'job' AND EXISTS (SELECT FROM lh.jobs j WHERE j.id = p.job_ids[1] AND j.state = 'scheduled' AND j.limit_keys IS NOT NULL)
   )
   SELECT id FROM page ORDER BY id DESC LIMIT 1`,
);

/** Takes a number, which every transaction that begins to write from now on is above. */
export const NEXT_TRANSACTION = statement('limits:next-transaction', 'SELECT pg_current_xact_id()::text AS number');
/** Every transaction below it is over. */
export const OLDEST_TRANSACTION = statement('limits:oldest-transaction', 'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS number');
