// What a job costs PostgreSQL, statement by statement: CPU time of its connections and bytes of WAL, in batches of 64 with payloads and results of 256 bytes,
// on a migrated database that nothing else uses, on this machine (`/proc`). Jobs are added to it and stay. SECONDS for how long.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** @param {string} lib @returns {Promise<any>} */
const built = (lib) => import(`../../dist/libs/${lib}/src/index.js`);
const [{ uuidv4, uuidv7 }, { Database, PostgresAttempts, PostgresOutbox, PostgresSubmissions, PostgresWaitingRoom, PostgresWorkers, createDataSource }] =
  await Promise.all(['core', 'postgres'].map(built));

const BATCH = 64;
/** Of each statement, before the next one has its turn: so many wait at once. */
const BATCHES = 10;
const SECONDS = Number(process.env.SECONDS ?? 20);
const WARM_UP = 10;
const NAME = 'longhaul statements';
const TEXT = JSON.stringify({ value: 'x'.repeat(244) });

const pg = createRequire(import.meta.url)('pg');
const url = process.env.DATABASE_URL ?? '';
const dataSource = await createDataSource({ url, schema: 'longhaul', applicationName: NAME, poolSize: 4, byIndex: true }).initialize();
const db = new Database(dataSource);
const submissions = new PostgresSubmissions(db, { keySeconds: 3_600, fastPathSeconds: 5 });
const [attempts, outbox, workers, room] = [new PostgresAttempts(db), new PostgresOutbox(db), new PostgresWorkers(db), new PostgresWaitingRoom(db)];
const sql = new pg.Client({ connectionString: url });
await sql.connect();

await sql.query("INSERT INTO longhaul.kinds (name, wake_up_size) VALUES ('debug.echo', 64) ON CONFLICT DO NOTHING");
const about = { name: 'statements', concurrency: BATCH * BATCHES, queues: [] };
const worker = await workers.register(about, 3_600);
const options = { kind: 'debug.echo', queue: 'default', priority: 4, payload: TEXT, maxAttempts: 3, timeoutMs: null, runAt: null, delayMs: null };
const others = { tenant: 'default', tags: [], notify: [], traceparent: null, idempotency: null };

/** The work of ten batches by the statement that does it. */
function turn() {
  const batches = Array.from({ length: BATCHES }, () => {
    const outboxId = uuidv7();
    return Array.from({ length: BATCH }, () => ({ id: uuidv7(), outboxId, ...options, ...others }));
  });
  const waiting = Array.from({ length: BATCHES }, () =>
    Array.from({ length: BATCH }, () => ({ id: uuidv7(), outboxId: uuidv7(), waits: true, ...options, ...others })),
  );
  /** @type {{ outboxId: string }[]} */
  let released = [];
  const claims = batches.map((jobs) => jobs.map(({ id }) => ({ jobId: id, publishId: uuidv4(), token: uuidv4() })));
  const ends = claims.map((batch) => batch.map(({ jobId, token }) => ({ jobId, token, event: 'succeeded', result: TEXT, announce: false })));
  /** @template Part @param {Part[]} parts @param {(part: Part) => Promise<unknown>} work */
  const each = async (parts, work) => {
    for (const part of parts) await work(part);
  };
  return {
    submission: () => each(batches, (jobs) => submissions.submit(jobs)),
    'outbox row': () => each(batches, ([first]) => outbox.remove([first?.outboxId])),
    claim: () => each(claims, (batch) => attempts.claim(worker, batch)),
    settlement: () => each(ends, (batch) => attempts.settle(batch)),
    'submission to the room': () => each(waiting, (jobs) => submissions.submit(jobs)),
    release: async () => {
      await room.look(['default']);
      released = (await room.release([{ queue: 'default', jobs: BATCH * BATCHES }], 3_600)) ?? [];
    },
    'released rows': () => outbox.remove(released.map(({ outboxId }) => outboxId)),
    heartbeat: () => workers.heartbeat(worker, about, { leaseSeconds: 3_600, held: [], events: [] }),
  };
}

async function inAll() {
  /** @type {{ rows: { wal: string, pids: number[] }[] }} */
  const { rows } = await sql.query(
    `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS wal, array_agg(pid) AS pids FROM pg_stat_activity WHERE application_name = $1`,
    [NAME],
  );
  const [{ wal, pids } = { wal: 0, pids: [] }] = rows;
  const nanoseconds = pids.map((pid) => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]));
  return { us: nanoseconds.reduce((sum, ns) => sum + ns, 0) / 1_000, wal: Number(wal) };
}

for (let n = 0; n < WARM_UP; n++) for (const work of Object.values(turn())) await work();
const costs = new Map();
let jobs = 0;
for (const end = performance.now() + SECONDS * 1_000; performance.now() < end; jobs += BATCH * BATCHES) {
  for (const [name, work] of Object.entries(turn())) {
    const before = await inAll();
    await work();
    const after = await inAll();
    const { us = 0, wal = 0 } = costs.get(name) ?? {};
    costs.set(name, { us: us + after.us - before.us, wal: wal + after.wal - before.wal });
  }
}
const sum = [...costs.values()].reduce((all, { us, wal }) => ({ us: all.us + us, wal: all.wal + wal }));
const told = [...costs, ['all', sum]].map(([name, { us, wal }]) => [
  name,
  { 'CPU us a job': Number((us / jobs).toFixed(1)), 'WAL bytes a job': Math.round(wal / jobs) },
]);
console.log(`${jobs} jobs`);
console.table(Object.fromEntries(told));
await sql.end();
await dataSource.destroy();
