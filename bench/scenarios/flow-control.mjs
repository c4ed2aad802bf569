// What flow control promises, each part with its bar.

import { setTimeout as delay } from 'node:timers/promises';
import { EXCESS, KEPT, MOST, STARTS } from '../../test/support/lease-statements.mjs';
import { until } from '../../tools/lib/until.mjs';
import { allEnded, fill, gateway, PATIENCE_MS, SLEEP } from '../lib/operator.mjs';
import { median, percentile } from '../lib/statistics.mjs';

const LIMIT = 5;
const LIMITED_MS = 50;
const KILL_EVERY_MS = 5_000;
/** So many rows of the room are left when the use of a limit is no longer measured. */
const NEARLY_THROUGH = 50;
const RATE = { perSecond: 10, burst: 10 };
/** Jobs that RabbitMQ may have of a queue that a worker takes from: they start together when one comes back. */
const HEADROOM = 16;
const SLOTS = 10;
const BUSY_MS = 200;
const FLOOD_MS = 50;

/** @typedef {import('../lib/stack.mjs').Stack} Stack */
/** @typedef {import('../lib/run-scenario.mjs').Bench} Bench */

/** @type {Record<string, { title: string, settings: string, slots?: number, measure: (stack: Stack, bench: Bench) => Promise<import('../lib/run-scenario.mjs').Repeat> }>} */
const PARTS = {
  kills: {
    title: `a limit of ${LIMIT}`,
    settings: `10,000 jobs of ${LIMITED_MS} ms, four workers, one is killed each ${KILL_EVERY_MS / 1_000} s; by the leases in the database`,
    measure: underKills,
  },
  rate: { title: '10/s, burst 10', settings: '400 jobs, two workers', measure: underARate },
  priority: {
    title: 'priority 9 among 0',
    settings: `100,000 jobs of ${BUSY_MS} ms wait, ${SLOTS} slots; twenty times one job of priority 9: from its commit to its start`,
    slots: SLOTS,
    measure: firstByPriority,
  },
  tenant: {
    title: 'another tenant',
    settings: `1,000,000 jobs of ${FLOOD_MS} ms of one tenant wait in a fair queue, ${SLOTS} slots; ten jobs of another: starts in all until the last of them, by twice their number`,
    slots: SLOTS,
    measure: anotherTenant,
  },
  why: { title: 'why', settings: '1,000,000 jobs wait, no worker; 500 questions, one after the other, half of them of jobs in the middle', measure: askWhy },
  'two-limits': { title: 'two limits, no contention', settings: '300 jobs one after the other, under none and under two limits in turn', measure: twoLimits },
};

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const flowControl = {
  what: 'what flow control promises, each part on a gateway, workers and services of its own. Starts are those of the database; other load of the machine is in them.',
  once: true,
  subjects: () => Object.entries(PARTS).map(([id, { title, settings, slots = SLOTS }]) => ({ id, peer: 'longhaul', title, settings, with: { longhaulEnv: { WORKER_CONCURRENCY: String(slots) } } })), // prettier-ignore
  metrics: [
    { name: 'jobs', title: 'jobs', better: 'more' },
    { name: 'atOnce', title: 'at once', better: 'less' },
    { name: 'use', title: 'use of the limit', better: 'more' },
    { name: 'kills', title: 'kills', better: 'more' },
    { name: 'excess', title: 'beyond 10/s', better: 'less' },
    { name: 'perSecond', title: 'starts/s', better: 'more' },
    { name: 'startMs', title: 'first or p95 start ms', better: 'less' },
    { name: 'shareOfFair', title: 'ten jobs : fair share', better: 'less' },
    { name: 'whyP95', title: 'why p95 ms', better: 'less' },
    { name: 'addedMs', title: 'added ms', better: 'less' },
    { name: 'freeMs', title: 'without ms', better: 'less' },
  ],
  targets: [
    { metric: 'atOnce', of: 'kills', atMost: LIMIT },
    { metric: 'use', of: 'kills', atLeast: 0.9 },
    { metric: 'excess', of: 'rate', atMost: RATE.burst + HEADROOM },
    { metric: 'perSecond', of: 'rate', atLeast: 9.8 },
    // What RabbitMQ has goes first, up to the headroom; then the end of a slot, and the time of a look.
    { metric: 'startMs', of: 'priority', atMost: ((HEADROOM + 1) / SLOTS) * BUSY_MS + 300 },
    { metric: 'startMs', of: 'tenant', atMost: 500 },
    { metric: 'shareOfFair', of: 'tenant', atMost: 2 },
    { metric: 'whyP95', of: 'why', atMost: 20 },
    { metric: 'addedMs', of: 'two-limits', atMost: 50 },
  ],
  measure: (stack, { id }, bench) => /** @type {NonNullable<typeof PARTS[string]>} */ (PARTS[id]).measure(stack, bench),
};

