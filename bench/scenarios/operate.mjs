// What an operator is promised, each part with its bar.

import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../tools/lib/until.mjs';
import { allEnded, fill, gateway, PATIENCE_MS, SLEEP } from '../lib/operator.mjs';
import { percentile } from '../lib/statistics.mjs';

const SLOTS = 100;
const LONG_MS = 600_000;
/** Letters a second that are asked for. */
const RATE = 500;

/** @typedef {import('../lib/stack.mjs').Stack} Stack */
/** @typedef {import('../lib/run-scenario.mjs').Bench} Bench */
/** @typedef {Awaited<ReturnType<typeof gateway>>} Gateway */

/** @type {Record<string, { title: string, settings: string, measure: (stack: Stack, bench: Bench) => Promise<import('../lib/run-scenario.mjs').Repeat> }>} */
const PARTS = {
  cancel: {
    title: 'a cancel across processes',
    settings: `${SLOTS} jobs run at a time, each is cancelled at the gateway: from the commit of the cancel to the signal of its handler, in the worker`,
    measure: (stack, bench) => cancelEach(stack, bench, (api, id) => api.call('POST', `/jobs/${id}/cancel`, {})),
  },
  'cancel-unheard': {
    title: 'the same with every hint lost',
    settings: 'cancelled in the database, so that no worker is sent a message',
    measure: (stack, bench) =>
      cancelEach(stack, bench, (_, id) =>
        stack.query(
          `UPDATE jobs SET cancel_requested = true, cancel = jsonb_build_object('requestedAt', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) WHERE id = $1`,
          [id],
        ),
      ),
  },
  'cancel-many': {
    title: '100,000 jobs cancelled by a filter',
    settings: 'queued jobs; beside it 50 submissions a second, whose p99 is compared with that of as many before it',
    measure: cancelMany,
  },
  schedules: {
    title: '10,000 schedules due in one second',
    settings: 'one gateway, once each; from that second to the commit of the last job',
    measure: dueTogether,
  },
  letters: {
    title: '100,000 dead letters',
    settings: `of 1,000 causes: the page of groups, median of ten; then 10,000 of them put back by one filter at ${RATE} a second, by the times of their jobs`,
    measure: deadLetters,
  },
};

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const operate = {
  what: 'what an operator is promised, each part on a gateway, a worker and services of its own. Pages of lists over a million jobs: bench/million/lists.mjs.',
  once: true,
  subjects: () => Object.entries(PARTS).map(([id, { title, settings }]) => ({ id, peer: 'longhaul', title, settings, with: { longhaulEnv: { WORKER_CONCURRENCY: String(SLOTS) } } })), // prettier-ignore
  metrics: [
    { name: 'count', title: 'of them', better: 'more' },
    { name: 'signalMs', title: 'signal p99 ms', better: 'less' },
    { name: 'seconds', title: 'seconds', better: 'less' },
    { name: 'submitP99', title: 'submit p99 : before', better: 'less' },
    { name: 'groupMs', title: 'groups ms', better: 'less' },
    { name: 'ofRate', title: 'rate : asked', better: 'more' },
  ],
  targets: [
    { metric: 'signalMs', of: 'cancel', atMost: 100 },
    { metric: 'signalMs', of: 'cancel-unheard', atMost: 1_500 },
    { metric: 'seconds', of: 'cancel-many', atMost: 30 },
    { metric: 'submitP99', of: 'cancel-many', atMost: 1.5 },
    { metric: 'seconds', of: 'schedules', atMost: 5 },
    { metric: 'groupMs', of: 'letters', atMost: 1_000 },
    { metric: 'ofRate', of: 'letters', atLeast: 0.9 },
    { metric: 'ofRate', of: 'letters', atMost: 1.1 },
  ],
  measure: (stack, { id }, bench) => /** @type {NonNullable<typeof PARTS[string]>} */ (PARTS[id]).measure(stack, bench),
};

/**
 * Cancels jobs that run, one after the other.
 * @param {Stack} stack @param {Bench} bench @param {(api: Gateway, id: string) => Promise<unknown>} cancel
 */
async function cancelEach(stack, { jobs }, cancel) {
  const api = await gateway(stack);
  await stack.startWorker();
  const count = jobs(1_000);
  for (let left = count; left > 0; left -= SLOTS) {
    const ids = await api.submitMany(Math.min(left, SLOTS), { ms: LONG_MS });
    const running = async () => (await stack.query(`SELECT FROM jobs WHERE id = ANY ($1::uuid[]) AND state <> 'running' LIMIT 1`, [ids])).length === 0;
    await until('the jobs to run', running, { timeoutMs: PATIENCE_MS, everyMs: 50, signal: stack.options.signal });
    for (const id of ids) {
      await cancel(api, id);
      await delay(5);
    }
    await allEnded(stack);
  }
  const rows = await stack.query(
    `SELECT extract(epoch FROM (cancel ->> 'acknowledgedAt')::timestamptz - (cancel ->> 'requestedAt')::timestamptz)::float8 * 1000 AS ms FROM jobs WHERE state = 'cancelled'`,
  );
  const times = rows.map((/** @type {{ ms: number | null }} */ { ms }) => ms ?? Infinity);
  return { count: times.length, signalMs: percentile(times, 99) };
}

