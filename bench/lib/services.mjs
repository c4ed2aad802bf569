// A database, a virtual host and a Redis of a run's own, and their end.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { addVhost, administerPostgres, listVhosts, removeVhosts, testServices, urlOfDatabase } from '../../test/support/services.mjs';
import { ended, findProgram } from '../../tools/lib/commands.mjs';
import { PlainError, say } from '../../tools/lib/log.mjs';
import { freePortFrom } from '../../tools/lib/ports.mjs';

const PREFIX = 'lh_bench_';
const LEFT_OVER_MS = 12 * 3_600_000;
const runId = Date.now().toString(36);
let made = 0;

/** @typedef {{ databaseUrl: string, amqpUrl: string, redisPort: number, close: () => Promise<void> }} Services */

/** @param {import('../peers/index.mjs').Peer} peer @returns {Promise<Services>} */
export async function openServices({ needs, appendfsync }) {
  const name = `${PREFIX}${runId}_${(made++).toString(36)}`;
  /** @type {(() => Promise<unknown>)[]} */
  const closing = [];
  const services = {
    databaseUrl: urlOfDatabase(name),
    amqpUrl: `${testServices().amqpUrl}/${name}`,
    redisPort: 0,
    close: async () => {
      // Twice: a Ctrl-C also reaches the rabbitmqctl that is about to remove the virtual host.
      for (const close of closing.splice(0).reverse())
        await close()
          .catch(close)
          .catch((error) => say(`not cleaned up: ${error.message}`));
    },
  };
  try {
    if (needs.includes('postgres')) {
      await administerPostgres((/** @type {import('pg').Client} */ client) => client.query(`create database "${name}"`));
      closing.push(() => administerPostgres((/** @type {import('pg').Client} */ client) => client.query(`drop database if exists "${name}" with (force)`)));
    }
    if (needs.includes('rabbit')) {
      await addVhost(name);
      closing.push(() => removeVhosts([name]));
    }
    if (needs.includes('redis')) {
      const redis = await startRedis(appendfsync ?? 'everysec');
      services.redisPort = redis.port;
      closing.push(redis.stop);
    }
    return services;
  } catch (error) {
    await services.close();
    throw error;
  }
}

/** A Redis whose durability is ours to choose: the machine's own stays as it is. @param {string} appendfsync */
async function startRedis(appendfsync) {
  const program = findProgram('redis-server');
  if (!program) throw new PlainError('expected redis-server in PATH for BullMQ, got none; install redis, or leave it out by --only');
  const port = await freePortFrom(16_379);
  const dir = mkdtempSync(join(tmpdir(), PREFIX));
  const settings = { port, bind: '127.0.0.1', dir, appendonly: 'yes', appendfsync, save: '', 'maxmemory-policy': 'noeviction' };
  const child = spawn(
    program,
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    { stdio: 'ignore' },
  );
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill);
  const client = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on('error', () => undefined);
  await client.ping();
  client.disconnect();
  return {
    port,
    stop: async () => {
      child.kill('SIGTERM');
      await ended(child);
      process.off('exit', kill);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What runs that were killed have left, half a day ago or earlier. */
export async function removeLeftOvers() {
  const isOld = (/** @type {string} */ name) => name.startsWith(PREFIX) && Date.now() - Number.parseInt(name.slice(PREFIX.length), 36) > LEFT_OVER_MS;
  await administerPostgres(async (/** @type {import('pg').Client} */ client) => {
    const { rows } = await client.query(`select datname from pg_database where datname like 'lh\\_bench\\_%'`);
    for (const { datname } of rows) if (isOld(datname)) await client.query(`drop database if exists "${datname}" with (force)`);
  });
  await removeVhosts((await listVhosts()).filter(isOld));
}