/** @param {Stack} stack @param {Bench} bench */
async function underKills(stack, { jobs }) {
  const api = await gateway(stack);
  await stack.query(KEPT);
  await api.call('PUT', '/limits/bench', { match: { kind: SLEEP }, concurrency: LIMIT });
  const count = jobs(10_000);
  await api.submitMany(count, { ms: LIMITED_MS });
  const workers = await Promise.all(Array.from({ length: 4 }, () => stack.startWorker()));
  /** @type {Promise<void>[]} */
  const starting = [];
  let [kills, nextKill, last] = [0, performance.now() + KILL_EVERY_MS, ''];
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await delay(100)) {
    const [row] = await stack.query(
      `SELECT (SELECT count(*) FROM (SELECT FROM waiting_room LIMIT ${NEARLY_THROUGH}) w) = ${NEARLY_THROUGH} AS waits, clock_timestamp()::text AS now`,
    );
    if (!row.waits) break;
    last = row.now;
    if (performance.now() < nextKill) continue;
    const victim = workers.shift();
    if (victim) await stack.kill(victim);
    kills++;
    // The next kill does not wait for it: on a busy machine a start takes longer than the time between two.
    starting.push(stack.startWorker().then((worker) => void workers.push(worker)));
    nextKill = performance.now() + KILL_EVERY_MS;
  }
  await Promise.all(starting);
  const [{ starts, seconds }] = await stack.query(STARTS, [last]);
  await allEnded(stack);
  const [{ most }] = await stack.query(MOST);
  return { jobs: count, kills, atOnce: most, perSecond: starts / seconds, use: starts / seconds / ((LIMIT * 1_000) / LIMITED_MS) };
}

/** @param {Stack} stack @param {Bench} bench */
async function underARate(stack, { jobs }) {
  const api = await gateway(stack);
  await stack.query(KEPT);
  await Promise.all([stack.startWorker(), stack.startWorker()]);
  await api.call('PUT', '/limits/bench', { match: { kind: SLEEP }, rate: `${RATE.perSecond}/s`, burst: RATE.burst });
  const count = Math.max(200, jobs(400));
  await api.submitMany(count, { ms: 1 });
  await allEnded(stack);
  const [{ excess }] = await stack.query(EXCESS, [RATE.perSecond]);
  const [{ starts, seconds }] = await stack.query(STARTS, ['infinity']);
  return { jobs: count, excess, perSecond: (starts - RATE.burst) / seconds };
}

/** @param {Stack} stack @param {Bench} bench */
async function firstByPriority(stack, { jobs }) {
  const api = await gateway(stack);
  const count = jobs(100_000);
  await fill(stack, count, BUSY_MS, null);
  await stack.startWorker();
  await busy(stack);
  /** @type {number[]} */
  const times = [];
  for (let number = 0; number < 20; number++) {
    const [id = ''] = await api.submitMany(1, { ms: BUSY_MS }, { priority: 9 });
    times.push(await startedAfter(stack, id));
  }
  return { jobs: count, startMs: percentile(times, 95) };
}

