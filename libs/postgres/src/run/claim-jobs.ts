import { PRESENCE_LOCK } from '../locks.js';
import { MARKED, statement } from '../pool/database.js';
import { jobColumns, leanClaimedColumns } from './job-row.js';
import { hasSlots, uniqueKeysFreedBy } from '../flow/slots.js';
import { becomes } from './history.js';
import { QUEUES_WAITING } from '../room/places.js';

/** In the SET of a claim; `i` has the token and the copy. */
export const CLAIMED = `${becomes(`'running'`, { attempt: 'j.attempt + 1', plain: true })}, attempt = j.attempt + 1, fence = j.fence + 1, lease_token = i.token, publish_id = i.publish_id,
     started_at = coalesce(j.started_at, now()), start_before = NULL, run_at = NULL, queued_at = CASE WHEN j.state = 'scheduled' THEN j.run_at ELSE j.queued_at END`;

/** Whether a queued job may still start. One that has started once has no bound any more. */
export const IN_TIME = '(j.start_before IS NULL OR j.start_before > now())';

/** A job that was moved to another queue since `i` became due is not claimed by it: see `change-waiting`. */
export const OF_QUEUE = '(i.queue IS NULL OR i.queue = j.queue)';

/** How long the job has waited for its attempt, in seconds. */
const WAITED = 'greatest(extract(epoch FROM now() - j.queued_at), 0)::float8 AS waited';

/** Of the claims that take many jobs. */
const LEAN = { columns: leanClaimedColumns('j') };

/** The claim's second half: in `claims` stands what runs, see its migration. The CTE has the claimed jobs, $n is the worker. */
function noted(cte: string, workerId: string): string {
  return `INSERT INTO lh.claims (worker_id, job_ids) SELECT ${workerId}::integer, array_agg(id) FROM ${cte} HAVING count(*) > 0`;
}

/** An UPDATE of jobs that makes them the worker's, written down in the same statement. `more`: further CTEs, `returning`: a column for them. */
export function claiming(update: string, workerId: string, { columns = jobColumns('j'), waited = WAITED, more = '', returning = '' } = {}): string {
  const all = [columns, waited, ...(returning === '' ? [] : [returning])].join(', ');
  return `claimed AS (${update} RETURNING ${all}), noted AS (${noted('claimed', workerId)})${more} SELECT * FROM claimed`;
}

/** Of jobs that a statement without a lock before it may claim: the others are claimed by CLAIM_LIMITED. */
const FREE = 'j.limit_keys IS NULL AND j.unique_key IS NULL';

/** Ids of all that may run, or of those whose claim `c` fits: a superset, for what has ended is taken out a little later. */
export function claimed(condition = 'true'): string {
  return `ANY (ARRAY(SELECT unnest(c.job_ids) FROM lh.claims c WHERE ${condition}))`;
}

export function claimedBy(workerId: string): string {
  return claimed(`c.worker_id = ${workerId}`);
}

/**
 * The hot path: queued jobs without suspicion, limits and unique key become ours. What is not returned needs a look, see `CLAIM_FACTS`.
 * An UPDATE finds the newest version of each row, so of two claims of one job exactly one is granted.
 */
export const CLAIM_JOBS = statement(
  'job:claim',
  `WITH ${claiming(
    `UPDATE lh.jobs j SET ${CLAIMED}, worker_id = $4
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $5::text[]) AS i (job_id, publish_id, token, queue)
     WHERE j.id = i.job_id AND j.state = 'queued' AND ${OF_QUEUE} AND j.crashes = 0 AND j.attempt < j.max_attempts AND ${FREE} AND ${IN_TIME}`,
    '$4',
    LEAN,
  )}`,
  MARKED,
);

