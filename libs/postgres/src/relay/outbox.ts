import { statement } from '../pool/database.js';
import { summaryColumns } from '../run/job-row.js';
import { becomes } from '../run/history.js';

/**
 * Takes due rows and hides them for $2 seconds, one of the result for each of their jobs; scheduled jobs, whose rows have one, whose time has come turn queued with it, and have waited since that time.
 * `= ANY (ARRAY(...))` rather than a join: the planner then goes by the primary key, whatever it thinks of the limit.
 * `due` is in the order that the rows go out in. Each finds its place there: a join would compare every row with every other (23 us a row of 500).
 * Never "id greater than the last one seen": a lower id may commit later.
 */
export const TAKE_OUTBOX = statement(
  'outbox:take',
  `WITH due AS (
     SELECT o.id FROM generate_series(9, 0, -1) AS p (priority)
     CROSS JOIN LATERAL (
       SELECT id FROM lh.outbox WHERE outbox.priority = p.priority AND available_at <= now()
       ORDER BY available_at LIMIT $1 FOR UPDATE SKIP LOCKED
     ) o LIMIT $1
   ), taken AS (
     UPDATE lh.outbox o SET available_at = now() + $2::float8 * interval '1 second', attempts = o.attempts + 1
     WHERE o.id = ANY (ARRAY(SELECT id FROM due))
     RETURNING o.id, o.type, o.job_ids
   ), woken AS (
     UPDATE lh.jobs j SET ${becomes(`'queued'`)}, queued_at = j.run_at, messaged_at = now(), run_at = NULL
     FROM taken t WHERE t.type = 'job' AND j.id = t.job_ids[1] AND j.state = 'scheduled' AND j.run_at <= now()
   )
   SELECT t.id AS outbox_id, t.type, ${summaryColumns('j')} FROM taken t
   CROSS JOIN LATERAL unnest(t.job_ids) WITH ORDINALITY AS i (job_id, place) LEFT JOIN lh.jobs j ON j.id = i.job_id
   ORDER BY array_position(ARRAY(SELECT id FROM due), t.id), i.place`,
);

export const REMOVE_OUTBOX = statement('outbox:remove', 'DELETE FROM lh.outbox WHERE id = ANY ($1::uuid[])');

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
