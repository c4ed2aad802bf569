import { claimedBy } from '../run/claim-jobs.js';
import { statement } from '../pool/database.js';
import { timeText } from '../pool/time-text.js';

/** Of each worker. */
const RUNNING_SHOWN = 100;

const WORKER =
  'w.id, w.name, w.started_at, w.lease_until, w.lease_until < now() AS late, w.concurrency, w.queues, w.details, w.drain, w.assigned, r.jobs, r.count';
/** By the claims of the worker, so the cost is that of what runs. */
const RUNNING = `LEFT JOIN LATERAL (
     SELECT (jsonb_agg(jsonb_build_object('id', id, 'kind', kind, 'queue', queue, 'attempt', attempt, 'startedAt', started_at) ORDER BY started_at)
              FILTER (WHERE place <= ${RUNNING_SHOWN})) AS jobs, count(*)::integer AS count
     FROM (SELECT j.id, kind, queue, attempt, started_at, row_number() OVER (ORDER BY started_at) AS place
           FROM lh.jobs j WHERE j.id = ${claimedBy('w.id')} AND j.state = 'running' AND j.worker_id = w.id) j
   ) r ON true`;

export const LIST_WORKERS = statement('worker:list', `SELECT ${WORKER} FROM lh.workers w ${RUNNING} ORDER BY w.id`);
export const FIND_WORKER = statement('worker:find', `SELECT ${WORKER} FROM lh.workers w ${RUNNING} WHERE w.id = $1`);

/** $2: the queues with who and why, or null. Only where the worker will read it. */
export const ASSIGN_QUEUES = statement(
  'worker:assign-queues',
  `WITH asked AS (
     UPDATE lh.workers SET assigned = $2::jsonb || jsonb_build_object('requestedAt', ${timeText('now()')})
     WHERE id = $1 AND drain IS NULL AND lease_until > now() AND details ? 'queues'
     RETURNING *
   )
   SELECT ${WORKER} FROM asked w ${RUNNING}`,
);

/** $2: who and why. One that is a gateway too is returned, and not asked. */
export const DRAIN_WORKER = statement(
  'worker:drain',
  `WITH asked AS (
     UPDATE lh.workers SET drain = CASE WHEN details ->> 'gateway' = 'true' THEN drain
       ELSE coalesce(drain, $2::jsonb || jsonb_build_object('requestedAt', ${timeText('now()')})) END WHERE id = $1
     RETURNING *
   )
   SELECT ${WORKER} FROM asked w ${RUNNING}`,
);
