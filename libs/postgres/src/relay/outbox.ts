import { PRESENCE_LOCK } from '../locks.js';
import { statement } from '../pool/database.js';
import { summaryColumns } from '../run/job-row.js';
import { becomes } from '../run/history.js';
import { enteringRoom } from '../room/places.js';

/** CTEs: the jobs of the rows `turned` get their places, and the rows go. */
const ENTERS_ROOM = `entrants AS (
     SELECT j.id, j.state, j.queue, j.kind, j.priority, j.flow_key, j.tags, j.limit_keys, j.start_before, j.crashes, j.interruptions, j.queued_at, j.messaged_at, j.run_at
     FROM turned t CROSS JOIN LATERAL unnest(t.job_ids) AS i (job_id) JOIN lh.jobs j ON j.id = i.job_id
     WHERE j.state = 'queued' OR (j.state = 'scheduled' AND j.run_at <= now()) FOR NO KEY UPDATE OF j SKIP LOCKED
   ), entered AS (${enteringRoom(
     `SELECT n.id AS job_id, n.queue, n.kind, n.priority, n.flow_key, n.tags, n.limit_keys, n.start_before, n.crashes > 0 AS suspect,
             coalesce(n.run_at, n.queued_at, now()) AS since,
             n.state = 'queued' AND (n.crashes > 0 OR n.interruptions > 0 OR coalesce(n.messaged_at > n.queued_at, false)) AS front FROM entrants n`,
   )}), left_outbox AS (
     DELETE FROM lh.outbox o USING turned t WHERE o.id = t.id AND NOT EXISTS (
       SELECT FROM lh.jobs j WHERE j.id = ANY (t.job_ids) AND (j.state = 'queued' OR (j.state = 'scheduled' AND j.run_at <= now()))
         AND j.id NOT IN (SELECT id FROM entrants)
     )
   )`;

/**
 * Of a statement whose loss only has messages published once more: its commit waits for no disk. If PostgreSQL dies within a moment after it, what the
 * statement has changed is as before, as if this process had died before it. Until then a submission would wait for its flush. Once for the statement, and for it alone.
 */
const LAZILY = `(SELECT pg_catalog.set_config('synchronous_commit', 'off', true))`;

const OF_PAUSED_KIND = `EXISTS (SELECT FROM lh.paused_kinds k JOIN lh.jobs j ON j.kind = k.kind WHERE j.id = d.job_ids[1])`;

/**
 * Takes due rows and hides them for $2 seconds, one of the result for each of their jobs; scheduled jobs, whose rows have one, whose time has come turn queued with it, and have waited since that time.
 * `= ANY (ARRAY(...))` rather than a join: the planner then goes by the primary key, whatever it thinks of the limit.
 * `due` is in the order that the rows go out in, and has about $1 messages: a row of outcomes has one for each of its jobs. Each finds its place there: a join would compare every row with every other (23 us a row of 500).
 * Never "id greater than the last one seen": a lower id may commit later.
 *
 * `turned` go to the waiting room: rows of type `turn`; and those of jobs beyond what their queue ($3) is allowed
 * ($4; $5 for a queue that is not named), or of a kind that is paused, unless they were taken or released before (`attempts`). A job
 * whose row is locked, because it is being claimed or cancelled, keeps its row until the next look. What takes outcomes alone waits for no disk. A released job with limits has its slots, and must not wait
 * again. `claimed_under`: the job began without a message, and its row stands in for that; `owner_alive`: the process that has begun it lives.
 */
