import type { EntityManager } from 'typeorm';
import { type Database, statement } from '../pool/database.js';
import { CAPACITY, EVERY_MS, limitOn, unstarted } from './limit-columns.js';

/** Keys that one look goes through; the next one goes on behind them. */
const KEYS_A_LOOK = 500;
/** Jobs of one key that one look wakes at most. */
const MOST_WOKEN = 1_000;
/** So many more than there is room for: of those that are woken some wait for another key, and the others must not wait for the next look with them. */
const SURPLUS = 8;

/**
 * Jobs that are parked on a key with room become ready, the first of each key; those of a limit that is gone all do. The release then decides: what it has no
 * room for is parked again. Of keys after $1, in their order, $2 at most; by the index alone, a probe for each.
 * `next_ms`: when a rate gives its next start, for which a job waits.
 */
export const WAKE_PARKED = statement(
  'flow:wake',
  `WITH RECURSIVE parked (key) AS (
     (SELECT w.parked_on FROM lh.waiting_room w WHERE w.parked_on > $1::text ORDER BY w.parked_on LIMIT 1)
     UNION ALL
     SELECT (SELECT w.parked_on FROM lh.waiting_room w WHERE w.parked_on > p.key ORDER BY w.parked_on LIMIT 1) FROM parked p WHERE p.key IS NOT NULL
   ), keys AS MATERIALIZED (
     SELECT key FROM parked WHERE key IS NOT NULL LIMIT $2::integer
   ), rated AS MATERIALIZED (
     SELECT k.key, l.name IS NULL AS gone, ${CAPACITY} - (SELECT count(*) FROM lh.flow_slots s WHERE s.limit_key = k.key) AS slots,
            ${EVERY_MS} AS every_ms, coalesce(l.burst, 1) AS burst,
            greatest(extract(epoch FROM r.next_at - clock_timestamp()) * 1000, 0)::float8 AS behind_ms,
            CASE WHEN l.strict THEN 1 - ${unstarted('k.key')} END AS strict
     FROM keys k LEFT JOIN ${limitOn('k.key')} LEFT JOIN lh.flow_rates r ON r.limit_key = k.key
   ), counted AS MATERIALIZED (
     SELECT *, CASE WHEN every_ms IS NOT NULL THEN greatest(floor(burst - least(coalesce(behind_ms, 0), burst * every_ms) / every_ms), 0) END AS tokens FROM rated
   ), room AS MATERIALIZED (
     SELECT *, CASE WHEN gone THEN ${MOST_WOKEN} ELSE least(${MOST_WOKEN}, slots, tokens, strict)::integer END AS jobs FROM counted
   ), woken AS (
     UPDATE lh.waiting_room w SET parked_on = NULL WHERE w.job_id = ANY (ARRAY(
       SELECT b.job_id FROM room m CROSS JOIN LATERAL (
         SELECT f.job_id FROM generate_series(9, 0, -1) AS p (priority) CROSS JOIN LATERAL (
           SELECT w.job_id FROM lh.waiting_room w WHERE w.parked_on = m.key AND w.priority = p.priority
           ORDER BY w.virtual_time, w.job_id LIMIT m.jobs + ${SURPLUS} FOR UPDATE SKIP LOCKED
         ) f LIMIT m.jobs + ${SURPLUS}
       ) b WHERE m.jobs > 0
     )) RETURNING w.job_id
   )
   SELECT (SELECT count(*)::integer FROM woken) AS woken, (SELECT max(key) FROM keys HAVING count(*) = $2::integer) AS last,
          (SELECT min(CASE WHEN tokens > 0 THEN every_ms ELSE least(behind_ms, burst * every_ms) - (burst - 1) * every_ms END)::float8 FROM room
           WHERE every_ms IS NOT NULL AND coalesce(slots > 0, true)) AS next_ms`,
);

/** What a look at the parked jobs has done. */
export interface Woken {
  jobs: number;
  /** Milliseconds until a rate gives its next start to a job that waits for it; null when none does. */
  nextMs: number | null;
}

/** Looks through the keys that jobs are parked on, some at each look. */
export class ParkedJobs {
  private after = '';

  constructor(private readonly db: Database) {}

  /** One statement. A crash changes nothing: what is woken and not released is looked at again, with all that is ready. */
  async wake(transaction?: EntityManager): Promise<Woken> {
    const [row] = await this.db.run<{ woken: number; last: string | null; next_ms: number | null }>(WAKE_PARKED, [this.after, KEYS_A_LOOK], transaction);
    this.after = row?.last ?? '';
    return { jobs: row?.woken ?? 0, nextMs: row?.next_ms ?? null };
  }
}