/** @param {Stack} stack @param {Bench} bench */
async function anotherTenant(stack, { jobs }) {
  const api = await gateway(stack);
  await api.call('PATCH', '/queues/default', { fair: { by: 'tag:tenant' } });
  const count = jobs(1_000_000);
  await fill(stack, count, FLOOD_MS, 'flood');
  await stack.startWorker();
  await busy(stack);
  const ids = await api.submitMany(10, { ms: FLOOD_MS }, { tags: ['tenant:other'] });
  const times = await Promise.all(ids.map((id) => startedAfter(stack, id)));
  const [{ starts }] = await stack.query(
    `SELECT count(*)::int AS starts FROM jobs, (SELECT min(created_at) AS since, max(started_at) AS until FROM jobs WHERE id = ANY ($1::uuid[])) own
     WHERE started_at > own.since AND started_at <= own.until`,
    [ids],
  );
  // Two keys share the slots: of twenty starts ten are theirs.
  return { jobs: count, startMs: Math.min(...times), shareOfFair: starts / (2 * ids.length) };
}

/** @param {Stack} stack @param {Bench} bench */
async function askWhy(stack, { jobs }) {
  const api = await gateway(stack);
  const count = jobs(1_000_000);
  await fill(stack, count, BUSY_MS, null);
  const [first] = await stack.query('SELECT job_id AS id FROM waiting_room ORDER BY virtual_time LIMIT 1');
  const middle = await stack.query('SELECT job_id AS id FROM waiting_room ORDER BY virtual_time OFFSET $1 LIMIT 1', [Math.floor(count / 2)]);
  const ids = [first.id, middle[0].id];
  for (const id of ids) await api.call('GET', `/jobs/${id}/why`);
  /** @type {number[]} */
  const times = [];
  for (let question = 0; question < 500; question++) {
    const began = performance.now();
    await api.call('GET', `/jobs/${ids[question % 2]}/why`);
    times.push(performance.now() - began);
  }
  return { jobs: count, whyP95: percentile(times, 95) };
}

/** @param {Stack} stack @param {Bench} bench */
async function twoLimits(stack, { jobs }) {
  const api = await gateway(stack);
  await stack.startWorker();
  const count = jobs(300);
  for (const name of ['one', 'two']) await api.call('PUT', `/limits/${name}`, { match: { tag: 'limited' }, concurrency: 100 });
  const times = { free: /** @type {number[]} */ ([]), limited: /** @type {number[]} */ ([]) };
  for (let number = -20; number < count; number++) {
    for (const [name, tags] of /** @type {const} */ ([
      ['free', []],
      ['limited', ['limited']],
    ])) {
      // prettier-ignore
      const [id = ''] = await api.submitMany(1, { ms: 1 }, { tags: [...tags] });
      const ms = await startedAfter(stack, id);
      // The first ones warm up what they go through.
      if (number >= 0) times[name].push(ms);
    }
  }
  return { jobs: count, addedMs: median(times.limited) - median(times.free), freeMs: median(times.free), startMs: percentile(times.limited, 95) };
}

/** Until all slots are taken, for long enough that the queue has found its length. @param {Stack} stack */
async function busy(stack) {
  const running = async () => (await stack.query(`SELECT count(*)::int AS count FROM jobs WHERE id = ANY (SELECT unnest(job_ids) FROM claims) AND state = 'running'`))[0].count >= SLOTS; // prettier-ignore
  await until('all slots to be taken', running, { timeoutMs: PATIENCE_MS, signal: stack.options.signal });
  await delay(3_000);
}

/** Milliseconds, by the clock of the database. @param {Stack} stack @param {string} id */
async function startedAfter(stack, id) {
  const text = 'SELECT extract(epoch FROM started_at - created_at)::float8 * 1000 AS ms FROM jobs WHERE id = $1';
  const started = async () => (await stack.query(text, [id]))[0]?.ms?.toString();
  return Number(await until(`job ${id} to start`, started, { timeoutMs: PATIENCE_MS, everyMs: 20, signal: stack.options.signal }));
}
