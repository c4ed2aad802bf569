import { statement } from '../pool/database.js';
import { textsOf } from '../pool/joined-texts.js';
import { settledColumns } from './job-row.js';
import { appended } from './claim-jobs.js';
import { HANDED_COLUMNS, handedOn } from '../flow/hand-on.js';
import { slotsFreedBy, uniqueKeysFreedBy, unlimitedUnless, WAKE_UP_TYPE } from '../flow/slots.js';
import { causeOf, jobFingerprint } from '../letters/fingerprint.js';
import { cancelEnded } from '../control/cancel-column.js';
import { becomes, ownEventsOf } from './history.js';
import { noticesOf } from '../notify/notices.js';
import { placesLeftBy } from '../room/places.js';

const REASON = `CASE e ->> 'code' WHEN 'expired' THEN 'deadline_passed' ELSE coalesce(e ->> 'code', 'unknown') END`;

/** The dead letter of each failed job of a CTE that has jobs' columns. One for each redrive, whoever writes it. */
export function deadLettersOf(cte: string): string {
  return `INSERT INTO lh.dead_letters (identity, source, reason, detail, job_id, kind, queue, tenant, error, frame, fingerprint)
     SELECT 'job:' || f.id || ':' || f.redrives, 'job', f.reason, f.detail, f.id, f.kind, f.queue, f.tenant, c.error, c.frame, ${jobFingerprint('f.kind', 'f.reason', 'c')}
     FROM (SELECT id, redrives, kind, queue, tenant, e, ${REASON} AS reason, coalesce(e ->> 'message', '') AS detail
           FROM (SELECT id, redrives, kind, queue, tenant, errors -> -1 AS e FROM ${cte} WHERE state = 'failed' OFFSET 0) n) f CROSS JOIN ${causeOf('f.e')} c
     ON CONFLICT (identity) DO NOTHING`;
}

/** The platform has ended its attempts for a day, and not only twice with a long wait between. */
const GIVEN_UP = `(i.interrupted AND j.interrupted_at < now() - interval '24 hours' AND j.interruptions >= 20)`;

/** Where a job goes: one that was asked to stop is not started again by whatever else became of its attempt. */
const NEXT = `(CASE WHEN j.cancel_requested AND i.state IN ('scheduled', 'queued') THEN 'cancelled' WHEN ${GIVEN_UP} THEN 'failed' ELSE i.state END)`;

/** How many events an attempt brings along. */
const OWN = 'coalesce(jsonb_array_length(i.own), 0)';

/**
 * Ends a batch of attempts: each row only under its own current token; what goes with it (what the attempt has told, the next
 * copy of a job that is not through, the dead letter of a failed one, the event where no delivery guards it) in the same statement.
 * The token stays on the row until the next claim: it tells a repeated settlement that it was done. Whoever else ends an
 * attempt takes the token away, so that this one is not told it had.
 * Slots of limits that it frees are handed on in the same statement: see `handedOn`, which takes $12.
 */
export const SETTLE_JOBS = statement(
  'job:settle',
  `WITH input AS (
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], ${textsOf('$4')}, $5::text[], $6::float8[], $7::boolean[], $8::text[], $9::boolean[], $10::jsonb[], $11::boolean[], $13::text[], $14::float8[])
       AS i (id, token, state, result, error, delay_ms, refund, progress, announce, own, interrupted, how, heard_ms)
   ), settled AS (
     UPDATE lh.jobs j SET
       ${becomes(NEXT, { attempt: 'j.attempt - i.refund::integer', own: OWN })},
       result = i.result::json,
       errors = CASE WHEN i.error IS NULL THEN j.errors ELSE ${appended('i.error::jsonb')} END,
       attempt = j.attempt - i.refund::integer,
       interruptions = j.interruptions + (${NEXT} = 'queued' OR i.interrupted)::integer,
       interrupted_at = CASE WHEN i.interrupted THEN coalesce(j.interrupted_at, now()) END,
       progress = coalesce(i.progress::jsonb, j.progress),
       ${cancelEnded(`CASE WHEN ${NEXT} = 'cancelled' THEN coalesce(i.how, 'stopped') ELSE 'too_late' END`, 'i.heard_ms')},
       run_at = CASE WHEN ${NEXT} = 'scheduled' THEN now() + i.delay_ms * interval '1 millisecond' END,
       queued_at = CASE WHEN ${NEXT} = 'queued' THEN now() ELSE j.queued_at END,
       finished_at = CASE WHEN ${NEXT} IN ('succeeded', 'failed', 'cancelled') THEN now() END
     FROM input i
     WHERE j.id = i.id AND j.lease_token = i.token AND j.state = 'running'
     RETURNING ${settledColumns('j')}, j.queue, j.tenant, j.priority, j.crashes, j.redrives, j.limit_keys, i.announce, i.own
   ), told AS (${ownEventsOf('settled', 'c.own', 'c.events - 1 - jsonb_array_length(c.own)')}), requeued AS (
     INSERT INTO lh.outbox (id, type, job_ids, queue, priority, suspect, available_at)
     SELECT gen_random_uuid(), ${WAKE_UP_TYPE}, ARRAY[id], queue, priority, crashes > 0, coalesce(run_at, now()) FROM settled WHERE state IN ('scheduled', 'queued')
   ), announced AS (
     INSERT INTO lh.outbox (id, type, job_ids, queue, priority, available_at)
     SELECT gen_random_uuid(), 'event', ARRAY[id], queue, priority, now() FROM settled WHERE announce AND state IN ('succeeded', 'failed', 'cancelled')
   ), ${slotsFreedBy('settled')}, ${handedOn('$12')}, dead AS (${deadLettersOf('settled')}), noticed AS (${noticesOf('settled')})
   SELECT ${settledColumns('settled')}, ${HANDED_COLUMNS} FROM settled`,
);