/** One job that has crashed a worker before; its claimant runs it alone. */
export const CLAIM_SUSPECT = statement(
  'job:claim-suspect',
  `WITH ${claiming(
    `UPDATE lh.jobs j SET ${CLAIMED}, worker_id = $4
     FROM (SELECT $1::uuid AS job_id, $2::uuid AS publish_id, $3::uuid AS token, $5::text AS queue) AS i
     WHERE j.id = i.job_id AND j.state = 'queued' AND ${OF_QUEUE} AND j.attempt < j.max_attempts AND ${FREE} AND ${IN_TIME}`,
    '$4',
  )}`,
  MARKED,
);

/**
 * Why a job could not be claimed. The owner of a running one is alive if its lease holds and its advisory lock is taken:
 * a lock that can be had (it is given back at the end of the statement) was held by a session that is gone.
 */
export const CLAIM_FACTS = statement(
  'job:claim-facts',
  `SELECT j.id, j.state, j.attempt, j.max_attempts, j.crashes, coalesce(j.start_before <= now(), false) AS late, j.lease_token, j.publish_id, j.worker_id,
          j.state = 'running' AND NOT o.died AND EXISTS (SELECT FROM lh.workers w WHERE w.id = j.worker_id AND w.lease_until > now()) AS owner_alive,
          o.died AS owner_died, j.queue, NOT (${FREE}) AS limited, j.limit_keys IS NOT NULL AND NOT ${hasSlots('j')} AS waits
   FROM lh.jobs j, LATERAL (SELECT CASE WHEN j.state = 'running' THEN pg_try_advisory_xact_lock(${PRESENCE_LOCK}, j.worker_id) ELSE false END AS died OFFSET 0) o
   WHERE j.id = ANY ($1::uuid[])`,
);

/** From a dead owner, whose attempt goes on as the same one, or from an earlier claim of this very process whose answer was lost ($6 false: then nothing is counted). */
export const TAKE_OVER = statement(
  'job:take-over',
  `WITH ${claiming(
    `UPDATE lh.jobs j SET ${becomes(`'running'`)}, lease_token = $3, publish_id = $2, worker_id = $4, fence = j.fence + 1,
            crashes = j.crashes + $6::boolean::integer,
            errors = CASE WHEN $6 THEN ${appended(`jsonb_set($7::jsonb, '{attempt}', to_jsonb(j.attempt))`)} ELSE j.errors END
     WHERE j.id = $1 AND j.state = 'running' AND j.lease_token = $5 AND (NOT $6 OR j.crashes + 1 < $8::integer)`,
    '$4',
    { waited: 'NULL::float8 AS waited' },
  )}`,
  MARKED,
);

/**
 * What CLAIM_DUE has taken and may not run, because limits were set since, or it was moved to another queue: it waits in the room. `refused` keeps the place that it has;
 * in nearly every claim there is none.
 */
const SLOTLESS_STAY = `refused AS MATERIALIZED (
     SELECT j.* FROM lh.jobs j WHERE j.id = ANY (ARRAY(SELECT job_id FROM due UNION SELECT job_id FROM turn EXCEPT SELECT id FROM claimed)) AND j.state = 'queued'
       AND ((j.limit_keys IS NOT NULL AND NOT ${hasSlots('j')})
         OR (EXISTS (SELECT FROM due d WHERE d.job_id = j.id AND d.queue <> j.queue) AND j.id NOT IN (SELECT job_id FROM turn)))
   ), stay AS (
     INSERT INTO lh.waiting_room (job_id, queue, kind, priority, virtual_time, flow_key, limit_keys, suspect, start_before)
     SELECT id, queue, kind, priority, extract(epoch FROM queued_at), flow_key, limit_keys, crashes > 0, start_before FROM refused
     ON CONFLICT (job_id) DO NOTHING
   )`;

/** CTEs; the last, `open`, has the queues with jobs in the room that this claim may take from. */
const OPEN_QUEUES = `${QUEUES_WAITING}, open AS MATERIALIZED (
     SELECT queue FROM waiting WHERE queue IS NOT NULL AND ($1::text[] IS NULL OR queue = ANY ($1)) AND queue NOT IN (SELECT name FROM lh.queues WHERE paused_at IS NOT NULL)
   )`;

