import { drainRate, payloadOf } from '../lib/measure.mjs';
import { median } from '../lib/statistics.mjs';
import { fillBacklog } from './drain.mjs';

/** Bytes of payloads in a backlog at most: beyond, the disk is what is measured. */
const MOST_BYTES = 500e6;

/** As a gateway's: main.ts. */
const PRUNED_AT_ONCE = 1_000;

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const scale = {
  what:
    'the drain rate by backlog (256 B, one worker), by workers and by payload (10k jobs, 1 MB: 500), with the memory of a worker and the size of the tables afterwards. ' +
    'One repeat: each case is a long run on a database of its own.',
  subjects: ({ backlogs, workers, payloads }) => [
    ...backlogs.map((backlog) => subject({ backlog })),
    ...workers.filter((count) => count > 1).map((count) => subject({ workers: count })),
    ...payloads.filter((bytes) => bytes !== 256).map((bytes) => subject({ bytes, backlog: Math.min(10_000, Math.floor(MOST_BYTES / bytes)) })),
  ],
  metrics: [
    { name: 'perSecond', title: 'jobs/s', better: 'more' },
    { name: 'filledPerSecond', title: 'submitted in batches and relayed/s, with the start of the producer', better: 'more' },
    { name: 'workerMB', title: 'worker MB at most', better: 'less' },
    { name: 'gatewayMB', title: 'gateway MB at most', better: 'less' },
    { name: 'jobsMB', title: 'jobs table MB', better: 'less' },
    { name: 'indexesMB', title: 'its indexes MB', better: 'less' },
    { name: 'outboxMB', title: 'outbox MB', better: 'less' },
    { name: 'prunedPerSecond', title: 'removed by retention/s', better: 'more' },
    { name: 'keptMB', title: 'then both MB', better: 'less' },
  ],
  targets: [{ metric: 'perSecond', of: '1000000x256B-1w', against: '10000x256B-1w', atLeast: 0.95 }],
  once: true,
  // A body of 1 MB and its envelope.
  longhaulEnv: { MAX_BODY_BYTES: String(4 * 1024 * 1024) },
  measure: async (stack, { with: { backlog, workers, bytes } = {} }, { jobs }) => {
    const count = jobs(backlog);
    const began = performance.now();
    const producer = await fillBacklog(stack, count, payloadOf(bytes));
    const filledPerSecond = (count / (performance.now() - began)) * 1_000;
    const started = await Promise.all(Array.from({ length: workers }, () => stack.startWorker()));
    const rate = await drainRate(stack, count, started);
    const workerMB = median(started.map((worker) => worker.memory().peak)) / 1e6;
    const gatewayMB = producer.memory().peak / 1e6;
    await stack.stop(...started, producer);
    return { ...rate, filledPerSecond, workerMB, gatewayMB, ...(await sizes(stack)), ...(await afterRetention(stack, count)) };
  },
};

/** @param {{ backlog?: number, workers?: number, bytes?: number }} options */
function subject({ backlog = 10_000, workers = 1, bytes = 256 }) {
  return {
    id: `${backlog}x${bytes}B-${workers}w`,
    title: `${backlog.toLocaleString('en')} jobs of ${bytes.toLocaleString('en')} B, ${workers} worker${workers > 1 ? 's' : ''}`,
    peer: 'longhaul',
    with: { backlog, workers, bytes },
  };
}

/** @param {import('../lib/stack.mjs').Stack} stack */
async function sizes(stack) {
  const [row] = await stack.query(
    `select (pg_table_size('jobs') / 1e6)::float8 as "jobsMB", (pg_indexes_size('jobs') / 1e6)::float8 as "indexesMB",
            (pg_total_relation_size('outbox') / 1e6)::float8 as "outboxMB"`,
  );
  return row;
}

/**
 * Retention as a gateway does it, batch after batch and without its rests, of everything that has ended; then the space, with the
 * dead rows gone.
 * @param {import('../lib/stack.mjs').Stack} stack @param {number} ended
 */
async function afterRetention(stack, ended) {
  const { createDataSource, Database, PostgresRetention } = await import(new URL('../../dist/libs/postgres/src/index.js', import.meta.url).href);
  const dataSource = await createDataSource({
    url: stack.env.databaseUrl,
    schema: 'longhaul',
    poolSize: 1,
    applicationName: 'longhaul bench',
    byIndex: true,
  }).initialize();
  try {
    const retention = new PostgresRetention(new Database(dataSource), []);
    const began = performance.now();
    const limits = { succeededSeconds: 0, failedSeconds: 0, letterSeconds: null, statsSeconds: null };
    while ((await retention.prune(limits, PRUNED_AT_ONCE)).more) stack.options.signal.throwIfAborted();
    const prunedPerSecond = (ended / (performance.now() - began)) * 1_000;
    await stack.query('vacuum jobs');
    const { jobsMB, indexesMB } = await sizes(stack);
    return { prunedPerSecond, keptMB: jobsMB + indexesMB };
  } finally {
    await dataSource.destroy();
  }
}