/** @param {Stack} stack @param {Bench} bench */
async function cancelMany(stack, { jobs, seconds }) {
  const api = await gateway(stack);
  const count = jobs(100_000);
  await fill(stack, count, LONG_MS, null);
  // The worker does the act. The jobs wait in their queue meanwhile.
  await api.call('POST', '/queues/default/pause', {});
  await stack.startWorker();
  const before = await submitFor(api, () => delay(seconds(15) * 1_000));
  const began = performance.now();
  let tookMs = 0;
  const during = await submitFor(api, async () => {
    const { id } = await api.call('POST', '/jobs/cancel', { filter: { kind: SLEEP } });
    await ended(stack, id);
    tookMs = performance.now() - began;
  });
  const [{ left }] = await stack.query(`SELECT count(*)::int AS left FROM jobs WHERE kind = $1 AND state <> 'cancelled'`, [SLEEP]);
  if (left > 0) throw new Error(`expected all jobs to be cancelled, ${left} are not`);
  return { count, seconds: tookMs / 1_000, submitP99: percentile(during, 99) / percentile(before, 99) };
}

/**
 * Submits 50 times a second while `work` goes on. How long each took, in milliseconds.
 * @param {Gateway} api @param {() => Promise<unknown>} work
 */
async function submitFor(api, work) {
  /** @type {number[]} */
  const times = [];
  let over = false;
  const working = work().finally(() => (over = true));
  const submitting = (async () => {
    for (let next = performance.now(); !over; next += 20) {
      await delay(Math.max(0, next - performance.now()));
      const began = performance.now();
      await api.call('POST', '/jobs', { kind: 'debug.echo', payload: { value: 1 } });
      times.push(performance.now() - began);
    }
  })();
  await Promise.all([working, submitting]);
  return times;
}

/** @param {Stack} stack @param {Bench} bench */
async function dueTogether(stack, { jobs }) {
  const api = await gateway(stack);
  const count = jobs(10_000);
  await api.call('PUT', '/schedules/bench-1', { kind: 'debug.echo', payload: { value: 1 }, spec: { every: '1h' } });
  // The others are copies of the one that the API has made, and all are due in three seconds.
  const [{ columns }] = await stack.query(
    `SELECT string_agg(quote_ident(column_name), ', ') AS columns FROM information_schema.columns WHERE table_name = 'schedules' AND column_name <> 'id'`,
  );
  await stack.query(`INSERT INTO schedules (id, ${columns}) SELECT 'bench-' || n, ${columns} FROM schedules, generate_series(2, $1::integer) n`, [count]);
  const [{ due }] = await stack.query(
    `UPDATE schedules SET next_tick = date_trunc('second', now()) + interval '3 seconds', due_at = date_trunc('second', now()) + interval '3 seconds' RETURNING due_at AS due`,
  );
  const submitted = async () => (await stack.query('SELECT count(*)::int AS count FROM jobs WHERE origin IS NOT NULL'))[0].count >= count;
  await until('all schedules to submit', submitted, { timeoutMs: PATIENCE_MS, everyMs: 100, signal: stack.options.signal });
  const [{ seconds, made }] = await stack.query(
    `SELECT extract(epoch FROM max(created_at) - $1::timestamptz)::float8 AS seconds, count(*)::int AS made FROM jobs WHERE origin IS NOT NULL`,
    [due],
  );
  return { count: made, seconds };
}

/** @param {Stack} stack @param {Bench} bench */
async function deadLetters(stack, { jobs }) {
  const api = await gateway(stack);
  const [count, moved] = [jobs(100_000), jobs(10_000)];
  await stack.query(
    `WITH made AS (
       INSERT INTO jobs (id, kind, queue, state, payload, queued_at, finished_at, events, priority, max_attempts, attempt, errors)
       SELECT gen_random_uuid(), 'debug.echo', 'default', 'failed', '{"value":1}', now(), now(), 3, 0, 3, 3,
              jsonb_build_array(jsonb_build_object('code', 'handler_error', 'name', 'Error', 'message', 'no. ' || n % 1000, 'attempt', 3, 'at', '2026-01-31T08:00:00.000Z'))
       FROM generate_series(1, $1::integer) n RETURNING id, kind, queue, errors
     )
     INSERT INTO dead_letters (identity, source, reason, detail, job_id, kind, queue, error, fingerprint)
     SELECT 'job:' || id || ':0', 'job', 'handler_error', errors -> 0 ->> 'message', id, kind, queue, errors -> 0, md5(errors -> 0 ->> 'message') FROM made`,
    [count],
  );
  await stack.query('VACUUM ANALYZE dead_letters, jobs');
  await stack.startWorker();
  /** @type {number[]} */
  const times = [];
  for (let number = 0; number < 10; number++) {
    const began = performance.now();
    await api.call('GET', '/dead-letters/groups?limit=50');
    times.push(performance.now() - began);
  }
  const [{ from }] = await stack.query(
    `UPDATE dead_letters SET reason = 'moved' WHERE id IN (SELECT id FROM dead_letters LIMIT $1) RETURNING now()::text AS from`,
    [moved],
  );
  const { id } = await api.call('POST', '/dead-letters/redrive', { reason: 'moved', rate: RATE });
  await ended(stack, id);
  const [{ redriven, seconds }] = await stack.query(
    `SELECT count(*)::int AS redriven, extract(epoch FROM max(redriven_at) - min(redriven_at))::float8 AS seconds FROM dead_letters WHERE redriven_at >= $1::timestamptz`,
    [from],
  );
  return { count: redriven, seconds, groupMs: percentile(times, 50), ofRate: redriven / seconds / RATE };
}

/** @param {Stack} stack @param {string} id */
async function ended(stack, id) {
  const over = async () => (await stack.query('SELECT FROM jobs WHERE id = $1 AND finished_at IS NOT NULL', [id])).length > 0;
  await until('the act to end', over, { timeoutMs: PATIENCE_MS, everyMs: 100, signal: stack.options.signal });
}
