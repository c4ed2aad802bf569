import { idBefore } from '../retain/prune.js';
import { claimed } from '../run/claim-jobs.js';
import { statement } from '../pool/database.js';

/** What grows with each job. */
const SUMS = ['accepted', 'started', 'succeeded', 'failed', 'cancelled', 'retried', 'run_ms', 'wait_ms'];
const HISTOGRAMS = ['run', 'wait'];
const COLUMNS = ['step', 'at', 'queue', 'kind', ...SUMS, ...HISTOGRAMS];

/** Element by element; the shorter one counts as zeros at its end. */
const summed = (column: string) =>
  `${column} = ARRAY(SELECT coalesce(o.old, 0) + coalesce(o.new, 0) FROM unnest(s.${column}, excluded.${column}) WITH ORDINALITY AS o (old, new, place) ORDER BY o.place)`;

/**
 * Adds rows to the buckets, unless this process has written this number before: then only its answer was lost. The rows come in one order, so that of
 * two processes neither waits for the other for ever.
 */
export const ADD_FIGURES = statement(
  'stats:add',
  `WITH turn AS (
     INSERT INTO lh.stats_writers AS w (process, number) VALUES ($1::uuid, $2::integer)
     ON CONFLICT (process) DO UPDATE SET number = excluded.number, at = now() WHERE w.number < excluded.number
     RETURNING number
   )
   INSERT INTO lh.stats AS s (${COLUMNS.join(', ')})
   SELECT i.step, to_timestamp(i.at / 1000), i.queue, i.kind, i.accepted, i.started, i.succeeded, i.failed, i.cancelled, i.retried, i.run_ms, i.wait_ms,
          i.run::integer[], i.wait::integer[]
   FROM turn CROSS JOIN unnest($3::smallint[], $4::float8[], $5::text[], $6::text[], $7::integer[], $8::integer[], $9::integer[], $10::integer[], $11::integer[],
     $12::integer[], $13::float8[], $14::float8[], $15::text[], $16::text[]) WITH ORDINALITY AS i (${COLUMNS.join(', ')}, place)
   ORDER BY i.place
   ON CONFLICT (step, at, queue, kind) DO UPDATE SET ${[...SUMS.map((column) => `${column} = s.${column} + excluded.${column}`), ...HISTOGRAMS.map(summed)].join(', ')}`,
);

/** $4, $5: of one queue, of one kind; NULL: of every one. */
export const READ_FIGURES = statement(
  'stats:read',
  `SELECT step, (extract(epoch FROM at) * 1000)::float8 AS at, queue, kind, accepted, started, succeeded, failed, cancelled, retried, run_ms, wait_ms, run, wait
   FROM lh.stats WHERE step = $1 AND at >= to_timestamp($2::float8 / 1000) AND at < to_timestamp($3::float8 / 1000)
     AND ($4::text IS NULL OR queue = $4) AND ($5::text IS NULL OR kind = $5) ORDER BY at`,
);

/** Live workers by what they take, and how many are late. */
export const WORKER_GROUPS = statement(
  'stats:workers',
  `SELECT queues, coalesce((details ->> 'gateway')::boolean, false) AS gateway, lease_until <= now() AS late, count(*)::integer AS workers,
          count(drain)::integer AS draining, coalesce(sum(concurrency) FILTER (WHERE drain IS NULL), 0)::integer AS slots
   FROM lh.workers GROUP BY 1, 2, 3 ORDER BY 1, 2`,
);

/**
 * Jobs by their state at one moment, of those that were accepted since: each by an index that has no other jobs than those of its state, so that no row of a job
 * that has ended is read.
 */
export const READ_LEDGER = statement(
  'stats:ledger',
  `WITH bound AS MATERIALIZED (SELECT ${idBefore('$1')} AS id), counted AS (
     SELECT (SELECT count(*) FROM lh.jobs WHERE outcome = 'succeeded' AND id >= (SELECT id FROM bound))::integer AS succeeded,
            (SELECT count(*) FROM lh.jobs WHERE outcome = 'failed' AND id >= (SELECT id FROM bound))::integer AS failed,
            (SELECT count(*) FROM lh.jobs WHERE outcome = 'cancelled' AND id >= (SELECT id FROM bound))::integer AS cancelled,
            (SELECT count(*) FROM lh.jobs WHERE run_at IS NOT NULL AND id >= (SELECT id FROM bound))::integer AS scheduled,
            (SELECT count(*) FROM lh.jobs WHERE finished_at IS NULL AND run_at IS NULL AND id >= (SELECT id FROM bound))::integer AS waiting,
            (SELECT count(*) FROM lh.jobs WHERE id = ${claimed()} AND state = 'running' AND id >= (SELECT id FROM bound))::integer AS running
   )
   SELECT now() - $1::float8 * interval '1 second' AS since, now() AS counted_at, succeeded, failed, cancelled, scheduled, running, waiting - running AS queued,
          succeeded + failed + cancelled + scheduled + waiting AS accepted
   FROM counted`,
);

