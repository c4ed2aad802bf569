import { statement } from '../pool/database.js';

/**
 * Jobs that must not be started now, because their queue or kind is paused: those that are queued get a place in the waiting room, before all others
 * of their queue and priority, for they have waited already. Those that have a place keep it. What is not queued is left alone and not returned.
 */
export const HOLD_BACK = statement(
  'job:hold-back',
  `WITH held AS (
     UPDATE lh.jobs j SET messaged_at = now() WHERE j.id = ANY ($1::uuid[]) AND j.state = 'queued'
     RETURNING j.id, j.kind, j.queue, j.priority, j.flow_key, j.limit_keys, j.start_before, j.crashes > 0 AS suspect
   ), freed AS (
     DELETE FROM lh.flow_slots s USING held h WHERE s.job_id = h.id AND h.limit_keys IS NOT NULL
   ), first AS (
     SELECT p.queue, p.priority, coalesce(
       (SELECT w.virtual_time FROM lh.waiting_room w WHERE w.queue = p.queue AND w.priority = p.priority AND w.parked_on IS NULL
        ORDER BY w.virtual_time, w.job_id LIMIT 1), extract(epoch FROM now())) AS virtual_time
     FROM (SELECT DISTINCT queue, priority FROM held) p
   ), placed AS (
     INSERT INTO lh.waiting_room (job_id, queue, kind, priority, virtual_time, flow_key, limit_keys, suspect, start_before)
     SELECT h.id, h.queue, h.kind, h.priority, f.virtual_time, h.flow_key, h.limit_keys, h.suspect, h.start_before
     FROM held h JOIN first f ON f.queue = h.queue AND f.priority = h.priority
     ON CONFLICT (job_id) DO NOTHING
   )
   SELECT id FROM held`,
);
