import { MARKED, statement } from '../pool/database.js';
import { becomes } from '../run/history.js';
import { seen } from '../pool/of-tenant.js';
import { jobColumns } from '../run/job-row.js';

const HIGHEST = 9;

/** A time before that of every job of the highest priority in the queue, and of those that wait for the same limits. */
function front(queue: string, limitKeys: string): string {
  return `coalesce(least(
     (SELECT min(w.virtual_time) FROM lh.waiting_room w WHERE w.queue = ${queue} AND w.priority = ${HIGHEST} AND w.parked_on IS NULL),
     (SELECT min(w.virtual_time) FROM lh.waiting_room w WHERE w.parked_on = ANY (${limitKeys}) AND w.priority = ${HIGHEST})
   ) - 1, extract(epoch FROM now())::float8)`;
}

/** A job that waits for its turn comes before all others of its queue. Limits and pauses hold for it as before: a parked one stays parked. */
export const TO_FRONT = statement(
  'job:to-front',
  `UPDATE lh.waiting_room r SET priority = ${HIGHEST}, virtual_time = ${front('r.queue', 'r.limit_keys')} WHERE r.job_id = $1 AND ($2::text IS NULL OR EXISTS (SELECT FROM lh.jobs j WHERE j.id = $1 AND j.tenant = $2::text)) RETURNING r.job_id`,
);

/**
 * A job whose time has not come is queued, at the front. The row of the outbox that would have woken it is taken away by its time; one that is not found
 * wakes it once too often, which the claim drops.
 */
export const START_SCHEDULED = statement(
  'job:start-scheduled',
  `WITH started AS (
     UPDATE lh.jobs j SET ${becomes(`'queued'`)}, queued_at = now(), messaged_at = now(), run_at = NULL
     FROM (SELECT id, run_at FROM lh.jobs WHERE id = $1 AND ${seen('tenant', '$2')} FOR UPDATE) before
     WHERE j.id = before.id AND j.state = 'scheduled'
     RETURNING ${jobColumns('j')}, j.flow_key, j.limit_keys, j.start_before, before.run_at AS was_due
   ), unwoken AS (
     DELETE FROM lh.outbox o USING started s
     WHERE o.priority = s.priority AND o.available_at = s.was_due AND o.type IN ('job', 'turn') AND o.job_ids = ARRAY[s.id]
   ), placed AS (
     INSERT INTO lh.waiting_room AS r (job_id, queue, kind, priority, virtual_time, flow_key, limit_keys, suspect, start_before)
     SELECT s.id, s.queue, s.kind, ${HIGHEST}, ${front('s.queue', 's.limit_keys')}, s.flow_key, s.limit_keys, s.crashes > 0, s.start_before FROM started s
     ON CONFLICT (job_id) DO UPDATE SET priority = excluded.priority, virtual_time = excluded.virtual_time
   )
   SELECT * FROM started`,
  MARKED,
);
