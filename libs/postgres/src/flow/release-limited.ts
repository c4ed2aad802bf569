import { type Candidate, decideRelease, type JobId, type JobMessage, type KeyState, uuidv4 } from '@app/core';
import type { EntityManager } from 'typeorm';
import { type Database, statement } from '../pool/database.js';
import { CAPACITY, EVERY_MS, limitOn, unstarted } from './limit-columns.js';

/** Places that one release looks at, of each queue, beyond those that may leave: so many at most are parked at once. */
const LOOK_AHEAD = 500;

/**
 * The first places of each queue of $1 that are ready, $2 of each, in the order of the queue; of these the ones with limits, with their number among all of
 * them. Locked with their jobs: nobody cancels, claims or parks them meanwhile; what somebody else has locked is left for the next look. `queued` false:
 * the job has ended or moved on, and the place is a leftover.
 */
export const LIMITED_CANDIDATES = statement(
  'flow:candidates',
  `WITH asked AS (
     SELECT a.queue, a.jobs FROM unnest($1::text[], $2::integer[]) AS a (queue, jobs)
     WHERE NOT EXISTS (SELECT FROM lh.queues q WHERE q.name = a.queue AND q.paused_at IS NOT NULL)
   ), first AS MATERIALIZED (
     SELECT r.* FROM asked a CROSS JOIN LATERAL (
       SELECT f.job_id, f.limited, row_number() OVER (ORDER BY f.priority DESC, f.virtual_time, f.job_id)::integer AS place FROM (
         SELECT l.* FROM generate_series(9, 0, -1) AS p (priority) CROSS JOIN LATERAL (
           SELECT w.job_id, w.priority, w.virtual_time, w.limit_keys IS NOT NULL AS limited FROM lh.waiting_room w
           WHERE w.queue = a.queue AND w.priority = p.priority AND w.parked_on IS NULL AND w.kind NOT IN (SELECT kind FROM lh.paused_kinds)
           ORDER BY w.virtual_time, w.job_id LIMIT a.jobs
         ) l LIMIT a.jobs
       ) f
     ) r
   )
   SELECT w.job_id, w.queue, w.kind, w.priority, w.suspect, f.place, j.limit_keys, j.traceparent, j.state = 'queued' AS queued
   FROM first f JOIN lh.waiting_room w ON w.job_id = f.job_id JOIN lh.jobs j ON j.id = w.job_id
   WHERE f.limited AND w.parked_on IS NULL AND w.limit_keys IS NOT NULL
   ORDER BY w.priority DESC, w.virtual_time, w.job_id FOR UPDATE OF w, j SKIP LOCKED`,
);

/** What the limits of the keys $1 allow now; $2: the candidates. Keys whose limit is gone are not among them. */
export const KEY_STATES = statement(
  'flow:key-states',
  `SELECT k.limit_key AS key, ${CAPACITY} AS capacity,
          (SELECT count(*)::integer FROM lh.flow_slots s WHERE s.limit_key = k.limit_key) AS held,
          ARRAY(SELECT s.job_id::text FROM lh.flow_slots s WHERE s.job_id = ANY ($2::uuid[]) AND s.limit_key = k.limit_key) AS own,
          ${EVERY_MS} AS every_ms, coalesce(l.burst, 1) AS burst,
          (extract(epoch FROM r.next_at) * 1000)::float8 AS next_at, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now,
          CASE WHEN l.strict THEN ${unstarted('k.limit_key')} END AS unstarted
   FROM unnest($1::text[]) AS k (limit_key)
   JOIN ${limitOn('k.limit_key')}
   LEFT JOIN lh.flow_rates r ON r.limit_key = k.limit_key`,
);

/**
 * What was decided: the jobs $1 leave the room, each with a slot of every key that is under a limit ($3, $4: job and key) and with a row of the outbox ($2),
 * hidden for $5 seconds; $6 are parked on $7; the rates of $8 go on at $9; $10 had no business in the room any more.
 * `attempts` is 1: a released job has its slots, and must not take its turn again when its row falls due.
 */
