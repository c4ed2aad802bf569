import { statement } from '../pool/database.js';
import { textsOf } from '../pool/joined-texts.js';
import { noticesOf } from '../notify/notices.js';
import { becomes } from './history.js';

/**
 * The hot path: attempts that have succeeded, have told nothing on the way, and whose message is still in hand; of jobs that nobody asked to hear of, that nobody has cancelled, and that have no limits.
 * One row is returned for each. Everything else, and what this finds under another token, is for SETTLE_JOBS, which does the same and more.
 */
export const SETTLE_PLAIN = statement(
  'job:settle-plain',
  `WITH settled AS (
     UPDATE lh.jobs j SET ${becomes(`'succeeded'`, { plain: true })}, result = i.result::json, interrupted_at = NULL, run_at = NULL, finished_at = now()
     FROM unnest($1::uuid[], $2::uuid[], ${textsOf('$3')}) AS i (id, token, result)
     WHERE j.id = i.id AND j.lease_token = i.token AND j.state = 'running' AND j.notify IS NULL AND j.limit_keys IS NULL AND NOT j.cancel_requested
     RETURNING j.id, j.kind, j.lease_token, j.progress, j.events, j.cancel_requested, j.finished_at, j.redrives, j.state, j.notify
   ), noticed AS (${noticesOf('settled')})
   SELECT id, kind, lease_token, progress, events, cancel_requested, finished_at FROM settled`,
);
