import { afterCancelOf, asCancelled } from './cancelling.js';
import { DEFAULT_TENANT, type JobState, MAX_CHANNEL_ENTRIES } from '@app/core';
import { MARKED, statement } from '../pool/database.js';
import { seen } from '../pool/of-tenant.js';
import { jobColumns, summaryColumns } from '../run/job-row.js';
import { claimed } from '../run/claim-jobs.js';
import { slotsFreedBy, uniqueKeysFreedBy, unlimitedUnless, WAKE_UP_TYPE } from '../flow/slots.js';
import { becomes } from '../run/history.js';
import { uniqueKeysTakenBy, waitingWith } from '../flow/unique-keys.js';

export const FIND_BY_ID = statement('job:find', `SELECT ${jobColumns()} FROM lh.jobs WHERE id = $1 AND ${seen('tenant', '$2')}`);

export const FIND_BY_IDS = statement('job:find-many', `SELECT ${jobColumns()} FROM lh.jobs WHERE id = ANY ($1::uuid[])`);

export const FIND_VIEW = statement('job:view', `SELECT ${summaryColumns()} FROM lh.jobs WHERE id = $1 AND ${seen('tenant', '$2')}`);

export const FIND_DETAIL = statement(
  'job:detail',
  `SELECT ${jobColumns('j')}, j.cancel, j.start_before, j.flow_key, j.unique_key, w.name AS worker FROM lh.jobs j LEFT JOIN lh.workers w ON w.id = j.worker_id AND j.state = 'running' WHERE j.id = $1 AND ${seen('j.tenant', '$2')}`,
);

/** A row for the job, and one for each step; a look at one step more than fits is enough to know that there are more. */
export const STEPS_OF = statement(
  'job:steps',
  `SELECT s.name, s.result::text AS result, s.created_at AS at FROM lh.jobs j LEFT JOIN LATERAL (
     SELECT name, result, created_at FROM lh.job_steps WHERE job_id = j.id ORDER BY created_at, name LIMIT $2::integer
   ) s ON true WHERE j.id = $1 AND ${seen('j.tenant', '$3')} ORDER BY s.created_at, s.name`,
);

/** Nothing of a row but its state is read. */
export const FIND_ENDED = statement(
  'job:ended',
  `SELECT w.id FROM unnest($1::uuid[]) AS w (id) LEFT JOIN lh.jobs j ON j.id = w.id
   WHERE j.id IS NULL OR j.state IN ('succeeded', 'failed', 'cancelled')`,
);

/** Jobs of a state, by the index that serves it; `$n` is the state. */
export const IN_STATE: Record<JobState, (parameter: string) => string> = {
  scheduled: (state) => `state = ${state} AND run_at IS NOT NULL`,
  queued: (state) => `state = ${state} AND finished_at IS NULL AND run_at IS NULL`,
  running: (state) => `state = ${state} AND id = ${claimed()}`,
  succeeded: (state) => `outcome = ${state}`,
  failed: (state) => `outcome = ${state}`,
  cancelled: (state) => `outcome = ${state}`,
};

/** Of the queue $1, or of all where it is NULL. A place in the waiting room may be left over of a job that has been claimed, so no more are counted than are queued. */
export const QUEUE_STATS = statement(
  'queue:stats',
  `WITH counted AS (
   SELECT q.name, q.paused_at, q.paused_by, q.pause_reason, q.fair_by, q.fair_cost, q.fair_weights,
          (SELECT count(*)::integer FROM lh.jobs j WHERE j.queue = q.name AND j.run_at IS NOT NULL) AS scheduled,
          (SELECT count(*)::integer FROM lh.jobs j WHERE j.queue = q.name AND j.finished_at IS NULL AND j.run_at IS NULL) - coalesce(r.running, 0) AS queued,
          coalesce(r.running, 0) AS running, coalesce(w.waiting, 0) AS in_turn, coalesce(w.parked, 0) AS under_limit,
          (SELECT extract(epoch FROM now() - j.queued_at)::float8 FROM lh.jobs j
           WHERE j.queue = q.name AND j.finished_at IS NULL AND j.run_at IS NULL AND j.state = 'queued' ORDER BY j.id LIMIT 1) AS oldest,
          (SELECT count(*)::integer FROM lh.workers w WHERE w.lease_until > now() AND (w.queues = '{}' OR q.name = ANY (w.queues))) AS consumers
   FROM lh.queues q LEFT JOIN (
     SELECT queue, count(*)::integer AS running FROM lh.jobs WHERE id = ${claimed()} AND state = 'running' GROUP BY queue
   ) r ON r.queue = q.name LEFT JOIN (
     SELECT queue, count(*) FILTER (WHERE parked_on IS NULL)::integer AS waiting, count(parked_on)::integer AS parked FROM lh.waiting_room GROUP BY queue
   ) w ON w.queue = q.name WHERE q.deleted_at IS NULL AND ($1::text IS NULL OR q.name = $1)
   )
   SELECT *, least(under_limit, queued) AS parked, least(in_turn, queued - least(under_limit, queued)) AS waiting FROM counted ORDER BY name`,
);

