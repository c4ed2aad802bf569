import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import { countingMonitor } from './postgres.mjs';

const TASK = 'noop';
const LOCAL_QUEUE = 500;
const logger = new Logger(() => () => undefined);

/** @type {import('./index.mjs').Peer} */
export const graphileWorker = {
  title: 'graphile-worker',
  needs: ['postgres'],
  settings: `concurrentJobs 24, localQueue ${LOCAL_QUEUE}, completeJobBatchDelay 0 (its own benchmark's settings), LISTEN/NOTIFY; a done job is deleted, results are not stored`,
  setup: async ({ databaseUrl }) => {
    const utils = await makeWorkerUtils({ connectionString: databaseUrl, logger });
    await utils.migrate();
    await utils.release();
  },
  producer: async ({ databaseUrl }) => {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
    pool.on('error', () => undefined);
    const utils = await makeWorkerUtils({ pgPool: pool, logger });
    return {
      submit: async (payload) => String((await utils.addJob(TASK, payload)).id),
      fill: (count, payload) => utils.addJobs(Array.from({ length: count }, () => ({ identifier: TASK, payload }))),
      isDone: async (id) => (await pool.query({ name: 'done', text: 'select from graphile_worker._private_jobs where id = $1', values: [id] })).rowCount === 0,
      close: async () => {
        await utils.release();
        await pool.end();
      },
    };
  },
  worker: async ({ databaseUrl }, { started, done }) => {
    const runner = await run({
      logger,
      taskList: {
        [TASK]: (_payload, { job }) => {
          started(String(job.id));
          done();
        },
      },
      preset: {
        worker: {
          connectionString: databaseUrl,
          concurrentJobs: 24,
          maxPoolSize: 25,
          localQueue: { size: LOCAL_QUEUE },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        },
      },
      noHandleSignals: true,
    });
    return { close: () => runner.stop() };
  },
  monitor: async ({ databaseUrl }) => countingMonitor(databaseUrl, 'select count(*) from graphile_worker._private_jobs'),
};