export const TAKE_OUTBOX = statement(
  'outbox:take',
  `WITH found AS (
     SELECT o.*, row_number() OVER () AS place,
       sum(CASE WHEN o.type = 'event' THEN cardinality(o.job_ids) ELSE 1 END) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
     FROM generate_series(9, 0, -1) AS p (priority)
     CROSS JOIN LATERAL (
       SELECT id, type, job_ids, queue, attempts FROM lh.outbox WHERE outbox.priority = p.priority AND available_at <= now()
       ORDER BY available_at LIMIT $1 FOR UPDATE SKIP LOCKED
     ) o LIMIT $1
   ), due AS (SELECT * FROM found WHERE coalesce(before, 0) < $1), counted AS (
     SELECT d.*, coalesce(a.jobs, $5::integer) AS allowed,
       sum(cardinality(d.job_ids)) OVER (PARTITION BY d.queue, d.type, d.attempts = 0 ORDER BY d.place) AS jobs
     FROM due d LEFT JOIN unnest($3::text[], $4::integer[]) AS a (queue, jobs) ON a.queue = d.queue
   ), turned AS (
     SELECT d.id, d.job_ids FROM counted d WHERE d.type = 'turn' OR (d.type = 'job' AND d.attempts = 0 AND (d.jobs > d.allowed OR ${OF_PAUSED_KIND}))
   ), taken AS (
     UPDATE lh.outbox o SET available_at = now() + $2::float8 * interval '1 second', attempts = o.attempts + 1
     WHERE o.id = ANY (ARRAY(SELECT id FROM due EXCEPT SELECT id FROM turned))
     RETURNING o.id, o.type, o.job_ids, o.queue
   ), ${ENTERS_ROOM}, woken AS (
     UPDATE lh.jobs j SET ${becomes(`'queued'`)}, queued_at = j.run_at, messaged_at = now(), run_at = NULL
     FROM (SELECT job_ids[1] AS job_id FROM taken WHERE type = 'job' UNION ALL SELECT id FROM entrants WHERE state = 'scheduled') t
     WHERE j.id = t.job_id AND j.state = 'scheduled' AND j.run_at <= now()
   )
   SELECT CASE WHEN NOT (SELECT EXISTS (SELECT FROM due WHERE type <> 'event')) THEN ${LAZILY} END AS lazily,
          t.id AS outbox_id, t.type, t.queue AS meant_for, t.type = 'job' AND j.publish_id = t.id AS claimed_under,
          CASE WHEN t.type = 'job' AND j.publish_id = t.id AND j.state = 'running' THEN NOT pg_try_advisory_xact_lock(${PRESENCE_LOCK}, j.worker_id) END AS owner_alive, ${summaryColumns('j')} FROM (SELECT id, type, job_ids, queue FROM taken UNION ALL SELECT id, 'turn', job_ids, NULL FROM turned) t
   CROSS JOIN LATERAL unnest(t.job_ids) WITH ORDINALITY AS i (job_id, place) LEFT JOIN lh.jobs j ON j.id = i.job_id
   ORDER BY array_position(ARRAY(SELECT id FROM due), t.id), i.place`,
);

/** Single-process mode, where no relay does it: due rows of type `turn` become places. Returns the jobs that were scheduled. */
export const ENTER_DUE = statement(
  'outbox:enter-due',
  `WITH turned AS (
     SELECT o.id, o.job_ids FROM generate_series(9, 0, -1) AS p (priority)
     CROSS JOIN LATERAL (
       SELECT id, job_ids FROM lh.outbox WHERE outbox.priority = p.priority AND available_at <= now() AND type = 'turn'
       ORDER BY available_at LIMIT $1 FOR UPDATE SKIP LOCKED
     ) o LIMIT $1
   ), ${ENTERS_ROOM}
   UPDATE lh.jobs j SET ${becomes(`'queued'`)}, queued_at = j.run_at, messaged_at = now(), run_at = NULL
   FROM entrants t WHERE j.id = t.id AND j.state = 'scheduled' AND j.run_at <= now() RETURNING j.id`,
);

/** Single-process mode, where jobs that have crashed a worker are claimed out of the outbox: those that wait since a time with a broker. Reads the whole room. */
export const SUSPECTS_OUT = statement(
  'outbox:suspects-out',
  `WITH suspects AS (DELETE FROM lh.waiting_room WHERE suspect AND limit_keys IS NULL RETURNING job_id, queue, priority)
   INSERT INTO lh.outbox (id, type, job_ids, queue, priority, suspect, available_at)
   SELECT gen_random_uuid(), 'job', ARRAY[job_id], queue, priority, true, now() FROM suspects`,
);

/** How many jobs of the queue $1 are due and not taken, up to $2. */
export const COUNT_DUE = statement(
  'outbox:count-due',
  `SELECT count(*)::integer AS jobs FROM (
     SELECT FROM generate_series(9, 0, -1) AS p (priority)
     CROSS JOIN LATERAL (SELECT FROM lh.outbox WHERE outbox.priority = p.priority AND available_at <= now() AND type = 'job' AND queue = $1 LIMIT $2) o LIMIT $2
   ) o`,
);

export const REMOVE_OUTBOX = statement('outbox:remove', `DELETE FROM lh.outbox WHERE id = ANY ($1::uuid[]) AND ${LAZILY} = 'off'`);

export const NEXT_DUE = statement(
  'outbox:next-due',
  `SELECT extract(epoch FROM min(o.available_at) - now()) * 1000 AS ms FROM generate_series(9, 0, -1) AS p (priority)
   CROSS JOIN LATERAL (SELECT available_at FROM lh.outbox WHERE outbox.priority = p.priority ORDER BY available_at LIMIT 1) o`,
);

export const DISCARD_EVENTS = statement('outbox:discard-events', `DELETE FROM lh.outbox WHERE type = 'event'`);

/** Without a broker each job is taken by itself. */
export const SPLIT_ROWS = statement(
  'outbox:split-rows',
  `WITH packed AS (DELETE FROM lh.outbox WHERE cardinality(job_ids) > 1 RETURNING type, job_ids, queue, priority, suspect, attempts, available_at)
   INSERT INTO lh.outbox (id, type, job_ids, queue, priority, suspect, attempts, available_at)
   SELECT gen_random_uuid(), type, ARRAY[i.job_id], queue, priority, suspect, attempts, available_at FROM packed, unnest(job_ids) AS i (job_id)`,
);
