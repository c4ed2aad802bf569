import { COALESCE_FROM, DEFAULT_TENANT } from '@app/core';
import { statement } from '../pool/database.js';

/**
 * Everybody else names a schedule of a tenant by one text, as `ofTenant` writes it: the id of one of the default tenant, and for others the tenant before a line
 * break. It is taken apart and put together here alone.
 */
const nameOf = (alias: string, id = 'id') =>
  `CASE WHEN ${alias}.tenant = '${DEFAULT_TENANT}' THEN ${alias}.${id} ELSE ${alias}.tenant || chr(10) || ${alias}.${id} END`;
const tenantOf = (name: string) => `CASE WHEN strpos(${name}, chr(10)) = 0 THEN '${DEFAULT_TENANT}' ELSE split_part(${name}, chr(10), 1) END`;
const idOf = (name: string) => `substring(${name} FROM strpos(${name}, chr(10)) + 1)`;
/** The row of `schedules` that a parameter names. */
const named = (alias: string, name: string, id = 'id') => `${alias}.tenant = ${tenantOf(name)} AND ${alias}.${id} = ${idOf(name)}`;

const columns = (
  payload: string,
) => `${nameOf('s')} AS id, s.kind, ${payload} AS payload, s.options, s.description, s.spec, s.overlap, s.missed, s.missed_window_ms, s.jitter_ms, s.starts_at, s.ends_at,
  s.pause_after_failures, s.next_tick, s.due_at, s.last_tick, s.last_job_id, s.buffered, s.buffered_previous, s.failures, s.paused_at, s.paused_by, s.pause_reason,
  s.origin, s.revision, s.created_at, s.updated_at`;

const COLUMNS = columns('s.payload::text');

/** Which schedules a process with the kinds `$1` may take: what nobody has taken for a minute is taken by whoever comes. */
const MINE = `(s.kind = ANY ($1::text[]) OR s.due_at <= now() - interval '60 seconds')`;

export const UNTIL_DUE = statement(
  'schedules:until-due',
  `SELECT (extract(epoch FROM s.due_at - clock_timestamp()) * 1000)::float8 AS ms
   FROM lh.schedules s WHERE s.due_at IS NOT NULL AND ${MINE} ORDER BY s.due_at LIMIT 1`,
);

/**
 * `SKIP LOCKED` leaves out what another process has in hand. A row that another one has moved on between the look and the lock is looked at again by PostgreSQL,
 * and does not fit any more. The last jobs are read by a statement of its own: this one's snapshot may be older than a row that it has locked.
 */
