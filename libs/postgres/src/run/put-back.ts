import { statement } from '../pool/database.js';

/**
 * Jobs that a worker has been given and has no slot for: rows in the outbox, due now, each for at most $2 of one kind, queue and priority. One under
 * suspicion has a row of its own. What is not queued any more is left alone and not returned.
 */
export const PUT_BACK = statement(
  'job:put-back',
  `WITH put AS (
     UPDATE lh.jobs j SET messaged_at = now() WHERE j.id = ANY ($1::uuid[]) AND j.state = 'queued' RETURNING j.id, j.kind, j.queue, j.priority, j.crashes > 0 AS suspect
   ), numbered AS (
     SELECT *, row_number() OVER (PARTITION BY kind, queue, priority, suspect ORDER BY id) - 1 AS place FROM put
   ), sent AS (
     INSERT INTO lh.outbox (id, type, job_ids, queue, priority, suspect, available_at)
     SELECT gen_random_uuid(), 'job', array_agg(id ORDER BY id), queue, priority, suspect, now() FROM numbered
     GROUP BY kind, queue, priority, suspect, place / CASE WHEN suspect THEN 1 ELSE $2::integer END
   )
   SELECT id FROM put`,
);