/** Rows that an earlier settlement of the same token has already moved. */
export const SETTLED_BEFORE = statement(
  'job:settled-before',
  `SELECT ${settledColumns('j')} FROM lh.jobs j JOIN unnest($1::uuid[], $2::uuid[]) AS i (id, token) ON j.id = i.id AND j.lease_token = i.token
   WHERE j.state <> 'running'`,
);

/** No attempts left in the queue ($3 null), or an owner that is gone and was the $5th. $6: the row is locked. */
export const EXHAUST_JOB = statement(
  'job:exhaust',
  `WITH exhausted AS (
     UPDATE lh.jobs j SET ${becomes(`'failed'`)}, finished_at = now(), start_before = NULL, ${cancelEnded(`'worker_lost'`)}, crashes = j.crashes + ($3::uuid IS NOT NULL)::integer, publish_id = coalesce($2, j.publish_id), lease_token = NULL, run_at = NULL,
            errors = ${appended(`jsonb_set($4::jsonb, '{attempt}', to_jsonb(j.attempt))`)}
     WHERE j.id = $1 AND ${unlimitedUnless('$6')} AND ((j.state = 'queued' AND $3::uuid IS NULL AND j.attempt >= j.max_attempts)
                          OR (j.state = 'running' AND j.lease_token = $3 AND j.crashes + 1 >= $5::integer))
     RETURNING j.*
   ), ${slotsFreedBy('exhausted')}, ${uniqueKeysFreedBy('exhausted')}, dead AS (${deadLettersOf('exhausted')}), noticed AS (${noticesOf('exhausted')}), ${placesLeftBy('exhausted')}
   SELECT id FROM exhausted`,
);

/** A kind that this worker does not know: later, perhaps on a newer worker; after $3 ms of that, failed, and announced from the outbox. $5: the row is locked. */
export const DEFER_JOB = statement(
  'job:defer',
  `WITH deferred AS (
     UPDATE lh.jobs j SET
       ${becomes(`(CASE WHEN j.deferred_at < now() - $3::float8 * interval '1 millisecond' THEN 'failed' ELSE 'scheduled' END)`)},
       deferred_at = coalesce(j.deferred_at, now()),
       run_at = CASE WHEN j.deferred_at < now() - $3::float8 * interval '1 millisecond' THEN NULL ELSE now() + $2::float8 * interval '1 millisecond' END,
       finished_at = CASE WHEN j.deferred_at < now() - $3::float8 * interval '1 millisecond' THEN now() END,
       errors = CASE WHEN j.deferred_at IS NULL THEN ${appended('$4::jsonb')} ELSE j.errors END
     WHERE j.id = $1 AND j.state = 'queued' AND ${unlimitedUnless('$5')}
     RETURNING j.*
   ), later AS (
     INSERT INTO lh.outbox (id, type, job_ids, queue, priority, available_at)
     SELECT gen_random_uuid(), CASE WHEN state = 'failed' THEN 'event' ELSE ${WAKE_UP_TYPE} END, ARRAY[id], queue, priority, coalesce(run_at, now()) FROM deferred
   ), ${slotsFreedBy('deferred')}, ${uniqueKeysFreedBy('deferred', `c.state = 'failed'`)}, dead AS (${deadLettersOf('deferred')}), noticed AS (${noticesOf('deferred')}), ${placesLeftBy('deferred')}
   SELECT id FROM deferred`,
);

export const ANNOUNCE_LATER = statement(
  'job:announce-later',
  `INSERT INTO lh.outbox (id, type, job_ids, queue, priority, available_at)
   SELECT gen_random_uuid(), 'event', ARRAY[id], queue, priority, now() FROM lh.jobs WHERE id = $1 AND state IN ('succeeded', 'failed', 'cancelled')`,
);
