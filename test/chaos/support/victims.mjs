// A PostgreSQL and a RabbitMQ of this test file's own, to be killed, stopped and starved. Plain JavaScript because it
// stands on the tools that npm start uses (types: victims.d.mts).

import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { isAlive } from '../../../tools/lib/lock.mjs';
import { Owned } from '../../../tools/lib/owned.mjs';
import { isFree } from '../../../tools/lib/ports.mjs';
import { embeddedPostgres, installedPostgres } from '../../../tools/lib/postgres-binaries.mjs';
import { startPrivatePostgres } from '../../../tools/lib/postgres-private.mjs';
import { installedRabbitMq, startPrivateRabbitMq } from '../../../tools/lib/rabbitmq-private.mjs';
import { until } from '../../../tools/lib/until.mjs';
import { privateDir, serviceDir, serviceUser } from '../../../tools/lib/users.mjs';
import { namePrefix } from '../../support/services.mjs';

/** The broker to attack when the run brings its own: then it can be stopped and started, but not killed. */
function givenBroker() {
  const url = process.env.CHAOS_AMQP_URL;
  return url ? { url: url.replace(/\/+$/, ''), rabbitmqctl: process.env.CHAOS_RABBITMQCTL ?? 'rabbitmqctl' } : null;
}

/** False where there is no broker that may be killed: none is installed and none was given. */
export const hasVictims = givenBroker() !== null || installedRabbitMq() !== null;

export async function startVictims() {
  const owned = new Owned();
  const postgres = await startPostgres(owned);
  const broker = givenBroker() ? ownBroker(givenBroker()) : await startBroker(owned);
  // test/support asks these for databases and virtual hosts.
  process.env.TEST_DATABASE_URL = postgres.url;
  process.env.TEST_AMQP_URL = broker.url;
  process.env.RABBITMQCTL = broker.rabbitmqctl();
  delete process.env.RABBITMQ_MANAGEMENT_URL;
  await makeTemplate(postgres.url);
  return { postgres, broker, stop: () => owned.stop() };
}

async function startPostgres(owned) {
  const binDir = (await installedPostgres()) ?? embeddedPostgres();
  const major = /\(PostgreSQL\) (\d+)/.exec((await promisify(execFile)(join(binDir, 'postgres'), ['--version'])).stdout)?.[1];
  const pidFile = join(serviceDir(), `chaos-pgdata-${major}/data/postmaster.pid`);
  const url = await startPrivatePostgres({ binDir, purpose: 'chaos', owned });
  const pid = () => Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  return {
    url,
    smallDisk: (megabytes) => smallDisk(megabytes, owned),
    /** SIGQUIT is an immediate shutdown: no checkpoint, recovery at the next start. */
    kill: async () => {
      const postmaster = pid();
      process.kill(postmaster, 'SIGQUIT');
      await gone(postmaster, url);
    },
    start: async () => {
      const again = await startPrivatePostgres({ binDir, purpose: 'chaos', owned });
      if (again !== url) throw new Error(`expected PostgreSQL to come back at its port, got another one`);
    },
  };
}

async function smallDisk(megabytes, owned) {
  const user = serviceUser('postgres');
  if (!user) return null;
  const folder = privateDir(user, 'chaos-small-disk');
  const run = promisify(execFile);
  const options = `size=${megabytes}m,uid=${user.uid},gid=${user.gid},mode=700`;
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).then(
    () => true,
    () => false,
  );
  if (!mounted) return null;
  let removed = false;
  const remove = async () => {
    if (removed) return;
    removed = true;
    // At once for whoever asks for it, whatever PostgreSQL still has open there.
    await run('umount', ['--lazy', folder]);
  };
  owned.add('the small disk', { stop: remove });
  return { folder, remove };
}

async function startBroker(owned) {
  const server = installedRabbitMq();
  let broker = await startPrivateRabbitMq({ server, purpose: 'chaos', owned });
  const pid = () => JSON.parse(readFileSync(join(serviceDir(), 'chaos-rabbitmq/running.json'), 'utf8')).broker;
  return {
    ...controls(() => broker.rabbitmqctl),
    url: broker.url,
    /** The node's whole process group: the start script and the Erlang machine. */
    kill: async () => {
      const leader = pid();
      process.kill(-leader, 'SIGKILL');
      await gone(leader, broker.url);
    },
    start: async () => {
      const { url } = broker;
      broker = await startPrivateRabbitMq({ server, purpose: 'chaos', owned });
      process.env.RABBITMQCTL = broker.rabbitmqctl;
      if (broker.url !== url) throw new Error(`expected RabbitMQ to come back at ${url}, got: ${broker.url}`);
    },
  };
}

function ownBroker({ url, rabbitmqctl }) {
  const broker = controls(() => rabbitmqctl);
  return { ...broker, url, kill: () => broker.ctl('stop_app'), start: () => broker.ctl('start_app') };
}

function controls(rabbitmqctl) {
  const ctl = async (...args) => {
    const child = spawn('sh', ['-c', `${rabbitmqctl()} -q "$@"`, 'sh', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (code !== 0) throw new Error(`expected rabbitmqctl ${args.join(' ')} to work, got exit code ${code}: ${output.trim()}`);
    return output;
  };
  return { rabbitmqctl, ctl };
}

/** The process, and whatever else of it still listens: it must come back at the same port. */
async function gone(pid, url) {
  const port = Number(new URL(url).port);
  await until(`process ${pid} and its port ${port} to be given up`, async () => !isAlive(pid) && (await isFree(port)), { timeoutMs: 30_000 });
}

/** What test/support/database.ts clones, on this server. */
async function makeTemplate(url) {
  const name = `${namePrefix()}tmpl`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Of runs before: nobody else uses this server.
    const { rows } = await client.query(`select datname from pg_database where datname like 'lh\\_test\\_%'`);
    for (const { datname } of rows) await client.query(`drop database if exists "${datname}" with (force)`);
    await client.query(`create database "${name}"`);
  } finally {
    await client.end();
  }
  const template = new URL(url);
  template.pathname = `/${name}`;
  const { NODE_OPTIONS: _jestFlags, ...env } = process.env;
  const migrate = join(import.meta.dirname, '../../../dist/apps/gateway/src/migrate.js');
  await promisify(execFile)(process.execPath, [migrate], { env: { ...env, DATABASE_URL: template.href } });
}
