import { ALL_TENANTS, DEFAULT_TENANT, OWN_KIND_PREFIX, type SharedQuota } from '@app/core';
import { QUOTA_LOCK } from '../locks.js';
import { statement } from '../pool/database.js';

/** As long as a share is counted after its process has last renewed it; three times as long as that process uses it. */
const SHARE_SECONDS = 60;

/** Longhaul's own jobs, such as the sending of a webhook, are no tenant's doing. */
const NOT_OWN = `kind NOT LIKE '${OWN_KIND_PREFIX}%'`;

/** Jobs of the tenant `$1`: there need not be counted more than `most`. */
const jobsOf = (own: boolean, most: string) =>
  own
    ? `(SELECT count(*) FROM (SELECT FROM lh.jobs WHERE tenant = $1 AND tenant <> '${DEFAULT_TENANT}' AND finished_at IS NULL AND ${NOT_OWN} LIMIT ${most}) j)`
    : `(SELECT count(*) FROM (SELECT FROM lh.jobs WHERE finished_at IS NULL AND run_at IS NULL AND tenant = $1 AND ${NOT_OWN} LIMIT ${most}) j)
       + (SELECT count(*) FROM (SELECT FROM lh.jobs WHERE run_at IS NOT NULL AND tenant = $1 AND ${NOT_OWN} LIMIT ${most}) j)`;

/** A tenant with a name has an index of its own. */
const bytesOf = (own: boolean) => `(SELECT coalesce(sum(size), 0) FROM lh.files WHERE tenant = $1${own ? ` AND tenant <> '${DEFAULT_TENANT}'` : ''})`;

/** Those who want a share of the same take turns. What follows in the transaction sees what those before it have committed. */
export const LOCK_QUOTA = statement('quota:lock', `SELECT pg_advisory_xact_lock(${QUOTA_LOCK}, hashtext($1::text || ' ' || $2::text))`);

/** `$4`: what the process has, `$5` the limit, `$6` what it needs, `$7` what it would have on store: an eighth of what is left at most. */
const reserving = (name: string, rows: string) =>
  statement(
    `quota:reserve-${name}`,
    `WITH used AS (
       SELECT ${rows} AS stored, $4::bigint + coalesce(sum(amount), 0) AS shares
       FROM lh.quota_shares WHERE tenant = $1 AND quota = $2 AND process <> $3::uuid AND until >= now()
     ), room AS (
       -- What a share has become rows is in both for a moment, so the sum may be larger than what there is.
       SELECT least(stored + shares, greatest(stored, $5::bigint)) AS used, greatest($5::bigint - stored - shares, 0)::bigint AS room FROM used
     ), given AS (
       SELECT used, least(room, $6::bigint + greatest(0, least($7::bigint, (room - $6::bigint) / 8))) AS given FROM room
     ), gone AS (
       DELETE FROM lh.quota_shares
       WHERE tenant = $1 AND quota = $2 AND (until < now() AND process <> $3::uuid OR process = $3::uuid AND (SELECT $4::bigint + given = 0 FROM given))
     ), kept AS (
       INSERT INTO lh.quota_shares (tenant, quota, process, amount, until)
       SELECT $1, $2, $3::uuid, $4::bigint + given, now() + interval '${SHARE_SECONDS} seconds' FROM given WHERE $4::bigint + given > 0
       ON CONFLICT (tenant, quota, process) DO UPDATE SET amount = excluded.amount, until = excluded.until
     )
     SELECT given::float8 AS given, used::float8 AS used FROM given`,
  );

/** For tenants with a name, and for the default one. */
export const RESERVE: Readonly<Record<SharedQuota, readonly [named: ReturnType<typeof statement>, byDefault: ReturnType<typeof statement>]>> = {
  unfinishedJobs: [reserving('jobs', jobsOf(true, '$5')), reserving('default-jobs', jobsOf(false, '$5'))],
  fileBytes: [reserving('bytes', bytesOf(true)), reserving('default-bytes', bytesOf(false))],
  waits: both(reserving('waits', '0')),
  streams: both(reserving('streams', '0')),
  uploads: both(reserving('uploads', '0')),
};

function both<Value>(value: Value): readonly [Value, Value] {
  return [value, value];
}

export const KEEP_SHARES = statement(
  'quota:keep',
  `WITH kept AS (
     SELECT * FROM unnest($2::text[], $3::text[], $4::bigint[]) AS i (tenant, quota, amount)
   ), gone AS (
     DELETE FROM lh.quota_shares s USING kept k WHERE s.process = $1::uuid AND s.tenant = k.tenant AND s.quota = k.quota AND k.amount = 0
   )
   INSERT INTO lh.quota_shares (tenant, quota, process, amount, until)
   SELECT tenant, quota, $1::uuid, amount, now() + interval '${SHARE_SECONDS} seconds' FROM kept WHERE amount > 0
   ON CONFLICT (tenant, quota, process) DO UPDATE SET amount = excluded.amount, until = excluded.until`,
);

