import { PRESENCE_LOCK } from '../locks.js';
import { cancelEnded } from '../control/cancel-column.js';
import { statement } from '../pool/database.js';
import { timeText } from '../pool/time-text.js';
import { appended, claimed, claimedBy } from '../run/claim-jobs.js';
import { slotsFreedBy, unlimitedUnless, WAKE_UP_TYPE } from '../flow/slots.js';
import { becomes, ownEventsOf, tells } from '../run/history.js';
import { noticesOf } from '../notify/notices.js';
import { deadLettersOf } from '../run/settle-jobs.js';

export const REGISTER_WORKER = statement(
  'worker:register',
  `INSERT INTO lh.workers (name, concurrency, queues, details, lease_until) VALUES ($1, $2, $3, $5, now() + $4::float8 * interval '1 second') RETURNING id`,
);

/** Made again if a sweeper took this worker for dead. Tells whether it is wanted to drain, the queues that it was assigned, and which migration was the newest that older versions cannot work with. */
export const RENEW_LEASE = statement(
  'worker:renew',
  `INSERT INTO lh.workers AS w (id, name, concurrency, queues, details, assigned, lease_until)
   VALUES ($1, $2, $3, $4, $6, $7::jsonb, now() + $5::float8 * interval '1 second')
   ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until, concurrency = excluded.concurrency, queues = excluded.queues,
     details = coalesce(excluded.details, w.details)
   RETURNING w.drain, w.assigned, w.details IS NULL AS undescribed, (SELECT max(number) FROM lh.schema_version WHERE breaking) AS breaking`,
);

/** Which of the jobs that a worker holds are no longer its own, and which it was asked to stop. By primary key: cheap at any number of jobs. */
export const CHECK_HELD = statement(
  'worker:check-held',
  `SELECT i.id, j.id IS NULL AS lost, (j.cancel ->> 'graceMs')::float8 AS grace FROM unnest($1::uuid[], $2::uuid[]) AS i (id, token)
   LEFT JOIN lh.jobs j ON j.id = i.id AND j.lease_token = i.token AND j.state = 'running'
   WHERE j.id IS NULL OR j.cancel_requested`,
);

/**
 * What running attempts have told, and the newest progress on the row, in one write under the attempt's token. Touches no
 * indexed column, so it can stay on its page (HOT). A row that is locked is skipped: a handler whose transaction is open may
 * hold its own row, and must not keep the heartbeat waiting for it; the caller tries again. Returns the tokens that it wrote.
 */
export const WRITE_EVENTS = statement(
  'worker:events',
  `WITH written AS (
     UPDATE lh.jobs j SET ${tells('jsonb_array_length(free.own)')}, progress = coalesce(free.progress, j.progress)
     FROM (
       SELECT k.id, i.own, i.progress FROM unnest($1::uuid[], $2::uuid[], $3::jsonb[], $4::jsonb[]) AS i (id, token, own, progress)
       JOIN lh.jobs k ON k.id = i.id AND k.lease_token = i.token AND k.state = 'running' FOR NO KEY UPDATE OF k SKIP LOCKED
     ) free WHERE j.id = free.id
     RETURNING j.id, j.lease_token, free.own, j.events - jsonb_array_length(free.own) AS before
   ), told AS (${ownEventsOf('written', 'c.own', 'c.before')})
   SELECT id, lease_token FROM written`,
);

export const UNREGISTER_WORKER = statement('worker:unregister', 'DELETE FROM lh.workers WHERE id = $1');

export const STRAYS = statement(
  'worker:strays',
  `SELECT id, lease_token FROM lh.jobs
   WHERE id = ${claimedBy('$1')} AND state = 'running' AND worker_id = $1 AND lease_token <> ALL ($2::uuid[])`,
);

/** Many rows of claims become one, of what still runs. A claim that is being written now has a row of its own, which is not touched. */
export const COMPACT_CLAIMS = statement(
  'worker:compact-claims',
  `WITH mine AS (
     DELETE FROM lh.claims WHERE worker_id = $1 AND (SELECT count(*) FROM lh.claims WHERE worker_id = $1) > 1 RETURNING job_ids
   )
   INSERT INTO lh.claims (worker_id, job_ids)
   SELECT $1::integer, array_agg(id) FROM lh.jobs
   WHERE id = ANY (ARRAY(SELECT unnest(job_ids) FROM mine)) AND state = 'running' AND worker_id = $1 HAVING count(*) > 0`,
);

export const SUSPECT_WORKERS = statement(
  'sweep:suspects',
  `SELECT * FROM (
     SELECT id, lease_until < now() AS lease_over, pg_try_advisory_xact_lock(${PRESENCE_LOCK}, id) AS lock_free
     FROM lh.workers WHERE $1::integer IS NULL OR id <> $1
   ) w WHERE lease_over OR lock_free`,
);

export const DATABASE_UP = statement('sweep:database-up', 'SELECT extract(epoch FROM now() - pg_postmaster_start_time())::float8 AS seconds');

