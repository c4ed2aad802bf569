import { RELEASE_LOCK } from '../locks.js';
import { statement } from '../pool/database.js';
import { QUEUES_WAITING } from './places.js';

/** A statement of its own: what the next ones count must be as it is while the lock is held. */
export const LOCK_RELEASE = statement('room:lock', `SELECT pg_try_advisory_xact_lock(${RELEASE_LOCK}, 0) AS held`);

/** The same lock, for a change of the order of those who wait: after the release that is under way. */
export const HOLD_RELEASE = statement('room:hold', `SELECT pg_advisory_xact_lock(${RELEASE_LOCK}, 0)`);

/** Queues with jobs in the room and those of $1, with the live workers that take from them; which queues are fair; and what is paused. */
export const LOOK_AT_ROOM = statement(
  'room:look',
  `WITH RECURSIVE ${QUEUES_WAITING}, asked AS (
     SELECT queue, true AS waits FROM waiting WHERE queue IS NOT NULL
     UNION ALL SELECT a.queue, false FROM unnest($1::text[]) AS a (queue) WHERE a.queue NOT IN (SELECT queue FROM waiting WHERE queue IS NOT NULL)
   )
   SELECT ARRAY(SELECT queue FROM asked WHERE waits) AS waiting,
          (SELECT json_object_agg(a.queue, (
             SELECT count(*)::integer FROM lh.workers w WHERE w.lease_until > now() AND (w.queues = '{}' OR a.queue = ANY (w.queues))
           )) FROM asked a) AS workers,
          ARRAY(SELECT name FROM lh.queues WHERE fair_by IS NOT NULL) AS fair_queues,
          ARRAY(SELECT name FROM lh.queues WHERE paused_at IS NOT NULL) AS paused_queues,
          ARRAY(SELECT kind FROM lh.paused_kinds) AS paused_kinds,
          (SELECT w.parked_on FROM lh.waiting_room w WHERE w.parked_on > '' ORDER BY w.parked_on LIMIT 1) IS NOT NULL AS parked`,
);

/** A job that is ready and needs no slot, of the row `w`. */
const READY = `w.parked_on IS NULL AND w.limit_keys IS NULL AND w.kind NOT IN (SELECT kind FROM lh.paused_kinds)`;

/** A message of a fair queue holds such a part of what one of another does, a twentieth of a second of work: whoever comes new starts behind what a worker has. */
const FAIR_PART = 10;

/**
 * Jobs without limits leave the room: for each queue of $1 as many as $2 says, in its order, of which $3 are the oldest of all priorities. They become rows of
 * the outbox, hidden for $4 seconds, with as many jobs as one message of their kind and queue may hold; one under suspicion has a row of its own.
 * A lateral look for each priority keeps the order without sorting the backlog. The oldest are looked for among the first of each priority.
 * `attempts` is 1: what has been released is published when it falls due, and does not wait again.
 */
export const RELEASE_UNLIMITED = statement(
  'room:release',
  `WITH asked AS (
     SELECT a.queue, a.jobs, a.oldest FROM unnest($1::text[], $2::integer[], $3::integer[]) AS a (queue, jobs, oldest)
     WHERE NOT EXISTS (SELECT FROM lh.queues q WHERE q.name = a.queue AND q.paused_at IS NOT NULL)
   ), in_order AS (
     SELECT r.* FROM asked a CROSS JOIN LATERAL (
       SELECT f.job_id FROM generate_series(9, 0, -1) AS p (priority) CROSS JOIN LATERAL (
         SELECT w.job_id FROM lh.waiting_room w
         WHERE w.queue = a.queue AND w.priority = p.priority AND ${READY} ORDER BY w.virtual_time, w.job_id LIMIT a.jobs - a.oldest FOR UPDATE SKIP LOCKED
       ) f LIMIT a.jobs - a.oldest
     ) r
   ), oldest AS (
     SELECT r.* FROM asked a CROSS JOIN LATERAL (
       SELECT f.job_id FROM generate_series(0, 9) AS p (priority) CROSS JOIN LATERAL (
         SELECT w.job_id, w.entered_at FROM lh.waiting_room w
         WHERE w.queue = a.queue AND w.priority = p.priority AND ${READY} AND w.job_id NOT IN (SELECT job_id FROM in_order)
         ORDER BY w.virtual_time, w.job_id LIMIT a.oldest FOR UPDATE SKIP LOCKED
       ) f ORDER BY f.entered_at, f.job_id LIMIT a.oldest
     ) r WHERE a.oldest > 0
   ), gone AS (
     DELETE FROM lh.waiting_room w WHERE w.job_id = ANY (ARRAY(SELECT job_id FROM in_order UNION ALL SELECT job_id FROM oldest))
     RETURNING w.job_id, w.queue, w.kind, w.priority, w.virtual_time, w.suspect
   ), numbered AS (
     SELECT *, row_number() OVER (PARTITION BY queue, kind, priority, suspect ORDER BY virtual_time, job_id) - 1 AS place FROM gone
   ), packed AS MATERIALIZED (
     SELECT gen_random_uuid() AS id, array_agg(n.job_id ORDER BY n.place) AS job_ids, n.queue, n.kind, n.priority, n.suspect, min(n.virtual_time) AS first
     FROM numbered n LEFT JOIN lh.kinds k ON k.name = n.kind LEFT JOIN lh.queues q ON q.name = n.queue
     GROUP BY n.queue, n.kind, n.priority, n.suspect,
              n.place / CASE WHEN n.suspect THEN 1 WHEN q.fair_by IS NOT NULL THEN greatest(1, k.wake_up_size / ${FAIR_PART}) ELSE coalesce(k.wake_up_size, 1) END
   ), sent AS (
     INSERT INTO lh.outbox (id, type, job_ids, queue, priority, suspect, attempts, available_at)
     SELECT id, 'job', job_ids, queue, priority, suspect, 1, now() + $4::float8 * interval '1 second' FROM packed
   )
   SELECT id, job_ids, queue, kind, priority,
          CASE WHEN cardinality(job_ids) = 1 THEN (SELECT j.traceparent FROM lh.jobs j WHERE j.id = job_ids[1]) END AS traceparent
   FROM packed ORDER BY priority DESC, first`,
);
