import { statement } from '../pool/database.js';

/**
 * Places in the waiting room, in the statements that give or take them.
 *
 * A job has at most one: whoever gives a second one changes nothing. Whatever ends a job that waits, or puts it elsewhere, takes its place in the
 * same statement. The claim does not, because it is the hot path: a copy that was in RabbitMQ all the time leaves the place of its job behind, and the message that comes
 * of that is dropped.
 */

/** The start tag of a queue that is first in, first out: seconds since the epoch. */
const secondsOf = (time: string) => `extract(epoch FROM ${time})::float8`;

/** Whose a job is in its fair queue `q`: what it says itself, else what its tag says, else its kind. NULL where the queue is first in, first out. */
function flowKeyOf(alias: string): string {
  return `CASE WHEN q.fair_by IS NOT NULL THEN coalesce(
             ${alias}.flow_key,
             (SELECT substr(t.tag, length(q.fair_by) - 2) FROM unnest(${alias}.tags) AS t (tag)
              WHERE q.fair_by LIKE 'tag:%' AND starts_with(t.tag, substr(q.fair_by, 5) || ':') LIMIT 1),
             ${alias}.kind
           ) END`;
}

/** What a job costs its key: one, or so many seconds of a worker as workers measure of its kind. Kinds that take half a second and more count alike. */
function costOf(alias: string): string {
  return `CASE WHEN q.fair_cost = 'time' THEN 0.5 / coalesce((SELECT k.wake_up_size FROM lh.kinds k WHERE k.name = ${alias}.kind), 1) ELSE 1 END::float8`;
}

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
                 ELSE greatest(coalesce(v.first, ${secondsOf('now()')}), l.last) + e.price END,
            e.key, e.limit_keys, e.suspect, e.start_before
     FROM (
       SELECT s.*, sum(s.cost / coalesce((s.weights ->> s.key)::float8, 1)) OVER (PARTITION BY s.queue, s.priority, s.key ORDER BY s.job_id) AS price
       FROM (
         SELECT s.*, ${secondsOf('s.since')} AS seconds, q.fair_weights AS weights, ${flowKeyOf('s')} AS key, ${costOf('s')} AS cost
         FROM (${source}) s LEFT JOIN lh.queues q ON q.name = s.queue
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

/** Columns for the source of {@link enteringRoom}, of a row of `jobs`, or one with its columns: a queued job that comes back through no fault of its own, unless said otherwise. */
export function comingBack(alias: string, { since = 'now()', front = true } = {}): string {
  const columns = ['queue', 'kind', 'priority', 'flow_key', 'tags', 'limit_keys', 'start_before'].map((column) => `${alias}.${column}`);
  return `${alias}.id AS job_id, ${columns.join(', ')}, ${alias}.crashes > 0 AS suspect, ${since} AS since, ${String(front)} AS front`;
}

/**
 * A CTE `left_room`: takes the places of the jobs of a CTE that has their `id` and `state`, unless they are still running. It has their rows and waits for no
 * place: who has locked one is about to take it, and may wait for the row, as the claim of single-process mode does. If it stays after all, the message that comes
 * of it is dropped.
 */
export function placesLeftBy(cte: string): string {
  return `left_room AS (DELETE FROM lh.waiting_room WHERE job_id = ANY (ARRAY(
     SELECT w.job_id FROM ${cte} c JOIN lh.waiting_room w ON w.job_id = c.id WHERE c.state <> 'running' FOR UPDATE OF w SKIP LOCKED
   )))`;
}

/** Queues of which jobs wait that no limit has parked: a probe for each, however many jobs there are. For `WITH RECURSIVE`. */
export const QUEUES_WAITING = `waiting (queue) AS (
     (SELECT w.queue FROM lh.waiting_room w WHERE w.parked_on IS NULL ORDER BY w.queue LIMIT 1)
     UNION ALL
     SELECT (SELECT w.queue FROM lh.waiting_room w WHERE w.parked_on IS NULL AND w.queue > waiting.queue ORDER BY w.queue LIMIT 1)
     FROM waiting WHERE waiting.queue IS NOT NULL
   )`;

/**
 * The places of a queue whose fairness was changed, in the order of their ids: what was far ahead by the former order is not first, or last, for days by the new one.
 * $1: the queue. By the pass's lock, so that nothing is released meanwhile.
 */
export const RETAG_PLACES = statement(
  'room:retag',
  `UPDATE lh.waiting_room w SET flow_key = n.key, virtual_time = ${secondsOf('now()')} + CASE WHEN n.key IS NULL THEN n.place * 1e-6 ELSE n.price END
   FROM (
     SELECT s.job_id, s.key, row_number() OVER (PARTITION BY s.priority ORDER BY s.job_id) - 1 - count(*) OVER () AS place,
            sum(s.cost / coalesce((s.weights ->> s.key)::float8, 1)) OVER (PARTITION BY s.priority, s.key ORDER BY s.job_id) AS price
     FROM (
       SELECT p.job_id, p.priority, q.fair_weights AS weights, ${flowKeyOf('j')} AS key, ${costOf('j')} AS cost
       FROM lh.waiting_room p JOIN lh.jobs j ON j.id = p.job_id JOIN lh.queues q ON q.name = p.queue WHERE p.queue = $1
     ) s
   ) n WHERE w.job_id = n.job_id`,
);
