/**
 * Places in the waiting room, in the statements that give or take them.
 *
 * A job has at most one: whoever gives a second one changes nothing. Whatever ends a job that waits, or puts it elsewhere, takes its place in the
 * same statement. The claim does not, because it is the hot path: a copy that was in RabbitMQ all the time leaves the place of its job behind, and the message that comes
 * of that is dropped.
 */

/** The start tag of a queue that is first in, first out: seconds since the epoch. */
const secondsOf = (time: string) => `extract(epoch FROM ${time})::float8`;

/**
 * An INSERT of places for the rows of `source`, which has job_id, queue, kind, priority, flow_key, tags, limit_keys, start_before, suspect, and
 * - `since`: when the job's turn began to count;
 * - `front`: it has been let out before, or has run, and comes back through no fault of its own: before all others of its queue and priority.
 *
 * In a fair queue this is start-time fair queueing within queue and priority: a job's virtual time is that of the last job of its key that waits, or of the
 * first job of all where that is greater, and its cost on top. Two probes of an index; no row is written that others write too. Two statements at once may
 * give one key the same times, so it is ahead by at most as many jobs as there are statements under way.
 */
export function enteringRoom(source: string): string {
  return `INSERT INTO lh.waiting_room (job_id, queue, kind, priority, virtual_time, flow_key, limit_keys, suspect, start_before)
     SELECT e.job_id, e.queue, e.kind, e.priority,
            CASE WHEN e.front THEN least(v.first, e.seconds)
                 WHEN e.key IS NULL THEN e.seconds
                 ELSE greatest(coalesce(v.first, ${secondsOf('now()')}), l.last) + e.cost END,
            e.key, e.limit_keys, e.suspect, e.start_before
     FROM (
       SELECT s.*, sum(s.price) OVER (PARTITION BY s.queue, s.priority, s.key ORDER BY s.job_id) AS cost
       FROM (
         SELECT s.*, ${secondsOf('s.since')} AS seconds, NULL::text AS key, 0::float8 AS price FROM (${source}) s
       ) s
     ) e
     LEFT JOIN LATERAL (
       SELECT w.virtual_time AS first FROM lh.waiting_room w
       WHERE (e.front OR e.key IS NOT NULL) AND w.queue = e.queue AND w.priority = e.priority AND w.parked_on IS NULL ORDER BY w.virtual_time LIMIT 1
     ) v ON true
     LEFT JOIN LATERAL (
       SELECT w.virtual_time AS last FROM lh.waiting_room w
       WHERE w.queue = e.queue AND w.priority = e.priority AND w.flow_key = e.key ORDER BY w.virtual_time DESC LIMIT 1
     ) l ON true
     ON CONFLICT (job_id) DO NOTHING`;
}

/** A CTE `left_room`: takes the places of the jobs of a CTE that has their `id` and `state`, unless they are still running. */
export function placesLeftBy(cte: string): string {
  return `left_room AS (DELETE FROM lh.waiting_room w USING ${cte} c WHERE w.job_id = c.id AND c.state <> 'running')`;
}

/** Queues of which jobs wait that no limit has parked: a probe for each, however many jobs there are. For `WITH RECURSIVE`. */
export const QUEUES_WAITING = `waiting (queue) AS (
     (SELECT w.queue FROM lh.waiting_room w WHERE w.parked_on IS NULL ORDER BY w.queue LIMIT 1)
     UNION ALL
     SELECT (SELECT w.queue FROM lh.waiting_room w WHERE w.parked_on IS NULL AND w.queue > waiting.queue ORDER BY w.queue LIMIT 1)
     FROM waiting WHERE waiting.queue IS NOT NULL
   )`;
