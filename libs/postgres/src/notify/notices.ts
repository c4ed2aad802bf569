import { REPLY_CHANNEL } from '@app/contracts';
import { statement } from '../pool/database.js';
import { jobColumns } from '../run/job-row.js';

/**
 * The notice of each job of a CTE that has ended and that somebody wants to hear of; the CTE has jobs' columns. Goes into
 * every statement that ends jobs, so that no crash comes between. Jobs that nobody asked about cost one look at the
 * endpoints for each statement.
 */
export function noticesOf(cte: string): string {
  return `INSERT INTO lh.notices (job_id, redrives, state)
     SELECT id, redrives, state FROM ${cte}
     WHERE state IN ('succeeded', 'failed', 'cancelled') AND kind NOT LIKE 'longhaul.%'
       AND (jsonb_path_exists(notify, '$[*] ? (@.channel != "${REPLY_CHANNEL}")') OR EXISTS (SELECT FROM lh.webhook_endpoints WHERE disabled_at IS NULL))
     ON CONFLICT DO NOTHING`;
}

/** Locks and removes; null where the job has moved on since. */
export const TAKE_NOTICES = statement(
  'notice:take',
  `WITH due AS (
     SELECT job_id, redrives FROM lh.notices WHERE available_at <= now() ORDER BY available_at LIMIT $1 FOR UPDATE SKIP LOCKED
   ), taken AS (
     DELETE FROM lh.notices n USING due WHERE n.job_id = due.job_id AND n.redrives = due.redrives RETURNING n.*
   )
   SELECT ${jobColumns('j')} FROM taken t LEFT JOIN lh.jobs j ON j.id = t.job_id AND j.redrives = t.redrives AND j.state = t.state`,
);

export const PUT_OFF_NOTICE = statement(
  'notice:put-off',
  `UPDATE lh.notices n SET available_at = now() + $1::float8 * interval '1 second'
   FROM (SELECT job_id, redrives FROM lh.notices WHERE available_at <= now() ORDER BY available_at LIMIT 1 FOR UPDATE SKIP LOCKED) first
   WHERE n.job_id = first.job_id AND n.redrives = first.redrives`,
);