export const RELEASE_LIMITED = statement(
  'flow:release',
  `WITH parked AS (
     UPDATE lh.waiting_room w SET parked_on = p.key FROM unnest($6::uuid[], $7::text[]) AS p (job_id, key) WHERE w.job_id = p.job_id AND w.job_id = ANY ($6::uuid[])
   ), gone AS (
     DELETE FROM lh.waiting_room WHERE job_id = ANY ($1::uuid[] || $10::uuid[])
   ), slots AS (
     INSERT INTO lh.flow_slots (job_id, limit_key) SELECT * FROM unnest($3::uuid[], $4::text[]) ON CONFLICT DO NOTHING
   ), rates AS (
     INSERT INTO lh.flow_rates (limit_key, next_at) SELECT r.key, to_timestamp(r.next_at / 1000) FROM unnest($8::text[], $9::float8[]) AS r (key, next_at)
     ON CONFLICT (limit_key) DO UPDATE SET next_at = excluded.next_at
   )
   INSERT INTO lh.outbox (id, type, job_ids, queue, priority, suspect, attempts, available_at)
   SELECT r.outbox_id, 'job', ARRAY[j.id], j.queue, j.priority, j.crashes > 0, 1, now() + $5::float8 * interval '1 second'
   FROM unnest($1::uuid[], $2::uuid[]) AS r (job_id, outbox_id) JOIN lh.jobs j ON j.id = r.job_id`,
);

interface CandidateRow {
  job_id: JobId;
  queue: string;
  kind: string;
  priority: number;
  place: number;
  limit_keys: string[] | null;
  traceparent: string | null;
  queued: boolean;
}

interface KeyRow {
  key: string;
  capacity: number | null;
  held: number;
  own: JobId[];
  every_ms: number | null;
  burst: number;
  next_at: number | null;
  now: number;
  unstarted: number | null;
}

/** How many jobs of a queue may leave the waiting room. */
export interface Room {
  queue: string;
  jobs: number;
}

/** What a release has done beside the messages that are to be published. */
export interface LimitedRelease {
  messages: JobMessage[];
  /** Jobs that were parked, and those of them that wait for a rate. */
  parked: number;
  rateWaits: number;
}

/**
 * Releases jobs with limits, in a transaction that holds the lock of the release: slots are counted and taken by nobody else until it ends.
 * A crash before its end leaves everything as it was. After it the slots are the jobs', and their rows of the outbox fall due after `hideSeconds`: any relay
 * publishes them. So the caller publishes the messages that this returns, each of one job, only after the commit.
 */
export async function releaseLimited(db: Database, transaction: EntityManager, wanted: readonly Room[], hideSeconds: number): Promise<LimitedRelease> {
  const rows = await db.run<CandidateRow>(LIMITED_CANDIDATES, [wanted.map(({ queue }) => queue), wanted.map(({ jobs }) => jobs + LOOK_AHEAD)], transaction);
  if (rows.length === 0) return { messages: [], parked: 0, rateWaits: 0 };
  const candidates = rows.filter(({ queued }) => queued);
  const keys = [...new Set(candidates.flatMap(({ limit_keys: all }) => all ?? []))];
  const states = await db.run<KeyRow>(KEY_STATES, [keys, candidates.map(({ job_id: id }) => id)], transaction);
  const known = new Map(states.map((row) => [row.key, stateOf(row)]));
  const room = new Map(wanted.map(({ queue, jobs }) => [queue, jobs]));
  const { released, parked, rates } = decideRelease(candidates.map(candidateOf), known, room, states[0]?.now ?? 0);
  const leftovers = rows.filter(({ queued }) => !queued).map(({ job_id: id }) => id);
  if (released.length + parked.length + leftovers.length === 0) return { messages: [], parked: 0, rateWaits: 0 };
  const ids = released.map(({ jobId }) => jobId);
  const outboxIds = released.map(() => uuidv4());
  const slots = released.flatMap((job) => job.keys.filter((key) => known.has(key)).map((key) => ({ jobId: job.jobId, key })));
  await db.run(
    RELEASE_LIMITED,
    [
      ids,
      outboxIds,
      slots.map(({ jobId }) => jobId),
      slots.map(({ key }) => key),
      hideSeconds,
      parked.map(({ jobId }) => jobId),
      parked.map(({ key }) => key),
      [...rates.keys()],
      [...rates.values()],
      leftovers,
    ],
    transaction,
  );
  const byId = new Map(candidates.map((row) => [row.job_id, row]));
  const messages = ids.map((id, index): JobMessage => messageOf(byId.get(id) as CandidateRow, outboxIds[index] as string));
  return { messages, parked: parked.length, rateWaits: parked.filter(({ rate }) => rate).length };
}

function candidateOf({ job_id: jobId, queue, place, limit_keys: keys }: CandidateRow): Candidate {
  return { jobId, queue, place, keys: keys ?? [] };
}

function stateOf({ key, capacity, held, own, every_ms: everyMs, burst, next_at: nextAt, unstarted }: KeyRow): KeyState {
  return { key, capacity, held, own, rate: everyMs === null ? null : { everyMs, burst, nextAt }, unstarted };
}

function messageOf({ job_id: jobId, kind, queue, priority, traceparent }: CandidateRow, outboxId: string): JobMessage {
  return { type: 'job', outboxId, jobIds: [jobId], kind, queue, priority, traceparent };
}
