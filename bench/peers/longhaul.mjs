// Longhaul itself. Its processes are the product's own (see lib/stack.mjs); only the in-process producer is composed here,
// of the gateway's modules without their HTTP server, as a NestJS program does that submits by `Jobs`.

import 'reflect-metadata';
import { join } from 'node:path';
import pg from 'pg';
import { root } from '../../tools/lib/paths.mjs';
import { countingMonitor, rowExists } from './postgres.mjs';

/** @param {string} path @returns {Promise<any>} */
const built = (path) => import(join(root, 'dist', path));

/** By the indexes of what waits and runs, and of what is scheduled. */
const UNFINISHED = ['finished_at is null and run_at is null', 'run_at is not null']
  .map((part) => `(select count(*) from longhaul.jobs where ${part})`)
  .join(' + ');

/** @param {import('./index.mjs').Mode} mode @returns {import('./index.mjs').Peer} */
const inMode = (mode) => ({
  title: mode === 'distributed' ? 'Longhaul' : 'Longhaul, one process',
  needs: mode === 'distributed' ? ['postgres', 'rabbit'] : ['postgres'],
  mode,
  settings: mode === 'distributed' ? 'gateway and worker, RabbitMQ; concurrency as told' : 'one process, LONGHAUL_BROKER=none; concurrency as told',
  setup: knowSize,
  producer: (env) => producer(longhaulEnvironment(env, mode)),
  monitor: async ({ databaseUrl }) => countingMonitor(databaseUrl, `select ${UNFINISHED} as count`),
});

/**
 * How many jobs of the kind one message may hold, as a worker has written it that ran twenty of them: what an installation knows that is not an hour old.
 * @param {import('./index.mjs').PeerEnv} env
 */
async function knowSize({ databaseUrl }) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query("insert into longhaul.kinds (name, wake_up_size) values ('debug.echo', 64)");
  await client.end();
}

export const longhaul = inMode('distributed');
export const longhaulSingleProcess = inMode('single-process');

/** @param {import('./index.mjs').PeerEnv} env @param {import('./index.mjs').Mode} mode @returns {Record<string, string>} */
export function longhaulEnvironment({ databaseUrl, amqpUrl, concurrency }, mode) {
  return {
    DATABASE_URL: databaseUrl,
    ...(mode === 'distributed' ? { AMQP_URL: amqpUrl } : {}),
    LONGHAUL_BROKER: mode === 'distributed' ? 'rabbitmq' : 'none',
    LONGHAUL_DEBUG_KINDS: '1',
    LOG_LEVEL: 'warn',
    WORKER_CONCURRENCY: String(concurrency),
    // The limits are there to refuse what cannot be kept; a backlog is what is measured here.
    // One load generator is all clients.
    MAX_STREAMS_PER_CLIENT: '0',
    MAX_CONNECTIONS_PER_CLIENT: '0',
    MAX_BODY_BYTES_PER_CLIENT: '0',
    MAX_WAITS_PER_CLIENT: '0',
    ADMISSION_DEPTH: '0',
    ADMISSION_QUEUE_DEPTH: '0',
    ADMISSION_OUTBOX_ROWS: '0',
  };
}

/** @param {Record<string, string>} environment @returns {Promise<import('./index.mjs').Producer>} */
async function producer(environment) {
  Object.assign(process.env, environment);
  const [{ GatewayModule }, { gatewayConfig }, runtime, { Jobs }, { SubmitJob }, { catalogue }, { debugKinds }, notifying, { storageConfig }, { NestFactory }] =
    await Promise.all([
      built('apps/gateway/src/gateway.module.js'),
      built('apps/gateway/src/gateway.config.js'),
      built('libs/host/src/index.js'),
      built('libs/sdk/src/index.js'),
      built('libs/core/src/index.js'),
      built('libs/jobs/src/index.js'),
      built('test/kinds/index.js'),
      built('libs/notifications/src/index.js'),
      built('libs/storage/src/index.js'),
      import('@nestjs/core'),
    ]);
  const config = gatewayConfig(process.env);
  const logger = runtime.createLogger('bench producer', config.logLevel);
  const store = await runtime.Store.open(config, 'longhaul bench producer', logger);
  const kinds = [...catalogue, ...notifying.ownKinds, ...debugKinds];
  const project = { path: '', jobs: catalogue, imports: [], providers: [], others: debugKinds };
  const notifications = notifying.notificationsConfig(new runtime.Environment(process.env));
  const metrics = new runtime.PrometheusMetrics(runtime.kindsOf(kinds));
  await store.queues.ensure(['default']);
  const parts = { config, project, kinds, notifications, storage: storageConfig(process.env), logger, store, metrics };
  // Its lifecycle starts what a gateway starts, apart from HTTP.
  const context = await NestFactory.createApplicationContext(GatewayModule.of(parts), { logger: false, abortOnError: false });
  const submitJob = /** @type {any} */ (context.get(SubmitJob));
  const jobs = new Jobs(submitJob);
  const echo = kinds.find(({ name }) => name === 'DebugEcho');
  const pool = new pg.Pool({ connectionString: config.databaseUrl, max: 1 });
  return {
    submit: async (payload) => (await jobs.submit(echo, payload)).id,
    fill: (count, payload) => submitJob.submitAll(Array.from({ length: count }, () => ({ kind: 'debug.echo', payload }))),
    isDone: rowExists(pool, 'done', "select from longhaul.jobs where id = $1 and state = 'succeeded'"),
    close: async () => {
      await pool.end();
      await context.close();
    },
  };
}