/** By `dead_letters_newest`. */
export const RECENT_FAILURES = statement(
  'stats:failures',
  `SELECT source, kind, reason, count(*)::integer AS count, (count(*) FILTER (WHERE redriven_at IS NULL))::integer AS open, max(created_at) AS last_at
   FROM (SELECT source, kind, reason, redriven_at, created_at FROM lh.dead_letters WHERE created_at > now() - $1::float8 * interval '1 second'
         ORDER BY created_at DESC, id DESC LIMIT 10000) d
   GROUP BY source, kind, reason ORDER BY count DESC, kind, reason LIMIT 50`,
);

export const FAILED_BY_KIND = statement(
  'stats:failed',
  `SELECT kind, sum(failed)::integer AS failed FROM lh.stats WHERE step = 60 AND at > now() - $1::float8 * interval '1 second' AND kind <> ''
   GROUP BY kind HAVING sum(failed) > 0`,
);

/**
 * $1, $2, $3: queues, their unfinished jobs, and those of them whose time has not come, as they were counted a moment ago. What runs is told by the claims, the
 * oldest job, and whether there is one, by `jobs_waiting`. The
 * first process that writes of a bucket is the only one.
 */
export const SAMPLE_DEPTHS = statement(
  'stats:sample',
  `WITH bucket AS (
     SELECT step::smallint AS step, date_bin(step * interval '1 second', now(), 'epoch'::timestamptz) AS at FROM unnest(ARRAY[10, 60]) AS s (step)
   ), running AS MATERIALIZED (
     SELECT queue, count(*)::integer AS jobs FROM lh.jobs WHERE id = ${claimed()} AND state = 'running' GROUP BY queue
   ), depth AS MATERIALIZED (
     SELECT q.queue, CASE WHEN o.ms IS NULL THEN 0 ELSE greatest(q.unfinished - q.scheduled - coalesce(r.jobs, 0), 1) END AS queued, q.scheduled, coalesce(r.jobs, 0) AS running, o.ms
     FROM unnest($1::text[], $2::integer[], $3::integer[]) AS q (queue, unfinished, scheduled) LEFT JOIN running r ON r.queue = q.queue
     LEFT JOIN LATERAL (
       SELECT extract(epoch FROM now() - j.queued_at)::float8 * 1000 AS ms FROM lh.jobs j
       WHERE j.queue = q.queue AND j.finished_at IS NULL AND j.run_at IS NULL AND j.state = 'queued' ORDER BY j.id LIMIT 1
     ) o ON true
   )
   INSERT INTO lh.stats_queues (step, at, queue, queued, scheduled, running, oldest_ms)
   SELECT b.step, b.at, d.queue, d.queued, d.scheduled, d.running, d.ms FROM bucket b CROSS JOIN depth d
   WHERE NOT EXISTS (SELECT FROM lh.stats_queues k WHERE k.step = b.step AND k.at = b.at)
   ORDER BY b.step, b.at, d.queue ON CONFLICT DO NOTHING`,
);

/** $4: the seconds of a point; $5: one queue, or NULL for the $6 deepest. */
export const READ_DEPTHS = statement(
  'stats:depths',
  `WITH samples AS (
     SELECT at, queue, queued, scheduled, running, oldest_ms FROM lh.stats_queues
     WHERE step = $1 AND at >= to_timestamp($2::float8 / 1000) AND at < to_timestamp($3::float8 / 1000) AND ($5::text IS NULL OR queue = $5)
   ), deepest AS (
     SELECT queue, max(queued) AS most FROM samples GROUP BY queue ORDER BY most DESC, queue LIMIT $6
   )
   SELECT queue, date_bin($4::float8 * interval '1 second', at, 'epoch'::timestamptz) AS at, max(queued) AS queued, max(scheduled) AS scheduled, max(running) AS running,
          max(oldest_ms) AS oldest
   FROM samples JOIN deepest d USING (queue) GROUP BY d.most, queue, 2 ORDER BY d.most DESC, queue, 2`,
);

const past = (table: string, key: string) =>
  `DELETE FROM lh.${table} WHERE (${key}) IN (
     SELECT ${key} FROM lh.${table} WHERE step = $1 AND at < now() - $2::float8 * interval '1 second' LIMIT $3 FOR UPDATE SKIP LOCKED
   ) RETURNING step`;

/** $1: of buckets of this width, $2: that began so many seconds ago. */
export const PRUNE_FIGURES = statement('prune:stats', past('stats', 'step, at, queue, kind'));
export const PRUNE_DEPTHS = statement('prune:stats-queues', past('stats_queues', 'step, at, queue'));

/** A process that has written nothing for an hour repeats nothing either. */
export const PRUNE_WRITERS = statement(
  'prune:stats-writers',
  `DELETE FROM lh.stats_writers WHERE process IN (
     SELECT process FROM lh.stats_writers WHERE at < now() - interval '1 hour' LIMIT $1 FOR UPDATE SKIP LOCKED
   ) RETURNING process`,
);
