import { statement } from '../pool/database.js';
import { jobColumns } from '../run/job-row.js';
import { becomes } from '../run/history.js';

/**
 * Takes due rows and hides them for $2 seconds; scheduled jobs whose time has come turn queued with it, and have waited since that time.
 * `= ANY (ARRAY(...))` rather than a join: the planner then goes by the primary key, whatever it thinks of the limit.
 * Never "id greater than the last one seen": a lower id may commit later.
 */
export const TAKE_OUTBOX = statement(
  'outbox:take',
  `WITH due AS (
     SELECT o.id, o.available_at FROM generate_series(9, 0, -1) AS p (priority)
     CROSS JOIN LATERAL (
       SELECT id, available_at FROM lh.outbox WHERE outbox.priority = p.priority AND available_at <= now()
       ORDER BY available_at LIMIT $1 FOR UPDATE SKIP LOCKED
     ) o LIMIT $1
   ), taken AS (
     UPDATE lh.outbox o SET available_at = now() + $2::float8 * interval '1 second', attempts = o.attempts + 1
     WHERE o.id = ANY (ARRAY(SELECT id FROM due))
     RETURNING o.id, o.type, o.job_id, o.priority
   ), woken AS (
     UPDATE lh.jobs j SET ${becomes(`'queued'`)}, queued_at = j.run_at, messaged_at = now(), run_at = NULL
     FROM taken t WHERE t.type = 'job' AND j.id = t.job_id AND j.state = 'scheduled' AND j.run_at <= now()
   )
   SELECT t.id AS outbox_id, t.type, ${jobColumns('j')} FROM taken t JOIN due ON due.id = t.id LEFT JOIN lh.jobs j ON j.id = t.job_id
   ORDER BY t.priority DESC, due.available_at`,
);

export const REMOVE_OUTBOX = statement('outbox:remove', 'DELETE FROM lh.outbox WHERE id = ANY ($1::uuid[])');

export const NEXT_DUE = statement(
  'outbox:next-due',
  `SELECT extract(epoch FROM min(o.available_at) - now()) * 1000 AS ms FROM generate_series(9, 0, -1) AS p (priority)
   CROSS JOIN LATERAL (SELECT available_at FROM lh.outbox WHERE outbox.priority = p.priority ORDER BY available_at LIMIT 1) o`,
);

export const DISCARD_EVENTS = statement('outbox:discard-events', `DELETE FROM lh.outbox WHERE type = 'event'`);