/**
 * The same of one tenant's jobs ($2). Queues are for all tenants; how full they are of others' jobs is not told. What has not ended is counted out of the tenant's
 * own index; `default` has none, and is counted by queue. Who waits for a turn and who is parked is looked up for the tenant's own jobs.
 */
const queueStatsOf = (name: string, which: string[]) =>
  statement(
    name,
    `WITH mine AS MATERIALIZED (
     ${which.map((of) => `SELECT j.id, j.queue, j.state, j.queued_at FROM lh.jobs j WHERE j.tenant = $2::text AND ($1::text IS NULL OR j.queue = $1) AND ${of}`).join(' UNION ALL ')}
   ), counted AS (
     SELECT m.queue, count(*) FILTER (WHERE m.state = 'scheduled')::integer AS scheduled, count(*) FILTER (WHERE m.state = 'queued')::integer AS queued,
            count(*) FILTER (WHERE m.state = 'running')::integer AS running,
            count(r.job_id) FILTER (WHERE m.state = 'queued' AND r.parked_on IS NULL)::integer AS waiting, count(r.parked_on) FILTER (WHERE m.state = 'queued')::integer AS parked,
            extract(epoch FROM now() - min(m.queued_at) FILTER (WHERE m.state = 'queued'))::float8 AS oldest
     FROM mine m LEFT JOIN lh.waiting_room r ON r.job_id = m.id GROUP BY m.queue
   )
   SELECT q.name, q.paused_at, q.paused_by, q.pause_reason, q.fair_by, q.fair_cost, q.fair_weights,
          coalesce(c.scheduled, 0) AS scheduled, coalesce(c.queued, 0) AS queued, coalesce(c.running, 0) AS running,
          coalesce(c.waiting, 0) AS waiting, coalesce(c.parked, 0) AS parked, c.oldest,
          (SELECT count(*)::integer FROM lh.workers w WHERE w.lease_until > now() AND (w.queues = '{}' OR q.name = ANY (w.queues))) AS consumers
   FROM lh.queues q LEFT JOIN counted c ON c.queue = q.name WHERE q.deleted_at IS NULL AND ($1::text IS NULL OR q.name = $1) ORDER BY q.name`,
  );

export const QUEUE_STATS_OF_TENANT = queueStatsOf('queue:stats-of-tenant', [`j.finished_at IS NULL AND j.tenant <> '${DEFAULT_TENANT}'`]);
export const QUEUE_STATS_OF_DEFAULT = queueStatsOf('queue:stats-of-default', ['j.finished_at IS NULL AND j.run_at IS NULL', 'j.run_at IS NOT NULL']);

const [FIRST_ID, LAST_ID] = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];

/**
 * By kind, over its newest jobs only, whatever else there is. Pairs are compared so that `jobs_kind` alone has the order: by
 * `kind = k.kind` and `id` PostgreSQL prefers the primary key when most jobs are of one kind, and for every other kind reads the
 * whole table (4 s with 300,000 jobs, measured).
 */
export const RUN_SECONDS = statement(
  'job:run-seconds',
  `SELECT k.kind, (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM r.finished_at - r.started_at)::float8)) AS seconds
   FROM unnest($1::text[]) AS k (kind) CROSS JOIN LATERAL (
     SELECT state, started_at, finished_at FROM lh.jobs
     WHERE (kind, id) >= (k.kind, '${FIRST_ID}'::uuid) AND (kind, id) <= (k.kind, '${LAST_ID}'::uuid) ORDER BY kind DESC, id DESC LIMIT 200
   ) r WHERE r.state = 'succeeded' GROUP BY k.kind`,
);

/** Jobs that have not started are cancelled; running ones are asked to stop. $2: what the caller says of it; `locked`: whether the rows are. */
const cancelling = (name: string, which: string, columns: string, locked: string) =>
  statement(
    name,
    `WITH cancelled AS (
     UPDATE lh.jobs j SET
       ${asCancelled('$2::jsonb')}
     WHERE ${which} AND j.state IN ('scheduled', 'queued', 'running') AND ${unlimitedUnless(locked)}
     RETURNING ${jobColumns('j')}, j.limit_keys, j.unique_key
   ), ${afterCancelOf('cancelled')}, ${uniqueKeysFreedBy('cancelled')}
   SELECT ${columns} FROM cancelled`,
    MARKED,
  );