/**
 * Whether the loss of a worker is counted: its process has died, or it is the first of this job, which may have blocked it. From then on the
 * job runs in a process of its own (ADR 9), and nothing that freezes the worker or cuts it off can be its doing.
 */
const COUNTED = '(gone.died OR j.crashes = 0)::integer';

/** An attempt that was lost with its worker is not charged. */
const REFUNDED = 'j.attempt - 1';

/**
 * Moves running jobs on: asked to cancel, they are cancelled; after the loss of `max` workers, failed; else queued again, under
 * suspicion, with a row in the outbox. `gone` is the condition under which that is right, checked in the same statement.
 * A row that is locked (its attempt may be settling, or hang in its transaction) must not keep the others: it is skipped.
 */
function recover(name: string, max: string, gone: string, more: string) {
  return statement(
    name,
    `WITH gone AS (${gone}), moved AS (
       UPDATE lh.jobs j SET
         ${becomes(`(CASE WHEN j.cancel_requested THEN 'cancelled' WHEN j.crashes + ${COUNTED} >= ${max} THEN 'failed' ELSE 'queued' END)`, { attempt: REFUNDED })},
         finished_at = CASE WHEN j.cancel_requested OR j.crashes + ${COUNTED} >= ${max} THEN now() END,
         attempt = ${REFUNDED},
         ${cancelEnded(`'worker_lost'`)},
         queued_at = now(),
         lease_token = NULL,
         crashes = j.crashes + ${COUNTED},
         errors = ${appended(`jsonb_build_object('code', 'worker_lost', 'name', 'WorkerLost', 'message', 'the worker that ran it was lost', 'attempt', j.attempt, 'at', ${timeText('now()')})`)}
       FROM gone WHERE j.id = gone.job_id AND j.state = 'running' AND j.lease_token = gone.token
       RETURNING j.*
     ), requeued AS (
       INSERT INTO lh.outbox (id, type, job_ids, queue, priority, suspect, available_at)
       SELECT gen_random_uuid(), CASE WHEN state = 'queued' THEN ${WAKE_UP_TYPE} ELSE 'event' END, ARRAY[id], queue, priority, state = 'queued', now() FROM moved
     ), ${slotsFreedBy('moved')}, dead AS (${deadLettersOf('moved')}), noticed AS (${noticesOf('moved')})${more}
     SELECT id FROM moved`,
  );
}

const LEASED = 'j.id AS job_id, j.lease_token AS token';

export const RECOVER_WORKER = recover(
  'sweep:recover',
  '$2::integer',
  `SELECT r.*, w.died FROM (
     SELECT * FROM (SELECT id, lease_until, pg_try_advisory_xact_lock(${PRESENCE_LOCK}, id) AS died FROM lh.workers WHERE id = $1 FOR UPDATE SKIP LOCKED) l
     WHERE lease_until < now() OR died
   ) w
   LEFT JOIN LATERAL (SELECT ${LEASED} FROM lh.jobs j WHERE j.id = ${claimedBy('$1')} AND j.state = 'running' AND j.worker_id = w.id FOR UPDATE SKIP LOCKED) r ON true`,
  // With a job left behind the worker stays on the list, and the next sweep tries again.
  `, removed AS (
       DELETE FROM lh.workers WHERE id = $1 AND EXISTS (SELECT FROM gone)
         AND (SELECT count(*) FROM moved) = (SELECT count(*) FROM lh.jobs WHERE id = ${claimedBy('$1')} AND state = 'running' AND worker_id = $1)
       RETURNING id
     ), forgotten AS (DELETE FROM lh.claims WHERE worker_id IN (SELECT id FROM removed))`,
);

export const RECOVER_ORPHANS = recover(
  'sweep:recover-orphans',
  '$1::integer',
  `SELECT ${LEASED}, true AS died FROM lh.jobs j WHERE j.id = ${claimed('NOT EXISTS (SELECT FROM lh.workers w WHERE w.id = c.worker_id)')}
     AND j.state = 'running' AND NOT EXISTS (SELECT FROM lh.workers w WHERE w.id = j.worker_id)
     AND pg_try_advisory_xact_lock(${PRESENCE_LOCK}, j.worker_id) FOR UPDATE SKIP LOCKED`,
  `, forgotten AS (
       DELETE FROM lh.claims c WHERE NOT EXISTS (SELECT FROM lh.workers w WHERE w.id = c.worker_id)
         AND NOT EXISTS (SELECT FROM lh.jobs j WHERE j.id = ANY (c.job_ids) AND j.state = 'running' AND j.worker_id = c.worker_id)
     )`,
);