export const TAKE_DUE = statement(
  'schedules:take-due',
  `SELECT ${COLUMNS}, now() AS now FROM lh.schedules s
   WHERE s.due_at <= now() AND ${MINE} AND ${nameOf('s')} <> ALL ($3::text[]) ORDER BY s.due_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
);

export const LATE_SCHEDULES = statement(
  'schedules:late',
  `SELECT ${COLUMNS} FROM lh.schedules s WHERE s.due_at < now() - $1::float8 * interval '1 second' ORDER BY s.due_at LIMIT $2`,
);

/** By `schedules_failing`. */
export const FAILING_SCHEDULES = statement(
  'schedules:failing',
  `SELECT ${columns(`'null'`)} FROM lh.schedules s WHERE s.paused_by = 'longhaul' AND s.failures > 0 ORDER BY s.paused_at DESC LIMIT $1`,
);

export const LOCK_SCHEDULE = statement(
  'schedules:lock',
  `SELECT ${COLUMNS}, clock_timestamp() AS now FROM lh.schedules s WHERE ${named('s', '$1::text')} FOR UPDATE`,
);

/** The last jobs of schedules. Whether a whole backlog of them waits is only asked where the last one does. */
export const LAST_JOBS = statement(
  'schedules:last-jobs',
  `SELECT i.id, j.state, j.cancel_requested, CASE WHEN j.state IN ('queued', 'scheduled') THEN (
     SELECT count(*) = ${COALESCE_FROM} FROM (
       SELECT t.job_id FROM lh.schedule_ticks t WHERE ${named('t', 'i.id', 'schedule_id')} AND t.job_id IS NOT NULL ORDER BY t.tick DESC LIMIT ${COALESCE_FROM}
     ) newest JOIN lh.jobs b ON b.id = newest.job_id WHERE b.state IN ('queued', 'scheduled') AND b.attempt = 0
   ) ELSE false END AS backlog
   FROM unnest($1::text[], $2::uuid[]) AS i (id, job_id) JOIN lh.jobs j ON j.id = i.job_id`,
);

export const WITH_JOB = statement(
  'schedules:with-job',
  `SELECT i.schedule_id, t.tick FROM unnest($1::text[], $2::timestamptz[]) AS i (schedule_id, tick)
   JOIN lh.schedule_ticks t ON ${named('t', 'i.schedule_id', 'schedule_id')} AND t.tick = i.tick WHERE t.job_id IS NOT NULL`,
);

/**
 * Writes ticks down, says of their jobs who has made them, and moves schedules on. A tick that was written down without a job may get one; one that has a job keeps
 * it, and then fewer rows come back than were given.
 */
export const RECORD_TICKS = statement(
  'schedules:record',
  `WITH ticks AS (
     SELECT * FROM jsonb_to_recordset($1::jsonb) AS t ("scheduleId" text, tick timestamptz, "previousTick" timestamptz, outcome text, "jobId" uuid, detail text, source text)
   ), written AS (
     INSERT INTO lh.schedule_ticks AS t (tenant, schedule_id, tick, previous_tick, outcome, source, job_id, detail)
     SELECT ${tenantOf('"scheduleId"')}, ${idOf('"scheduleId"')}, tick, "previousTick", outcome, source, "jobId", detail FROM ticks
     ON CONFLICT (tenant, schedule_id, tick) DO UPDATE SET
       previous_tick = excluded.previous_tick, outcome = excluded.outcome, source = excluded.source, job_id = excluded.job_id, detail = excluded.detail, at = now()
     WHERE t.job_id IS NULL
     RETURNING 1
   ), made AS (
     UPDATE lh.jobs j SET origin = jsonb_build_object('schedule', jsonb_build_object('id', ${idOf('t."scheduleId"')}, 'tick', t.tick, 'previousTick', t."previousTick"))
     FROM ticks t WHERE j.id = t."jobId"
   ), moved AS (
     UPDATE lh.schedules s SET
       next_tick = a."nextTick", due_at = a."dueAt", last_tick = a."lastTick", last_job_id = a."lastJobId", buffered = a.buffered, buffered_previous = a."bufferedPrevious",
       failures = a.failures, paused_at = CASE WHEN a.pause IS NOT NULL THEN now() END, paused_by = CASE WHEN a.pause IS NOT NULL THEN 'longhaul' END, pause_reason = a.pause
     FROM jsonb_to_recordset($2::jsonb) AS a (
       id text, "nextTick" timestamptz, "dueAt" timestamptz, "lastTick" timestamptz, "lastJobId" uuid, buffered timestamptz, "bufferedPrevious" timestamptz,
       failures integer, pause text
     ) WHERE ${named('s', 'a.id')}
   )
   SELECT count(*)::integer AS written FROM written`,
);

export const TRIGGERED = statement(
  'schedules:triggered',
  `UPDATE lh.schedules s SET last_job_id = $2 WHERE ${named('s', '$1::text')}
     AND NOT EXISTS (SELECT FROM lh.jobs j WHERE j.id = s.last_job_id AND j.outcome IS NULL)`,
);

export const FIND_SCHEDULE = statement('schedules:find', `SELECT ${COLUMNS} FROM lh.schedules s WHERE ${named('s', '$1::text')}`);

/** Without payloads, which may be large. `$1`: of this kind, or NULL; `$2`: paused or not, or NULL; `$3`: after this id, or NULL. */
export const LIST_SCHEDULES = statement(
  'schedules:list',
  `SELECT ${columns(`'null'`)} FROM lh.schedules s
   WHERE s.tenant = $5 AND ($1::text IS NULL OR s.kind = $1) AND ($2::boolean IS NULL OR (s.paused_at IS NOT NULL) = $2) AND ($3::text IS NULL OR s.id > $3)
   ORDER BY s.id LIMIT $4`,
);

export const LIST_TICKS = statement(
  'schedules:ticks',
  `SELECT i.id AS schedule_id, t.tick, t.previous_tick, t.outcome, t.source, t.job_id, t.detail, t.at FROM unnest($1::text[]) AS i (id)
   CROSS JOIN LATERAL (SELECT * FROM lh.schedule_ticks n WHERE ${named('n', 'i.id', 'schedule_id')} ORDER BY n.tick DESC LIMIT $2) t
   ORDER BY t.tick DESC`,
);

export const COUNT_SCHEDULES = statement('schedules:count', `SELECT count(*)::integer AS count FROM lh.schedules WHERE tenant = ${tenantOf('$1::text')}`);

const VALUES = `$2::text, $3::json, $4::jsonb, $5::text, $6::jsonb, $7::text, $8::text, $9::bigint, $10::integer, $11::timestamptz, $12::timestamptz, $13::integer,
   $14::text, $15::timestamptz, $16::timestamptz, $17::text`;
const VALUE_COLUMNS = `kind, payload, options, description, spec, overlap, missed, missed_window_ms, jitter_ms, starts_at, ends_at, pause_after_failures,
   origin, next_tick, due_at, zone_data`;

/** No row comes where there is one of that id. */
export const CREATE_SCHEDULE = statement(
  'schedules:create',
  `INSERT INTO lh.schedules (tenant, id, ${VALUE_COLUMNS}) SELECT ${tenantOf('$1::text')}, ${idOf('$1::text')}, ${VALUES} ON CONFLICT (tenant, id) DO NOTHING RETURNING id`,
);

/** What it says as one value, to see whether it has changed. */
const SAID = (prefix: string) =>
  `(${prefix}kind, ${prefix}payload::text, ${prefix}options, ${prefix}description, ${prefix}spec, ${prefix}overlap, ${prefix}missed, ${prefix}missed_window_ms,
    ${prefix}jitter_ms, ${prefix}starts_at, ${prefix}ends_at, ${prefix}pause_after_failures, ${prefix}origin)`;

export const REPLACE_SCHEDULE = statement(
  'schedules:replace',
  `UPDATE lh.schedules s SET
     kind = n.kind, payload = n.payload, options = n.options, description = n.description, spec = n.spec, overlap = n.overlap, missed = n.missed,
     missed_window_ms = n.missed_window_ms, jitter_ms = n.jitter_ms, starts_at = n.starts_at, ends_at = n.ends_at, pause_after_failures = n.pause_after_failures,
     origin = n.origin, next_tick = n.next_tick, due_at = n.due_at, zone_data = n.zone_data,
     revision = CASE WHEN ${SAID('s.')} IS DISTINCT FROM ${SAID('n.')} THEN s.revision + 1 ELSE s.revision END,
     updated_at = CASE WHEN ${SAID('s.')} IS DISTINCT FROM ${SAID('n.')} THEN now() ELSE s.updated_at END
   FROM (SELECT ${VALUES}) AS n (${VALUE_COLUMNS})
   WHERE ${named('s', '$1::text')} RETURNING s.id`,
);

export const REMOVE_SCHEDULE = statement('schedules:remove', `DELETE FROM lh.schedules s WHERE ${named('s', '$1::text')} RETURNING s.id`);

export const PAUSE_SCHEDULE = statement(
  'schedules:pause',
  `UPDATE lh.schedules s SET due_at = NULL, paused_at = coalesce(s.paused_at, now()), paused_by = $2, pause_reason = $3 WHERE ${named('s', '$1::text')}`,
);

export const RESUME_SCHEDULE = statement(
  'schedules:resume',
  `UPDATE lh.schedules s SET due_at = $2, paused_at = NULL, paused_by = NULL, pause_reason = NULL, failures = 0 WHERE ${named('s', '$1::text')}`,
);

export const OTHERS_OF_ORIGIN = statement(
  'schedules:others-of-origin',
  `SELECT id FROM lh.schedules WHERE tenant = 'default' AND origin = $1 AND id <> ALL ($2::text[]) AND paused_at IS NULL ORDER BY id`,
);

export const OF_OTHER_ZONE_DATA = statement(
  'schedules:of-other-zone-data',
  `SELECT ${nameOf('s')} AS id FROM lh.schedules s WHERE s.spec ? 'cron' AND s.zone_data IS DISTINCT FROM $1 ORDER BY s.tenant, s.id LIMIT $2`,
);

/** The last ones of each schedule stay: they are what its page shows. */
export const PRUNE_TICKS = statement(
  'prune:schedule-ticks',
  `DELETE FROM lh.schedule_ticks WHERE (tenant, schedule_id, tick) IN (
     SELECT t.tenant, t.schedule_id, t.tick FROM lh.schedule_ticks t
     WHERE t.at < now() - $1::float8 * interval '1 second' AND t.tick < (SELECT s.last_tick FROM lh.schedules s WHERE s.tenant = t.tenant AND s.id = t.schedule_id)
     ORDER BY t.at LIMIT $2 FOR UPDATE SKIP LOCKED
   ) RETURNING 1`,
);
