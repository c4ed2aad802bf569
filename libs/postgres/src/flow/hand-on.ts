import type { FreedSlots, JobId } from '@app/core';
import { CAPACITY, limitOn } from './limit-columns.js';

/** A row of the settlement's answer that says what has become of the slots; NULL in all rows but the first, and where there is nothing to say. */
export interface HandedRow {
  handed_on: { outboxId: string; jobId: JobId; kind: string; queue: string; priority: number; traceparent: string | null }[] | null;
  /** Slots are free that were not handed on, and jobs wait for them. */
  room_freed: boolean | null;
}

/**
 * CTEs that hand the slots of a CTE `freed` on (see `slotsFreedBy`), so that none is idle until somebody looks: each goes to the first job that is parked on
 * its key, which becomes a row of the outbox. One slot out and one in under each key, so the number of slots cannot rise, and no lock is needed.
 *
 * Nothing is handed on where somebody else has to decide: the first job waits for another key too (to pass it over would let it wait for ever), the
 * key has a rate, or more slots are taken than the limit allows since it was lowered. The release looks at those.
 * `seconds`: for so long the row is left to the worker that begins the job (`HandedOn`) or publishes it.
 * A job whose row or place is locked is being moved by somebody else; queues and kinds that are paused, and jobs whose time has run out, are passed over.
 */
export function handedOn(seconds: string): string {
  return `handed AS MATERIALIZED (
     SELECT b.*, gen_random_uuid() AS outbox_id
     FROM (SELECT limit_key, count(*) AS slots FROM freed GROUP BY limit_key) g
     JOIN ${limitOn('g.limit_key')}
     CROSS JOIN LATERAL (
       SELECT f.* FROM generate_series(9, 0, -1) AS p (priority) CROSS JOIN LATERAL (
         SELECT w.job_id, g.limit_key, w.kind, w.queue, w.priority, w.suspect, j.limit_keys, j.traceparent
         FROM lh.waiting_room w JOIN lh.jobs j ON j.id = w.job_id
         WHERE w.parked_on = g.limit_key AND w.priority = p.priority AND j.state = 'queued' AND (w.start_before IS NULL OR w.start_before > now())
           AND w.kind NOT IN (SELECT kind FROM lh.paused_kinds) AND w.queue NOT IN (SELECT name FROM lh.queues WHERE paused_at IS NOT NULL)
         ORDER BY w.virtual_time, w.job_id LIMIT g.slots FOR UPDATE OF w, j SKIP LOCKED
       ) f LIMIT g.slots
     ) b
     WHERE l.rate_count IS NULL AND (SELECT count(*) FROM lh.flow_slots s WHERE s.limit_key = g.limit_key) <= ${CAPACITY}
       AND b.limit_keys = ARRAY[g.limit_key]
   ), begun AS (
     DELETE FROM lh.waiting_room w USING handed h WHERE w.job_id = h.job_id
   ), given AS (
     INSERT INTO lh.flow_slots (limit_key, job_id) SELECT limit_key, job_id FROM handed ON CONFLICT DO NOTHING
   ), next AS (
     INSERT INTO lh.outbox (id, type, job_ids, queue, priority, suspect, attempts, available_at)
     SELECT outbox_id, 'job', ARRAY[job_id], queue, priority, suspect, 1, now() + ${seconds}::float8 * interval '1 second' FROM handed
   )`;
}

/** The columns of {@link HandedRow}, in the first row of the answer. */
export const HANDED_COLUMNS = `CASE WHEN row_number() OVER () = 1 THEN (
     SELECT json_agg(json_build_object('outboxId', outbox_id, 'jobId', job_id, 'kind', kind, 'queue', queue, 'priority', priority, 'traceparent', traceparent)) FROM handed
   ) END AS handed_on,
   CASE WHEN row_number() OVER () = 1 THEN EXISTS (
     SELECT FROM (SELECT limit_key, count(*) AS slots FROM freed GROUP BY limit_key) f
     WHERE f.slots > (SELECT count(*) FROM handed h WHERE h.limit_key = f.limit_key)
       AND EXISTS (SELECT FROM lh.waiting_room w WHERE w.parked_on = f.limit_key AND w.job_id NOT IN (SELECT job_id FROM handed))
   ) END AS room_freed`;

/** What a settlement's answer says of the slots; undefined where there were none. */
export function freedSlots([row]: HandedRow[]): FreedSlots | undefined {
  if (!row?.handed_on && !row?.room_freed) return undefined;
  const handed = row.handed_on ?? [];
  return {
    handedOn: handed.map(({ jobId, outboxId, kind, queue, priority, traceparent }) => ({
      type: 'job',
      outboxId,
      jobIds: [jobId],
      kind,
      queue,
      priority,
      traceparent,
    })),
    roomFreed: row.room_freed === true,
  };
}
