import { MAX_LIMITS } from '@app/core';
import { CAPACITY, limitOf, nextStart } from '../flow/limit-columns.js';
import { statement } from '../pool/database.js';

/** Jobs that the deletion of a limit takes out of their park at once; they are the first of it. The others follow while jobs are keyed anew. */
const WOKEN_AT_ONCE = 10_000;

const COLUMNS = `l.name, l.match, l.per, l.concurrency, l.rate_count, l.rate_ms, l.burst, l.strict, l.origin, l.code,
  CASE WHEN l.override_until > now() THEN l.override END AS override, l.override_until, l.updated_at`;

/** The parameters of the settings, from `$2` on. */
const SETTINGS = `$2::jsonb, $3::text, $4::integer, $5::integer, $6::bigint, $7::integer, $8::boolean`;
const SETTING_COLUMNS = 'match, per, concurrency, rate_count, rate_ms, burst, strict';

/**
 * How each limit is used: what has a place, what is parked, and when a rate allows the next start. `$1`: one name, or NULL for all; `$2`: keys of each at most.
 */
export const READ_LIMITS = statement(
  'limits:read',
  `WITH uses AS (
     SELECT limit_key, sum(held)::integer AS held, sum(parked)::integer AS parked, max(next_at) AS next_at
     FROM (
       SELECT limit_key, count(*) AS held, 0 AS parked, NULL::timestamptz AS next_at FROM lh.flow_slots GROUP BY limit_key
       UNION ALL
       SELECT parked_on, 0, count(*), NULL FROM lh.waiting_room WHERE parked_on IS NOT NULL GROUP BY parked_on
       UNION ALL
       SELECT limit_key, 0, 0, next_at FROM lh.flow_rates WHERE next_at > now()
     ) u
     WHERE $1::text IS NULL OR ${limitOf('limit_key')} = $1
     GROUP BY limit_key
   ), ranked AS (
     SELECT *, ${limitOf('limit_key')} AS name,
            row_number() OVER (PARTITION BY ${limitOf('limit_key')} ORDER BY held DESC, parked DESC, limit_key) AS place
     FROM uses
   )
   SELECT ${COLUMNS}, coalesce(t.held, 0) AS held, coalesce(t.parked, 0) AS parked, coalesce(t.draining, 0) AS draining, t.next_start_at,
          coalesce(t.keys, '[]') AS keys
   FROM lh.flow_limits l
   LEFT JOIN LATERAL (
     SELECT sum(u.held)::integer AS held, sum(u.parked)::integer AS parked, sum(u.draining)::integer AS draining,
            max(u.next_start_at) FILTER (WHERE u.limit_key = l.name) AS next_start_at,
            json_agg(json_build_object('key', u.limit_key, 'held', u.held, 'parked', u.parked, 'draining', u.draining, 'nextStartAt', u.next_start_at)
              ORDER BY u.place) FILTER (WHERE u.place <= $2::integer) AS keys
     FROM (
       SELECT r.*, greatest(r.held - ${CAPACITY}, 0) AS draining,
              CASE WHEN s.at > now() THEN s.at END AS next_start_at
       FROM ranked r
       CROSS JOIN LATERAL (SELECT ${nextStart('r.next_at')} AS at) s
       WHERE r.name = l.name
     ) u
   ) t ON true
   WHERE l.tenant = 'default' AND ($1::text IS NULL OR l.name = $1) ORDER BY l.name`,
);

/** The limits for matching, at their revision: of one snapshot. */
export const CURRENT_LIMITS = statement(
  'limits:current',
  `SELECT r.number::integer AS revision, coalesce((
     SELECT json_agg(json_build_object('name', l.name, 'match', l.match, 'per', l.per) ORDER BY l.name) FROM lh.flow_limits l WHERE l.tenant = 'default'
   ), '[]') AS limits
   FROM lh.flow_revision r`,
);

/**
 * What others jobs are under is a new revision; another number of places is not. No row comes where there would be too many limits. `$9`: who sets it; what code
 * says (`$10`, or NULL) is kept beside what the API sets.
 */
