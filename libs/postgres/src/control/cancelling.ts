import { WAKE_UP_MAX } from '@app/core';
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

/**
 * CTEs: what goes with the end of those of a CTE that are cancelled; it has the columns of jobs and `limit_keys`. Outcomes that nobody is sent share rows
 * of the outbox: those of an act on many jobs are thousands. One that somebody waits for has its own, which is kept until that reply is confirmed.
 */
export function afterCancelOf(cte: string): string {
  return `${slotsFreedBy(cte)}, announced AS (
     INSERT INTO lh.outbox (id, type, job_ids, queue, priority, available_at)
     SELECT gen_random_uuid(), 'event', array_agg(id), queue, priority, now() FROM (
       SELECT id, queue, priority, CASE WHEN coalesce(notify, '[]') = '[]' THEN 0 ELSE row_number() OVER () END AS alone, row_number() OVER (PARTITION BY queue, priority) AS place
       FROM ${cte} WHERE state = 'cancelled'
     ) c GROUP BY queue, priority, alone, (place - 1) / ${WAKE_UP_MAX}
   ), noticed AS (${noticesOf(cte)}), ${placesLeftBy(cte)}`;
}
