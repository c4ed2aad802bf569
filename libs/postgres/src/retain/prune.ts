import { ALL_TENANTS, DEFAULT_TENANT, EVERY_KIND } from '@app/core';
import { statement } from '../pool/database.js';
import { API } from './rule-statements.js';

/** The lowest UUIDv7 of a moment so many seconds ago: what was made later has a greater one. */
export function idBefore(seconds: string): string {
  return `(lpad(to_hex(greatest(0, extract(epoch FROM now() - ${seconds}::float8 * interval '1 second') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid`;
}

/** What a rule says of the outcome. */
const SAID = `CASE WHEN $1 = 'succeeded' THEN r.succeeded_seconds ELSE r.failed_seconds END`;

/**
 * Looks at `$4` jobs of one outcome at most, behind the id `$2` and older than `$3` seconds by their ids, and removes those that have ended as long ago as their rule
 * says (`$5` where none does; NULL is for ever). No index has `finished_at`, which every settlement would have to write: a job is older than its end, so its id bounds
 * what has to be looked at. The rules are those that hold when the statement begins: the tenant's own before those for all, the exact kind before the longest prefix
 * before every kind, and what code says last; of two configurations the longer time. Steps and events go by their foreign keys. Rows are compared whole, so that a plan that
 * was made once for any values goes by the index and no other: it would sort what the primary key finds.
 */
function pruneJobs(name: string, key: string, values: string, more = '') {
  return statement(
    name,
    `WITH looked AS MATERIALIZED (
     SELECT j.id, j.tenant, j.kind, j.finished_at FROM lh.jobs j
     WHERE (${key}, j.id) > (${values}, $2::uuid) AND (${key}, j.id) < (${values}, ${idBefore('$3')}) AND j.outcome IS NOT NULL${more}
     ORDER BY ${key}, j.id LIMIT $4
   ), kept AS MATERIALIZED (
     SELECT c.tenant, c.kind, coalesce((
       SELECT ${SAID}::float8 FROM lh.retention_rules r
       WHERE r.tenant IN (c.tenant, '${ALL_TENANTS}') AND ${SAID} IS NOT NULL
         AND (r.kinds IN (c.kind, '${EVERY_KIND}') OR (right(r.kinds, 2) = '.*' AND starts_with(c.kind, left(r.kinds, -1))))
       ORDER BY r.origin = '${API}' DESC, r.tenant <> '${ALL_TENANTS}' DESC, r.kinds = c.kind DESC, length(r.kinds) DESC, ${SAID} < 0 DESC, ${SAID} DESC LIMIT 1
     ), $5::float8) AS seconds
     FROM (SELECT DISTINCT tenant, kind FROM looked) c
   ), due AS MATERIALIZED (
     SELECT l.id, l.finished_at FROM looked l JOIN kept k ON k.tenant = l.tenant AND k.kind = l.kind
     WHERE k.seconds >= 0 AND l.finished_at < now() - k.seconds * interval '1 second'
   ), old AS (
     SELECT j.id FROM lh.jobs j JOIN due d ON d.id = j.id
     WHERE j.id = ANY (ARRAY(SELECT id FROM due)) AND j.finished_at = d.finished_at
       AND NOT EXISTS (SELECT FROM lh.notices n WHERE n.job_id = j.id)
       AND j.id NOT IN (SELECT unnest(o.job_ids) FROM lh.outbox o WHERE o.type = 'event')
     FOR UPDATE OF j SKIP LOCKED
   ), letters AS (
     DELETE FROM lh.dead_letters WHERE job_id = ANY (ARRAY(SELECT id FROM old)) AND source = 'job'
   ), gone AS (
     DELETE FROM lh.jobs WHERE id = ANY (ARRAY(SELECT id FROM old)) RETURNING id
   )
   SELECT (SELECT count(*) FROM looked)::integer AS looked, (SELECT count(*) FROM gone)::integer AS removed,
          (SELECT id FROM looked ORDER BY id DESC LIMIT 1) AS last, ${idBefore('$3')} AS "end"`,
  );
}

/** By `jobs_outcome`. */
export const PRUNE_JOBS = pruneJobs('prune:jobs', 'j.outcome', '$1::text');
/** Of one tenant, by its own index. To be planned with its values: a plan for any values reads all jobs of the tenant, and sorts them. */
export const PRUNE_JOBS_OF_TENANT = pruneJobs('prune:jobs-of-tenant', 'j.tenant, j.outcome', '$6::text, $1::text', ` AND j.tenant <> '${DEFAULT_TENANT}'`);

export const PRUNE_KEYS = statement(
  'prune:keys',
  `DELETE FROM lh.idempotency_keys WHERE (scope, key) IN (
     SELECT scope, key FROM lh.idempotency_keys WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
   ) AND expires_at <= now() RETURNING job_id`,
);

export const PRUNE_DELIVERIES = statement(
  'prune:deliveries',
  `DELETE FROM lh.webhook_deliveries WHERE id = ANY (ARRAY(
     SELECT id FROM lh.webhook_deliveries WHERE id < ${idBefore('$1')} AND finished_at < now() - $1::float8 * interval '1 second'
     ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
   )) RETURNING id`,
);

/** Of messages: a job's letter goes with its job. By `dead_letters_newest`, from its far end. */
export const PRUNE_LETTERS = statement(
  'prune:letters',
  `DELETE FROM lh.dead_letters WHERE id = ANY (ARRAY(
     SELECT id FROM lh.dead_letters
     WHERE source = 'message' AND created_at < now() - $1::float8 * interval '1 second' AND last_seen_at < now() - $1::float8 * interval '1 second'
     ORDER BY created_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
   )) RETURNING id`,
);