export const PUT_LIMIT = statement(
  'limits:put',
  `WITH before AS (
     SELECT match, per FROM lh.flow_limits WHERE tenant = 'default' AND name = $1 FOR UPDATE
   ), same AS (
     SELECT FROM before WHERE match = $2::jsonb AND per IS NOT DISTINCT FROM $3::text
   ), put AS (
     INSERT INTO lh.flow_limits AS l (name, ${SETTING_COLUMNS}, origin, code)
     SELECT $1, ${SETTINGS}, $9::text, $10::jsonb
     WHERE EXISTS (SELECT FROM before) OR (SELECT count(*) FROM lh.flow_limits) < ${MAX_LIMITS}
     ON CONFLICT (tenant, name) DO UPDATE SET
       match = excluded.match, per = excluded.per, concurrency = excluded.concurrency, rate_count = excluded.rate_count, rate_ms = excluded.rate_ms,
       burst = excluded.burst, strict = excluded.strict, origin = excluded.origin, code = coalesce(excluded.code, l.code), updated_at = now()
     RETURNING ${COLUMNS}
   ), revision AS (
     UPDATE lh.flow_revision SET number = number + 1 WHERE NOT EXISTS (SELECT FROM same) AND EXISTS (SELECT FROM put)
   )
   SELECT put.*, NOT EXISTS (SELECT FROM same) AS rekey FROM put`,
);

/** The limits that stand in code, with the lock under which they change: of two processes that start, one sees what the other has set. */
export const LOCK_LIMITS = statement('limits:lock', 'SELECT FROM lh.flow_revision FOR UPDATE');
export const LIMITS_IN_CODE = statement(
  'limits:in-code',
  `SELECT name, origin, code FROM lh.flow_limits WHERE tenant = 'default' AND (name = ANY ($1::text[]) OR code IS NOT NULL) ORDER BY name FOR UPDATE`,
);

/** What code says of a limit, or NULL; what holds stays. */
export const NOTE_CODE = statement('limits:note-code', `UPDATE lh.flow_limits SET code = $2::jsonb WHERE tenant = 'default' AND name = $1`);

/**
 * Takes away what the API has set (`$2` is `api`), or what has gone from the code (its origin). The limit in code of that name holds again, if there is one. Jobs that are parked on the limit stop waiting for it in
 * the same statement: nobody would look at them again.
 */
export const REMOVE_LIMIT = statement(
  'limits:remove',
  `WITH before AS (
     SELECT name, code, match, per FROM lh.flow_limits WHERE tenant = 'default' AND name = $1 AND origin = $2 FOR UPDATE
   ), restored AS (
     UPDATE lh.flow_limits l SET
       match = b.code->'match', per = b.code->>'per', concurrency = (b.code->>'concurrency')::integer,
       rate_count = (b.code->'rate'->>'count')::integer, rate_ms = (b.code->'rate'->>'ms')::bigint, burst = (b.code->>'burst')::integer,
       strict = (b.code->>'strict')::boolean, origin = b.code->>'origin', override = NULL, override_until = NULL, updated_at = now()
     FROM before b WHERE l.tenant = 'default' AND l.name = b.name AND b.code IS NOT NULL
     RETURNING ${COLUMNS}
   ), gone AS (
     DELETE FROM lh.flow_limits l USING before b WHERE l.tenant = 'default' AND l.name = b.name AND b.code IS NULL RETURNING l.name
   ), rates AS (
     DELETE FROM lh.flow_rates r USING gone g WHERE ${limitOf('r.limit_key')} = g.name
   ), parked AS (
     SELECT w.job_id FROM lh.waiting_room w, before b WHERE w.parked_on IS NOT NULL AND ${limitOf('w.parked_on')} = b.name
     ORDER BY w.priority DESC, w.virtual_time, w.job_id LIMIT ${WOKEN_AT_ONCE} FOR UPDATE OF w
   ), woken AS (
     UPDATE lh.waiting_room w SET parked_on = NULL FROM parked p WHERE w.job_id = p.job_id
   ), revision AS (
     UPDATE lh.flow_revision SET number = number + 1 WHERE EXISTS (SELECT FROM before)
   )
   SELECT EXISTS (SELECT FROM before) AS removed, row_to_json(r) AS restored,
          EXISTS (SELECT FROM lh.flow_limits WHERE tenant = 'default' AND name = $1) AS known
   FROM (SELECT) one LEFT JOIN restored r ON true`,
);

/** NULL takes the override away. */
export const OVERRIDE_LIMIT = statement(
  'limits:override',
  `UPDATE lh.flow_limits SET override = CASE WHEN $2::integer IS NOT NULL THEN jsonb_build_object('concurrency', $2::integer) END, override_until = $3
   WHERE tenant = 'default' AND name = $1 RETURNING name`,
);
