import { statement } from '../pool/database.js';
import { slotsFreedBy, unlimitedUnless, WAKE_UP_TYPE } from '../flow/slots.js';

/**
 * Jobs that a worker has been given and has no slot for: rows in the outbox, due now, each for at most $2 of one kind, queue and priority. One under
 * suspicion or with limits has a row of its own. $3: the rows are locked. What is not queued any more is left alone and not returned.
 */
export const PUT_BACK = statement(
  'job:put-back',
  `WITH put AS (
     UPDATE lh.jobs j SET messaged_at = now() WHERE j.id = ANY ($1::uuid[]) AND j.state = 'queued' AND ${unlimitedUnless('$3')} RETURNING j.id, j.state, j.kind, j.queue, j.priority, j.limit_keys, j.crashes > 0 AS suspect
   ), ${slotsFreedBy('put')}, numbered AS (
     SELECT *, suspect OR limit_keys IS NOT NULL AS alone, row_number() OVER (PARTITION BY kind, queue, priority, suspect, limit_keys IS NOT NULL ORDER BY id) - 1 AS place
     FROM put
   ), sent AS (
     INSERT INTO lh.outbox (id, type, job_ids, queue, priority, suspect, available_at)
     SELECT gen_random_uuid(), min(${WAKE_UP_TYPE}), array_agg(id ORDER BY id), queue, priority, suspect, now() FROM numbered
     GROUP BY kind, queue, priority, suspect, limit_keys IS NOT NULL, place / CASE WHEN alone THEN 1 ELSE $2::integer END
   )
   SELECT id FROM put`,
);
