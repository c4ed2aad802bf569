import pg from 'pg';
import PgBoss from 'pg-boss';
import { countingMonitor, rowExists } from './postgres.mjs';

const NAME = 'bench';
const BATCH = 1_000;
const WORKERS = 2;

/** @type {import('./index.mjs').Peer} */
export const pgBoss = {
  title: 'pg-boss',
  needs: ['postgres'],
  settings:
    `${WORKERS} workers in the process, batchSize ${BATCH}, polling every 0.5 s (its shortest), and notifyWorker() after a batch so that no time is lost; ` +
    'a batch is completed by one statement, without results of its jobs',
  setup: async ({ databaseUrl }) => {
    const boss = await start(databaseUrl);
    await boss.createQueue(NAME);
    await boss.stop({ graceful: false });
  },
  producer: async ({ databaseUrl }) => {
    const boss = await start(databaseUrl);
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
    return {
      submit: async (payload) => String(await boss.send(NAME, payload)),
      fill: (count, payload) => boss.insert(Array.from({ length: count }, () => ({ name: NAME, data: payload }))),
      isDone: rowExists(pool, 'done', `select from pgboss.job where name = '${NAME}' and id = $1 and state = 'completed'`),
      close: async () => {
        await pool.end();
        await boss.stop({ graceful: false });
      },
    };
  },
  worker: async ({ databaseUrl }, { started, done }) => {
    const boss = await start(databaseUrl);
    for (let left = WORKERS; left > 0; left--) {
      let id = '';
      id = await boss.work(NAME, { batchSize: BATCH, pollingIntervalSeconds: 0.5 }, async (jobs) => {
        for (const job of jobs) {
          started(job.id);
          done();
        }
        boss.notifyWorker(id);
        return { ok: true };
      });
    }
    return { close: () => boss.stop({ graceful: true, timeout: 5_000 }) };
  },
  monitor: async ({ databaseUrl }) => countingMonitor(databaseUrl, `select count(*) from pgboss.job where name = '${NAME}' and state < 'completed'`),
};

/** @param {string} connectionString */
async function start(connectionString) {
  const boss = new PgBoss({ connectionString, max: 10 });
  boss.on('error', () => undefined);
  await boss.start();
  return boss;
}
