import { MARKED, statement } from '../pool/database.js';
import { claimed } from '../run/claim-jobs.js';
import { historyOf } from '../run/history.js';

/**
 * The events of each job after a number. In one snapshot, so without gaps: whoever writes an event takes its number from the
 * job's row and commits both together. The history is short and comes whole; of progress and log lines come $3 at most,
 * and with none of them no result either.
 */
export const READ_EVENTS = statement(
  'events:read',
  `SELECT j.id, j.kind, j.tags, j.tenant, j.state, j.events, ${historyOf('j')} AS history, e.own,
          CASE WHEN j.finished_at IS NOT NULL THEN jsonb_build_array(CASE WHEN j.state <> 'succeeded' THEN j.errors -> -1 END, j.progress) END AS ending,
          CASE WHEN j.finished_at IS NOT NULL AND $3::integer > 0 THEN j.result::text END AS result
   FROM unnest($1::uuid[], $2::integer[]) AS i (id, after)
   JOIN lh.jobs j ON j.id = i.id AND j.events > i.after
   LEFT JOIN LATERAL (
     SELECT jsonb_agg(jsonb_build_array(o.seq, o.type, extract(epoch FROM o.at), o.data) ORDER BY o.seq) AS own
     FROM (SELECT * FROM lh.job_events WHERE job_id = j.id AND seq > i.after ORDER BY seq LIMIT $3) o
   ) e ON true`,
  MARKED,
);

/**
 * Jobs to which something happened in the last $3 seconds: among the newest of a kind and of a tag, which are $4, and among those that run.
 * No index knows when a row was changed last, for it would be written with each change.
 */
export const RECENTLY_CHANGED = statement(
  'events:recent',
  `SELECT now() AS now, ARRAY(SELECT id FROM (
     (SELECT id, ${historyOf('jobs')} AS history, state FROM lh.jobs WHERE id = ANY ($4::uuid[]))
     UNION ALL
     (SELECT id, ${historyOf('jobs')} AS history, state FROM lh.jobs WHERE id = ${claimed()} AND state = 'running' AND ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR tags @> ARRAY[$2::text]) AND ($6::text IS NULL OR tenant = $6::text)
      ORDER BY id DESC LIMIT $5)
   ) j WHERE state = 'running' OR (history -> -1 ->> 3)::float8 > extract(epoch FROM now()) - $3::float8
   GROUP BY id)::text[] AS ids`,
);
