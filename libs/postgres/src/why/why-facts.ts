import { seen } from '../pool/of-tenant.js';
import { CAPACITY, EVERY_MS, limitOn, nextStart } from '../flow/limit-columns.js';
import { statement } from '../pool/database.js';
import { startsOf } from './starts.js';

const HIGHEST = 9;

/** The first of a queue in the room. */
const firstOf = (queue: string, columns: string) => `SELECT ${columns} FROM generate_series(${HIGHEST}, 0, -1) AS p (priority)
     CROSS JOIN LATERAL (
       SELECT * FROM lh.waiting_room WHERE waiting_room.queue = ${queue} AND waiting_room.priority = p.priority AND parked_on IS NULL
       ORDER BY virtual_time, job_id LIMIT 1
     ) h`;

/** What is known of a queue and a kind: columns, and the joins that they come from. */
function ofQueue(queue: string, kind: string): { columns: string; joins: string } {
  return {
    columns: `q.paused_at, q.paused_by, q.pause_reason, k.paused_at AS kind_paused_at, k.paused_by AS kind_paused_by, k.pause_reason AS kind_pause_reason,
            live.workers, live.largest, s.starts, s.seconds, ARRAY(SELECT kind FROM lh.paused_kinds ORDER BY kind) AS paused_kinds, now() AS now`,
    joins: `LEFT JOIN lh.queues q ON q.name = ${queue} LEFT JOIN lh.paused_kinds k ON k.kind = ${kind}
     CROSS JOIN LATERAL (
       SELECT count(*)::integer AS workers, max(concurrency) AS largest FROM lh.workers
       WHERE lease_until > now() AND (queues = '{}' OR ${queue} = ANY (queues))
     ) live
     CROSS JOIN LATERAL (${startsOf(`'queue:' || ${queue}`, `(${firstOf(queue, 'h.entered_at')} LIMIT 1)`)}) s`,
  };
}

const job = ofQueue('j.queue', 'j.kind');

/** What a job was before it was scheduled says why it is: it ran, and its attempt counted or did not, or it was queued where nobody knew its kind. */
export const WHY_FACTS = statement(
  'why:facts',
  `SELECT j.id, j.state, j.kind, j.queue, j.priority, j.attempt, j.run_at, greatest(j.queued_at, j.messaged_at) AS messaged_at, j.started_at, j.limit_keys,
          CASE j.history -> -2 ->> 1 WHEN 'running' THEN CASE WHEN j.history -> -2 -> 2 = j.history -> -1 -> 2 THEN 'backoff' ELSE 'snooze' END
            WHEN 'queued' THEN 'unknown_kind' ELSE 'delay' END AS scheduled_by,
          (SELECT name FROM lh.workers w WHERE w.id = j.worker_id AND j.state = 'running') AS worker,
          r.priority AS room_priority, r.virtual_time, ${job.columns}
   FROM lh.jobs j LEFT JOIN lh.waiting_room r ON r.job_id = j.id ${job.joins}
   WHERE j.id = $1 AND ${seen('j.tenant', '$2')}`,
);

const asked = ofQueue('a.queue', 'a.kind');

export const WHY_QUEUE = statement('why:queue', `SELECT ${asked.columns} FROM (SELECT $1::text AS queue, $2::text AS kind) a ${asked.joins}`);

/**
 * How many of an index of the room come before a place: all of the higher priorities, and those of its own up to it. Two looks, for a condition over both
 * would read all of its own priority.
 */
function before(condition: string, { priority, virtualTime, jobId, most }: Record<'priority' | 'virtualTime' | 'jobId' | 'most', string>): string {
  return `SELECT count(*)::integer FROM (
     (SELECT FROM generate_series(${HIGHEST}, ${priority} + 1, -1) AS p (priority)
      CROSS JOIN LATERAL (SELECT FROM lh.waiting_room r WHERE r.priority = p.priority AND ${condition} LIMIT ${most}) h LIMIT ${most})
     UNION ALL
     (SELECT FROM lh.waiting_room r WHERE r.priority = ${priority} AND ${condition} AND (r.virtual_time, r.job_id) < (${virtualTime}, ${jobId}) LIMIT ${most})
     LIMIT ${most}
   ) c`;
}

const PLACE = { priority: '$2::integer', virtualTime: '$3::float8', jobId: '$4::uuid', most: '$5::integer' };
const READY = 'r.queue = $1 AND r.parked_on IS NULL';

/** By the index alone. */
export const AHEAD = statement('why:ahead', `SELECT (${before(READY, PLACE)}) AS jobs`);

/** Jobs of a paused kind are passed over. */
export const AHEAD_OF_OTHER_KINDS = statement('why:ahead-of-other-kinds', `SELECT (${before(`${READY} AND r.kind <> ALL ($6::text[])`, PLACE)}) AS jobs`);