/** A job of the waiting room `w` that this claim may take. */
const TAKES_TURN = `w.parked_on IS NULL AND w.limit_keys IS NULL AND NOT w.suspect AND w.kind NOT IN (SELECT kind FROM lh.paused_kinds)`;

/**
 * Single-process mode: takes due outbox rows, highest priority and oldest first, and claims their jobs, in one statement; the outbox
 * row is gone with the claim, so from here on lease and sweep guard the job. A lateral look for each priority keeps the
 * order without sorting the backlog. A row of several jobs (of a time with a broker) is taken when it has been split: see `SPLIT_ROWS`.
 * Where those are fewer than $2, jobs of the waiting room without limits follow, in the order of their queues; of one priority, queues take turns. None under
 * suspicion: in this mode they do not wait there, see `SUSPECTS_OUT`.
 */
export const CLAIM_DUE = statement('job:claim-due', claimingDue(inOrder('due', 'turn')), MARKED);

/**
 * The same where kinds take several slots: $5 are free, and a job of kind $6[n] takes $7[n] of them, any other one. The jobs of one order are taken until
 * the next takes more than are left; it keeps those behind it from passing it.
 */
export const CLAIM_DUE_IN_SLOTS = statement(
  'job:claim-due-in-slots',
  claimingDue(
    `${inOrder('due_first', 'turn_first')}, ${fitting(`
       SELECT 0 AS part, row_number() OVER () AS place, id, job_id, queue FROM due_first
       UNION ALL SELECT 1, row_number() OVER (), NULL, job_id, queue FROM turn_first`)}`,
  ),
  MARKED,
);

/**
 * The same of those that have waited longest: of the first of each priority, in the outbox and in each queue of the room, in the order of their age. $4 is false:
 * suspects have slots of their own, which no priority can fill.
 */
export const CLAIM_OLDEST = statement(
  'job:claim-oldest',
  claimingDue(
    `due_first AS (
     SELECT o.* FROM generate_series(0, 9) AS p (priority) CROSS JOIN LATERAL (${dueOf('p.priority')}) o
   ), ${OPEN_QUEUES}, turn_first AS (
     SELECT f.*, q.queue FROM open q CROSS JOIN generate_series(0, 9) AS p (priority) CROSS JOIN LATERAL (${turnOf('p.priority')}) f
   ), ${fitting(
     `
       SELECT part, row_number() OVER (ORDER BY since, job_id) AS place, id, job_id, queue FROM (
         SELECT 0 AS part, available_at AS since, id, job_ids[1] AS job_id, queue FROM due_first
         UNION ALL SELECT 1, entered_at, NULL, job_id, queue FROM turn_first
       ) a ORDER BY since, job_id LIMIT $2`,
     'place',
   )}`,
  ),
  MARKED,
);

/** Rows of the outbox of one priority whose job this claim may take, the oldest first. */
function dueOf(priority: string): string {
  return `SELECT id, job_ids, queue, available_at FROM lh.outbox
       WHERE outbox.priority = ${priority} AND available_at <= now() AND type = 'job' AND suspect = $4 AND cardinality(job_ids) = 1
         AND ($1::text[] IS NULL OR queue = ANY ($1)) AND queue NOT IN (SELECT name FROM lh.queues WHERE paused_at IS NOT NULL)
         AND (NOT (SELECT EXISTS (SELECT FROM lh.paused_kinds)) OR NOT EXISTS (SELECT FROM lh.jobs k JOIN lh.paused_kinds p ON p.kind = k.kind WHERE k.id = job_ids[1]))
       ORDER BY available_at LIMIT $2 FOR UPDATE SKIP LOCKED`;
}