export const CANCEL_JOB = cancelling('job:cancel', `j.id = $1 AND ${seen('j.tenant', '$3')}`, '*', '$4');

/** Many at once; a job that was asked to stop before stays as it is and is not returned. */
export const CANCEL_JOBS = cancelling('job:cancel-many', 'j.id = ANY ($1::uuid[]) AND NOT j.cancel_requested', 'id, state', '$3');

const ENTRY = `jsonb_build_array($2::jsonb)`;
const entriesOf = (condition: string) =>
  `coalesce((SELECT jsonb_agg(n.entry ORDER BY n.place) FROM jsonb_array_elements(j.notify) WITH ORDINALITY AS n (entry, place) WHERE ${condition}), '[]')`;

/**
 * Whoever asks again may be somebody else, or the same with a new queue: all of them get the outcome, for nothing proves who is who.
 * The first address stays; of the others the oldest makes room. Waits for a settlement that is on its way: after it the job has ended,
 * and no row is found.
 */
export const ADD_NOTIFY = statement(
  'job:add-notify',
  `UPDATE lh.jobs j SET
     notify = CASE WHEN known.same @> ${ENTRY} THEN j.notify
       ELSE known.others || (CASE WHEN jsonb_array_length(known.same) >= ${MAX_CHANNEL_ENTRIES} THEN known.same - 1 ELSE known.same END) || ${ENTRY} END
   FROM (SELECT j.id, ${entriesOf(`n.entry ->> 'channel' = $2::jsonb ->> 'channel'`)} AS same, ${entriesOf(`n.entry ->> 'channel' <> $2::jsonb ->> 'channel'`)} AS others
         FROM lh.jobs j WHERE j.id = $1 FOR UPDATE) known
   WHERE j.id = known.id AND j.state IN ('scheduled', 'queued', 'running') RETURNING j.id`,
);

/**
 * Failed jobs are queued again; with another payload if $2 has one. All counters begin again, but for the fence, which only grows. The former dead
 * letter is marked as redriven. One with a unique key takes it again, and is left alone where another job waits with it; of several with one key the newest comes back.
 * $3: their keys are locked, see `unique-keys`; without that no job with a key is touched.
 */
const redriving = (name: string, which: string, columns: string) =>
  statement(
    name,
    `WITH chosen AS (
     SELECT DISTINCT ON (j.unique_key) j.id FROM lh.jobs j
     WHERE $3 AND ${which} AND j.state = 'failed' AND j.unique_key IS NOT NULL AND NOT EXISTS (SELECT FROM ${waitingWith('j.unique_key')})
     ORDER BY j.unique_key, j.id DESC
   ), redriven AS (
     UPDATE lh.jobs j SET ${becomes(`'queued'`, { attempt: '0' })}, attempt = 0, crashes = 0, interruptions = 0, interrupted_at = NULL, deferred_at = NULL, cancel_requested = false, cancel = NULL,
            redrives = j.redrives + 1, payload = coalesce($2::json, j.payload), progress = NULL, result = NULL,
            lease_token = NULL, publish_id = NULL, queued_at = now(), run_at = NULL, finished_at = NULL
     WHERE ${which} AND j.state = 'failed' AND (j.unique_key IS NULL OR j.id IN (SELECT id FROM chosen))
     RETURNING ${jobColumns('j')}, j.limit_keys, j.unique_key
   ), ${slotsFreedBy('redriven')}, locked AS (${uniqueKeysTakenBy('redriven WHERE unique_key IS NOT NULL')}), sent AS (
     INSERT INTO lh.outbox (id, type, job_ids, queue, priority, available_at)
     SELECT gen_random_uuid(), ${WAKE_UP_TYPE}, ARRAY[id], queue, priority, now() FROM redriven
   ), steps AS (
     DELETE FROM lh.job_steps WHERE $2 IS NOT NULL AND job_id IN (SELECT id FROM redriven)
   ), marked AS (
     UPDATE lh.dead_letters d SET redriven_at = now(), redriven_job_id = r.id FROM redriven r
     WHERE d.identity = 'job:' || r.id || ':' || (r.redrives - 1)
   )
   SELECT ${columns} FROM redriven`,
    MARKED,
  );

export const REDRIVE_JOB = redriving('job:redrive', `j.id = $1 AND ${seen('j.tenant', '$4')}`, '*');

export const REDRIVE_JOBS = redriving('job:redrive-many', 'j.id = ANY ($1::uuid[])', 'id, state');