/**
 * A bucket that is full again at a time (GCRA): `$2` a second, `$3` at once, `$4` of an earlier answer come back, `$5` are needed, `$6` more are welcome. One row
 * for each tenant, which is written at most ten times a second by each process.
 */
const fullAt = `greatest(r.full_at - $4::float8 / $2::float8 * interval '1 second', now())`;
const leftOf = (full: string) => `greatest(0, floor($3::float8 - extract(epoch FROM ${full} - now())::float8 * $2::float8 + 1e-6))::integer`;
export const TAKE_TOKENS = statement(
  'quota:take-tokens',
  `INSERT INTO lh.quota_rates AS r (tenant, full_at, given)
   SELECT $1, now() + n / $2::float8 * interval '1 second', n FROM (SELECT least($3::integer, $5::integer + $6::integer) AS n) i
   ON CONFLICT (tenant) DO UPDATE SET
     given = least(${leftOf(fullAt)}, $5::integer + $6::integer),
     full_at = ${fullAt} + least(${leftOf(fullAt)}, $5::integer + $6::integer) / $2::float8 * interval '1 second'
   RETURNING given, extract(epoch FROM full_at - now())::float8 AS full_in`,
);

export const QUOTA_REVISION = statement('quota:revision', 'SELECT quotas::text AS revision FROM lh.rights');

export const ALL_QUOTAS = statement('quota:all', 'SELECT tenant, quotas FROM lh.tenant_quotas');

export const FIND_QUOTAS = statement('quota:find', 'SELECT quotas FROM lh.tenant_quotas WHERE tenant = $1');

const CHANGED = 'changed AS (UPDATE lh.rights SET quotas = quotas + 1)';

export const PUT_QUOTAS = statement(
  'quota:put',
  `WITH ${CHANGED}
   INSERT INTO lh.tenant_quotas (tenant, quotas, updated_by) VALUES ($1, $2::jsonb, $3)
   ON CONFLICT (tenant) DO UPDATE SET quotas = excluded.quotas, updated_at = now(), updated_by = excluded.updated_by`,
);

export const REMOVE_QUOTAS = statement('quota:remove', `WITH ${CHANGED} DELETE FROM lh.tenant_quotas WHERE tenant = $1 RETURNING tenant`);

const MOST_COUNTED = '2000000';

/** What a tenant uses now. */
const using = (own: boolean) =>
  statement(
    `quota:used-${own ? 'own' : 'default'}`,
    `SELECT ${jobsOf(own, MOST_COUNTED)}::float8 AS "unfinishedJobs", ${bytesOf(own)}::float8 AS "fileBytes",
       (SELECT count(*) FROM lh.schedules WHERE tenant = $1)::float8 AS schedules,
       (SELECT count(*) FROM lh.webhook_endpoints WHERE tenant = $1)::float8 AS "webhookEndpoints",
       (SELECT coalesce(json_object_agg(quota, amount), '{}') FROM (
          SELECT quota, sum(amount) AS amount FROM lh.quota_shares WHERE tenant = $1 AND quota IN ('waits', 'streams', 'uploads') AND until >= now() GROUP BY quota) s) AS shares`,
  );

export const USED_BY: readonly [own: ReturnType<typeof statement>, byDefault: ReturnType<typeof statement>] = [using(true), using(false)];

/** The tenants of which there is something, by name, after `$1`. Those of jobs are found by steps through their index, however many jobs each has. */
export const LIST_TENANTS = statement(
  'quota:tenants',
  `WITH RECURSIVE steps (tenant) AS (
     (SELECT tenant FROM lh.jobs WHERE tenant <> '${DEFAULT_TENANT}' AND tenant > $1 ORDER BY tenant LIMIT 1)
     UNION ALL
     SELECT (SELECT j.tenant FROM lh.jobs j WHERE j.tenant <> '${DEFAULT_TENANT}' AND j.tenant > s.tenant ORDER BY j.tenant LIMIT 1) FROM steps s WHERE s.tenant IS NOT NULL
   ), names AS (
     SELECT tenant FROM (SELECT tenant FROM steps LIMIT $2 + 2) s
     UNION SELECT tenant FROM lh.api_keys UNION SELECT tenant FROM lh.tenant_quotas UNION SELECT tenant FROM lh.schedules
     UNION SELECT tenant FROM lh.webhook_endpoints UNION SELECT '${DEFAULT_TENANT}'
   )
   SELECT n.tenant, q.quotas FROM names n LEFT JOIN lh.tenant_quotas q ON q.tenant = n.tenant
   WHERE n.tenant > $1 AND n.tenant <> '${ALL_TENANTS}' ORDER BY n.tenant LIMIT $2`,
);
