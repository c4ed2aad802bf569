import { cancelAsked } from './cancel-column.js';
import { slotsFreedBy } from '../flow/slots.js';
import { noticesOf } from '../notify/notices.js';
import { placesLeftBy } from '../room/places.js';
import { becomesUnless } from '../run/history.js';

/** The SET of an UPDATE of `jobs j` that cancels those that have not started, and asks running ones to stop. `request`: as `cancelRequest` writes it. */
export function asCancelled(request: string): string {
  return `${becomesUnless(`j.state = 'running'`, `'cancelled'`)},
       ${cancelAsked(request, `j.state <> 'running'`)},
       cancel_requested = true, start_before = NULL, run_at = CASE WHEN j.state = 'running' THEN j.run_at END,
       finished_at = CASE WHEN j.state <> 'running' THEN now() END`;
}

/** CTEs: what goes with the end of those of a CTE that are cancelled; it has the columns of jobs and `limit_keys`. */
export function afterCancelOf(cte: string): string {
  return `${slotsFreedBy(cte)}, announced AS (
     INSERT INTO lh.outbox (id, type, job_ids, queue, priority, available_at)
     SELECT gen_random_uuid(), 'event', ARRAY[id], queue, priority, now() FROM ${cte} WHERE state = 'cancelled'
   ), noticed AS (${noticesOf(cte)}), ${placesLeftBy(cte)}`;
}
