// How long each list takes, by every pair and triple of its filters, on the database that fill.sql has filled.

import {
  Database,
  PostgresDeadLetters,
  PostgresEvents,
  PostgresJobs,
  PostgresLoad,
  PostgresQueues,
  PostgresWebhookDeliveries,
  createDataSource,
  createReadPool,
} from '../../dist/libs/postgres/src/index.js';

const url = process.env.DATABASE_URL ?? '';
const config = { url, schema: 'longhaul', applicationName: 'million', poolSize: 4 };
const protocol = await createDataSource({ ...config, byIndex: true }).initialize();
const pool = createReadPool({ ...config, readTimeoutMs: 60_000 });
const [db, reads] = [new Database(protocol), new Database(protocol, pool)];
const jobs = new PostgresJobs(db, reads);
const letters = new PostgresDeadLetters(db, reads);
const deliveries = new PostgresWebhookDeliveries(db, reads);

const JOBS = {
  state: ['scheduled', 'queued', 'running', 'succeeded', 'failed', 'cancelled'],
  kind: ['usual.kind', 'old.kind', 'seldom.kind', 'rare.kind', 'kind.3', 'no.kind'],
  queue: ['default', 'mail', 'rare', 'none'],
  tag: ['common', 'old-tag', 'tenant-42', 'rare-tag', 'no-tag'],
};
const LETTERS = {
  reason: ['handler_error', 'timeout', 'unreadable', 'none'],
  kind: ['old.kind', 'usual.kind', 'none'],
  queue: ['default', 'mail', 'none'],
  source: ['job', 'message'],
  redriven: [true, false],
};
const DELIVERIES = {
  endpointId: ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'],
  state: ['pending', 'failed', 'succeeded'],
  since: [new Date(Date.now() - 86_400_000), new Date(Date.now() - 15 * 86_400_000)],
  until: [new Date(Date.now() - 10 * 86_400_000)],
};

/** Every choice of values of at most `most` of the filters. */
function choices(filters, most) {
  const all = [{}];
  for (const [name, values] of Object.entries(filters)) {
    for (const chosen of [...all]) if (Object.keys(chosen).length < most) for (const value of values) all.push({ ...chosen, [name]: value });
  }
  return all;
}

async function least(work, tries = 2) {
  let best = Infinity;
  for (let left = tries; left > 0; left--) {
    const start = performance.now();
    await work();
    best = Math.min(best, performance.now() - start);
    if (best > 2_000) break;
  }
  return best;
}

const slow = [];
const times = [];
const most = Number(process.env.MOST ?? 2);
async function measure(name, filters, list) {
  for (const filter of choices(filters, most)) {
    const page = (more) => list({ redriven: true, ...filter, ...more });
    const ms = await least(() => page({ limit: 50 }));
    times.push(ms);
    if (ms > 20) slow.push([name, JSON.stringify(filter), ms]);
    const { nextCursor } = await page({ limit: 200 });
    if (!nextCursor) continue;
    const next = await least(() => page({ limit: 200, cursor: nextCursor }));
    times.push(next);
    if (next > 50) slow.push([`${name}, next page of 200`, JSON.stringify(filter), next]);
  }
}

await measure('jobs', JOBS, (filter) => jobs.list(filter));
await measure('dead letters', LETTERS, (filter) => letters.list(filter));
await measure('deliveries', DELIVERIES, (filter) => deliveries.list(filter));
const events = new PostgresEvents(reads);
for (const [name, work] of [
  ['queue stats', () => jobs.queueStats()],
  ['load', () => new PostgresLoad(db).read()],
  ['all queues', () => new PostgresQueues(db, 100).all()],
  ['run seconds', () => jobs.runSeconds([...JOBS.kind])],
  ['letters counted', () => letters.count({ limit: 1, redriven: false })],
  ['letters counted by reason', () => letters.count({ limit: 1, redriven: false, reason: 'timeout' })],
  ...[
    {},
    { kind: 'usual.kind' },
    { kind: 'rare.kind' },
    { tag: 'common' },
    { tag: 'old-tag' },
    { tag: 'rare-tag' },
    { kind: 'usual.kind', tag: 'common' },
    { kind: 'old.kind', tag: 'common' },
  ].map((filter) => [`recent events ${JSON.stringify(filter)}`, () => events.recent({ ...filter, seconds: 10, limit: 1_000 })]),
]) {
  const ms = await least(work);
  console.log(`${name}: ${ms.toFixed(1)} ms`);
}
times.sort((a, b) => a - b);
console.log(
  `${times.length} lists: median ${times[times.length >> 1].toFixed(1)}, p99 ${times[Math.floor(times.length * 0.99)].toFixed(1)}, most ${times.at(-1).toFixed(1)} ms; ${slow.length} slow`,
);
for (const [name, filter, ms] of slow.sort((a, b) => b[2] - a[2]).slice(0, Number(process.env.SHOW ?? 45)))
  console.log(`${ms.toFixed(0).padStart(6)} ms  ${name} ${filter}`);
await pool.end();
await protocol.destroy();