/** A job that its own worker does not know: nothing crashed, so no suspicion and no attempt. Asked to cancel, it is cancelled. */
export const RECOVER_STRAY = statement(
  'worker:recover-stray',
  `WITH moved AS (
     UPDATE lh.jobs j SET ${becomes(`(CASE WHEN j.cancel_requested THEN 'cancelled' ELSE 'queued' END)`, { attempt: 'j.attempt - 1' })},
            finished_at = CASE WHEN j.cancel_requested THEN now() END, ${cancelEnded(`'worker_lost'`)}, queued_at = now(), attempt = j.attempt - 1, lease_token = NULL
     WHERE id = $1 AND lease_token = $2 AND state = 'running'
     RETURNING *
   ), ${slotsFreedBy('moved')}, noticed AS (${noticesOf('moved')})
   INSERT INTO lh.outbox (id, type, job_ids, queue, priority, suspect, available_at)
   SELECT gen_random_uuid(), CASE WHEN state = 'queued' THEN ${WAKE_UP_TYPE} ELSE 'event' END, ARRAY[id], queue, priority, state = 'queued' AND crashes > 0, now() FROM moved`,
);

/** Longer than a row of the outbox is left to the process that stored it, or hidden by the relay that took it: one of a job that is due is due by then. */
const HIDDEN = `interval '1 minute'`;

/** When the job's newest message was made. */
const MESSAGED = 'greatest(j.queued_at, j.messaged_at)';

/**
 * Queued jobs whose message should have been delivered by now: the queue is empty, or jobs that were queued later run
 * already. A message that was there after all is a duplicate, which the claim drops.
 * What runs tells how far the queue has come only where it has had one message: of a job that was put back or published again, an old copy
 * may have been delivered, from any place in the queue. And only to jobs of its own priority or a higher one.
 * Only the oldest are looked at: what is lost comes to the front, and a look costs the same with a million jobs behind it.
 * A job that waits in the room has no message, and has lost none.
 * Waiting jobs keep their `queued_at`: for how long they have waited is not changed by the loss of a message.
 * MATERIALIZED: else the mark is worked out anew for each queued job, which took 30 s of every 30 with 85,000 of them.
 */
export const REPUBLISH_LOST = statement(
  'sweep:republish-lost',
  `WITH mark AS MATERIALIZED (
     SELECT priority, max(queued_at) AS at FROM lh.jobs j
     WHERE id = ${claimed()} AND state = 'running' AND queue = $1 AND fence = 1 AND coalesce(messaged_at < queued_at + interval '2 seconds', true)
     GROUP BY priority
   ), oldest AS MATERIALIZED (
     SELECT id FROM lh.jobs WHERE queue = $1 AND finished_at IS NULL AND run_at IS NULL ORDER BY id LIMIT 5000
   ), under_way AS MATERIALIZED (
     SELECT o.id FROM generate_series(0, 9) AS p (priority)
     CROSS JOIN LATERAL (SELECT unnest(job_ids) AS id FROM lh.outbox WHERE outbox.priority = p.priority AND available_at <= now() + ${HIDDEN} AND type <> 'event' AND queue = $1) o
   ), lost AS (
     SELECT j.id FROM lh.jobs j
     WHERE j.id = ANY (ARRAY(SELECT id FROM oldest)) AND j.state = 'queued' AND j.queue = $1 AND ${MESSAGED} < now() - $3::float8 * interval '1 second'
       AND CASE WHEN $2 THEN NOT EXISTS (SELECT FROM lh.outbox b WHERE b.type = 'job' AND b.queue = $1 AND (b.available_at <= now() OR b.attempts > 0))
                ELSE ${MESSAGED} < (SELECT max(m.at) FROM mark m WHERE m.priority <= j.priority) - $3::float8 * interval '1 second' END
       AND j.id NOT IN (SELECT id FROM under_way) AND NOT EXISTS (SELECT FROM lh.waiting_room w WHERE w.job_id = j.id)
     FOR UPDATE OF j SKIP LOCKED
   ), touched AS (
     UPDATE lh.jobs j SET messaged_at = now() FROM lost WHERE j.id = lost.id AND j.state = 'queued' RETURNING j.id, j.state, j.queue, j.priority, j.limit_keys, j.crashes
   ), ${slotsFreedBy('touched')}, sent AS (
     INSERT INTO lh.outbox (id, type, job_ids, queue, priority, suspect, available_at)
     SELECT gen_random_uuid(), ${WAKE_UP_TYPE}, ARRAY[id], queue, priority, crashes > 0, now() FROM touched
   )
   SELECT count(*)::integer AS jobs FROM touched`,
);

/** $2: the row is locked. */
export const REPUBLISH_JOB = statement(
  'job:republish',
  `WITH queued AS (
     SELECT id, state, queue, priority, crashes, limit_keys FROM lh.jobs j WHERE id = $1 AND state = 'queued' AND ${unlimitedUnless('$2')} FOR UPDATE
   ), ${slotsFreedBy('queued')}
   INSERT INTO lh.outbox (id, type, job_ids, queue, priority, suspect, available_at)
   SELECT gen_random_uuid(), ${WAKE_UP_TYPE}, ARRAY[id], queue, priority, crashes > 0, now() FROM queued RETURNING id`,
);