export const BETWEEN = statement(
  'why:between',
  `SELECT count(*)::integer AS jobs FROM (
     SELECT FROM lh.waiting_room r WHERE ${READY} AND r.priority = $2
       AND (r.virtual_time, r.job_id) >= ($3::float8, $4::uuid) AND (r.virtual_time, r.job_id) < ($5::float8, $6::uuid) LIMIT $7::integer
   ) c`,
);

export const HEADS = statement('why:heads', firstOf('$1', 'h.priority, h.virtual_time, h.job_id'));

/** Each $2th row of each priority, one look at the index after the other: twice as fast as to number all rows. */
export const RUNGS = statement(
  'why:rungs',
  `WITH RECURSIVE rungs AS (
     SELECT p.priority::smallint AS priority, '-Infinity'::float8 AS virtual_time, '00000000-0000-0000-0000-000000000000'::uuid AS job_id
     FROM generate_series(0, ${HIGHEST}) AS p (priority)
     UNION ALL
     SELECT n.* FROM rungs l CROSS JOIN LATERAL (
       SELECT r.priority, r.virtual_time, r.job_id FROM lh.waiting_room r
       WHERE ${READY} AND r.priority = l.priority AND (r.virtual_time, r.job_id) > (l.virtual_time, l.job_id)
       ORDER BY r.virtual_time, r.job_id OFFSET $2::integer - 1 LIMIT 1
     ) n
   )
   SELECT priority, virtual_time, job_id FROM rungs WHERE virtual_time > '-Infinity' ORDER BY priority, virtual_time, job_id`,
);

/** Holders of a limit that are told. */
const HOLDERS = 10;

/** Of keys whose limit exists. */
export const LIMITS = statement(
  'why:limits',
  `SELECT k.key, ${CAPACITY} AS capacity,
          (SELECT count(*)::integer FROM lh.flow_slots f WHERE f.limit_key = k.key) AS held,
          ARRAY(SELECT job_id::text FROM lh.flow_slots f WHERE f.limit_key = k.key
                AND ($6::text IS NULL OR EXISTS (SELECT FROM lh.jobs h WHERE h.id = f.job_id AND h.tenant = $6::text)) ORDER BY taken_at, job_id LIMIT ${HOLDERS}) AS holders,
          ${nextStart('g.next_at')} AS next_at,
          ${EVERY_MS} AS every_ms,
          (${before('r.parked_on = k.key', { priority: '$2::integer', virtualTime: '$3::float8', jobId: '$4::uuid', most: '$5::integer' })}) AS ahead,
          s.starts, s.seconds
   FROM unnest($1::text[]) AS k (key)
   JOIN ${limitOn('k.key')}
   LEFT JOIN lh.flow_rates g ON g.limit_key = k.key
   CROSS JOIN LATERAL (${startsOf(
     `'limit:' || k.key`,
     `(SELECT h.entered_at FROM lh.waiting_room h WHERE h.parked_on = k.key ORDER BY h.parked_on, h.priority, h.virtual_time LIMIT 1)`,
   )}) s ORDER BY k.key`,
);

/**
 * The row of the outbox that is to wake up a queued job, where there is one. Its time is known: it was due when it was written ($4), or three seconds
 * later, or half a minute after it was taken. Of each of these times $5 rows are looked through. `full`: there were more, and it may be among them.
 */
export const OUTBOX_PLACE = statement(
  'why:outbox-place',
  `WITH looked AS MATERIALIZED (
     SELECT o.* FROM (VALUES ($4::timestamptz - interval '1 second', $4::timestamptz + interval '4 seconds'),
                             ($4::timestamptz + interval '29 seconds', $4::timestamptz + interval '31 seconds'),
                             (now(), now() + interval '31 seconds')) AS t (first, last)
     CROSS JOIN unnest(ARRAY[$3::smallint, ${HIGHEST}]) AS p (priority)
     CROSS JOIN LATERAL (
       SELECT type, job_ids, available_at FROM lh.outbox
       WHERE outbox.priority = p.priority AND available_at BETWEEN t.first AND t.last ORDER BY available_at LIMIT $5::integer
     ) o
   ), found AS (
     SELECT available_at FROM looked WHERE type IN ('job', 'turn') AND $1::uuid = ANY (job_ids) LIMIT 1
   ), due AS MATERIALIZED (
     SELECT d.type, d.queue FROM found f CROSS JOIN generate_series(${HIGHEST}, $3::integer, -1) AS p (priority)
     CROSS JOIN LATERAL (
       SELECT type, queue FROM lh.outbox
       WHERE outbox.priority = p.priority AND available_at <= now() AND (p.priority > $3::integer OR available_at < f.available_at)
       ORDER BY available_at LIMIT $5::integer
     ) d LIMIT $5::integer
   )
   SELECT EXISTS (SELECT FROM found) AS found, (SELECT count(*) FROM looked) >= $5::integer AS full,
          (SELECT count(*)::integer FROM due WHERE type = 'job' AND queue = $2) AS ahead, (SELECT count(*) FROM due) < $5::integer AS exact`,
);