/** Places of one priority in the room, of the queue `q`, in their order. */
function turnOf(priority: string): string {
  return `SELECT w.job_id, w.virtual_time, w.entered_at FROM lh.waiting_room w
           WHERE w.queue = q.queue AND w.priority = ${priority} AND ${TAKES_TURN} ORDER BY w.virtual_time, w.job_id LIMIT $2 FOR UPDATE SKIP LOCKED`;
}

/** CTEs of these names: rows of the outbox, and places of the room where those are too few. */
function inOrder(due: string, turn: string): string {
  return `${due} AS (
     SELECT o.id, o.job_ids[1] AS job_id, o.queue FROM generate_series(9, 0, -1) AS p (priority) CROSS JOIN LATERAL (${dueOf('p.priority')}) o LIMIT $2
   ), ${OPEN_QUEUES}, ${turn} AS (
     SELECT t.job_id, t.queue FROM generate_series(CASE WHEN $4 THEN -1 ELSE 9 END, 0, -1) AS p (priority)
     CROSS JOIN LATERAL (
       SELECT r.job_id, q.queue FROM open q CROSS JOIN LATERAL (
         SELECT f.job_id, f.virtual_time, row_number() OVER () AS place FROM (${turnOf('p.priority')}) f
       ) r ORDER BY r.place, r.virtual_time LIMIT $2
     ) t LIMIT $2 - (SELECT count(*) FROM ${due})
   )`;
}

/** CTEs `due` and `turn`: the first of these candidates (`part` 0: of the outbox) that have their slots together. */
function fitting(candidates: string, by = 'part, place'): string {
  return `fitting AS (
     SELECT part, f.id, job_id, f.queue, sum(coalesce(s.slots, 1)) OVER (ORDER BY ${by}) AS taken FROM (${candidates}
     ) f LEFT JOIN lh.jobs k ON k.id = f.job_id LEFT JOIN unnest($6::text[], $7::integer[]) AS s (kind, slots) ON s.kind = k.kind
   ), due AS (
     SELECT id, job_id, queue FROM fitting WHERE part = 0 AND taken <= $5::integer
   ), turn AS (
     SELECT job_id, queue FROM fitting WHERE part = 1 AND taken <= $5::integer
   )`;
}

/** `candidates`: CTEs, of which `due` and `turn` are what this claim takes. */
function claimingDue(candidates: string): string {
  return `WITH RECURSIVE ${candidates}, taken AS (
     DELETE FROM lh.outbox WHERE id = ANY (ARRAY(SELECT id FROM due))
   ), left_room AS (
     DELETE FROM lh.waiting_room WHERE job_id = ANY (ARRAY(SELECT job_id FROM turn UNION ALL SELECT job_id FROM due EXCEPT SELECT id FROM refused))
   ), ${claiming(
     `UPDATE lh.jobs j SET ${CLAIMED}, worker_id = $3
      FROM (SELECT job_id, queue, gen_random_uuid() AS token, NULL::uuid AS publish_id FROM (SELECT job_id, queue FROM due UNION SELECT job_id, queue FROM turn) d) AS i
      WHERE j.id = i.job_id AND ${OF_QUEUE} AND j.id = ANY (ARRAY(SELECT job_id FROM due UNION ALL SELECT job_id FROM turn)) AND (j.state = 'queued' OR (j.state = 'scheduled' AND j.run_at <= now())) AND j.attempt < j.max_attempts AND ${IN_TIME}
        AND (j.limit_keys IS NULL OR ${hasSlots('j')})`,
     '$3',
     { ...LEAN, more: `, ${SLOTLESS_STAY}, ${uniqueKeysFreedBy('claimed')}`, returning: 'j.unique_key' },
   )}`;
}

/** A job's errors with one more; the last 20 are kept. */
export function appended(error: string): string {
  return `(CASE WHEN jsonb_array_length(j.errors) >= 20 THEN j.errors - 0 ELSE j.errors END) || ${error}`;
}
