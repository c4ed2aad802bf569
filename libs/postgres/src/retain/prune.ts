import { statement } from '../pool/database.js';

/** The lowest UUIDv7 of a moment so many seconds ago: what was made later has a greater one. */
export function idBefore(seconds: string): string {
  return `(lpad(to_hex((extract(epoch FROM now() - ${seconds}::float8 * interval '1 second') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid`;
}

/**
 * By `jobs_outcome`, oldest first. No index on `finished_at`, which every settlement would have to write: a job is older than
 * its end, so its id bounds what has to be looked at. Steps and events go by their foreign keys.
 */
export const PRUNE_JOBS = statement(
  'prune:jobs',
  `WITH old AS (
     SELECT id FROM lh.jobs j
     WHERE j.outcome = ANY ($1::text[]) AND j.id < ${idBefore('$2')} AND j.finished_at < now() - $2::float8 * interval '1 second'
       AND NOT EXISTS (SELECT FROM lh.notices n WHERE n.job_id = j.id)
       AND j.id NOT IN (SELECT o.job_ids[1] FROM lh.outbox o WHERE o.type = 'event')
     ORDER BY j.outcome, j.id LIMIT $3 FOR UPDATE SKIP LOCKED
   ), letters AS (
     DELETE FROM lh.dead_letters WHERE job_id = ANY (ARRAY(SELECT id FROM old)) AND source = 'job'
   )
   DELETE FROM lh.jobs WHERE id = ANY (ARRAY(SELECT id FROM old)) RETURNING id`,
);

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
