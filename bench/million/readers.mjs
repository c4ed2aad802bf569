// What others notice of 60 readers of lists: `POST /jobs` and both health routes with and without them, on the database that fill.sql has filled.
// Then six readers of jobs with results of 1 MB, which must get 200, or 503 with Retry-After, and never 500.

import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { lockKey } from '../../dist/libs/postgres/src/index.js';

const PORT = Number(process.env.PORT ?? 3_999);
const SECONDS = Number(process.env.SECONDS ?? 20);
const READERS = Number(process.env.READERS ?? 60);
const FILTERS = [
  '',
  'kind=old.kind',
  'kind=usual.kind&state=failed',
  'tag=old-tag',
  'tag=tenant-42',
  'queue=mail',
  'kind=kind.3&tag=common',
  'state=cancelled&tag=old-tag',
  'state=queued',
  'queue=rare&tag=common',
  'kind=usual.kind&queue=mail',
];

/**
 * @param {Agent | undefined} agent @param {string} method @param {string} path @param {string} [body]
 * @returns {Promise<{ status?: number | string | undefined, bytes?: number, retryAfter?: string | undefined }>}
 */
function ask(agent, method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port: PORT, host: '127.0.0.1', method, path, headers: body ? { 'content-type': 'application/json' } : {} }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk) => (bytes += chunk.length));
      answer.on('end', () => resolve({ status: answer.statusCode, bytes, retryAfter: answer.headers['retry-after'] }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** In a process of its own, so that the load is not in the measurement. @param {string[]} paths @param {number} readers */
async function read(paths, readers) {
  const agent = new Agent({ keepAlive: true, maxSockets: readers });
  /** @type {Record<string, number>} */
  const statuses = {};
  let stop = false;
  process.on('message', () => (stop = true));
  await Promise.all(
    Array.from({ length: readers }, async (_, reader) => {
      for (let turn = reader; !stop; turn++) {
        const { status, retryAfter } = await ask(agent, 'GET', paths[turn % paths.length] ?? '/').catch((error) => ({
          status: error.code,
          retryAfter: undefined,
        }));
        const name = status === 503 && retryAfter === undefined ? '503 without Retry-After' : String(status);
        statuses[name] = (statuses[name] ?? 0) + 1;
      }
    }),
  );
  process.send?.({ statuses, cpuSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6 });
  agent.destroy();
  process.disconnect?.();
}

/** @template Measured @param {string[]} paths @param {number} readers @param {() => Promise<Measured>} work */
async function withReaders(paths, readers, work) {
  const child = fork(fileURLToPath(import.meta.url), ['read', JSON.stringify(paths), String(readers)]);
  await delay(1_000);
  const measured = await work();
  child.send('stop');
  const [told] = await once(child, 'message');
  return { measured, told };
}

/** @param {number[]} times @param {number} share */
const quantile = (times, share) => times[Math.min(times.length - 1, Math.floor(times.length * share))]?.toFixed(1);

/** Each route once in 50 ms, one after the other. */
async function probe() {
  const agent = new Agent({ keepAlive: true });
  const body = JSON.stringify({ kind: 'debug.echo', payload: { value: 1 }, options: { delay: '1h' } });
  /** @type {Record<string, [string, string, string?]>} */
  const routes = { 'POST /jobs': ['POST', '/jobs', body], '/health/live': ['GET', '/health/live'], '/health/ready': ['GET', '/health/ready'] };
  /** @type {Record<string, string>} */
  const results = {};
  await Promise.all(
    Object.entries(routes).map(async ([name, route]) => {
      /** @type {number[]} */
      const times = [];
      /** @type {Record<string, number>} */
      const statuses = {};
      for (const end = performance.now() + SECONDS * 1_000; performance.now() < end; await delay(50)) {
        const start = performance.now();
        const { status } = await ask(agent, ...route);
        times.push(performance.now() - start);
        statuses[String(status)] = (statuses[String(status)] ?? 0) + 1;
      }
      times.sort((a, b) => a - b);
      results[name] = `median ${quantile(times, 0.5)} ms, p95 ${quantile(times, 0.95)} ms, most ${times.at(-1)?.toFixed(0)} ms, ${JSON.stringify(statuses)}`;
    }),
  );
  agent.destroy();
  return results;
}

async function main() {
  const pg = createRequire(import.meta.url)('pg');
  const db = new pg.Client({ connectionString: process.env.DATABASE_URL, options: '-c search_path=longhaul' });
  await db.connect();
  // The workers that seem to run jobs seem to live.
  await db.query('SELECT pg_advisory_lock($1, n) FROM generate_series(1, 50) n', [lockKey('presence', 'longhaul')]);
  await db.query(`UPDATE workers SET lease_until = now() + interval '1 day' WHERE id <= 50`);
  const gateway = spawn(process.execPath, [fileURLToPath(new URL('../../dist/apps/gateway/src/main.js', import.meta.url))], {
    env: {
      ...process.env,
      PORT: String(PORT),
      HOST: '127.0.0.1',
      LONGHAUL_BROKER: 'none',
      LONGHAUL_DEBUG_KINDS: '1',
      LONGHAUL_ENV_FILE: '',
      MAX_DEPTH: '0',
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    for (let tries = 0; tries < 600; tries++) {
      if ((await ask(undefined, 'GET', '/health/ready').catch(() => ({ status: 0 }))).status === 200) break;
      await delay(50);
    }
    const paths = FILTERS.flatMap((filter) => [`/jobs?limit=50&${filter}`, `/jobs?limit=200&${filter}`]).concat(
      '/dead-letters?reason=timeout',
      '/webhooks/deliveries?state=failed',
    );
    await withReaders(paths, 4, () => delay(3_000));
    console.log('without readers:', await probe());
    const { measured, told } = await withReaders(paths, READERS, probe);
    console.log(`with ${READERS} readers:`, measured, JSON.stringify(told));
    await db.query(
      `UPDATE jobs SET result = to_json(repeat(md5(id::text), 32768)) WHERE id IN (SELECT id FROM jobs WHERE kind = 'usual.kind' AND outcome = 'succeeded' ORDER BY id DESC LIMIT 400)`,
    );
    const big = await withReaders(['/jobs?limit=200&kind=usual.kind&state=succeeded', '/jobs?limit=200&state=succeeded'], 6, probe);
    console.log('with 6 readers of results of 1 MB:', big.measured, JSON.stringify(big.told));
  } finally {
    gateway.kill('SIGTERM');
    await once(gateway, 'exit');
    await db.end();
  }
}

if (process.argv[2] === 'read') await read(JSON.parse(process.argv[3] ?? '[]'), Number(process.argv[4]));
else await main();
