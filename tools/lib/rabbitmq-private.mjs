// A RabbitMQ of our own from the installed programs: own node name, data, cookie, ports and epmd, so that a broker
// which runs on this machine already is neither met nor touched.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram } from './commands.mjs';
import { hasOtherOwner, markOwner, startDaemon, stopProcess, unmarkOwner } from './daemon.mjs';
import { isAlive, withLock } from './lock.mjs';
import { freePortFrom } from './ports.mjs';
import { probeRabbitMq } from './rabbitmq-probe.mjs';
import { until } from './until.mjs';
import { chownAll, privateDir, serviceUser } from './users.mjs';

/** @typedef {{ url: string, rabbitmqctl: string }} PrivateBroker */
/** @typedef {{ broker: number, epmd: number, port: number, epmdPort: number }} Running */
/** @typedef {'start' | 'test' | 'chaos'} Purpose  Each has a broker of its own: the one of `chaos` is there to be killed. */

/** @type {Record<Purpose, { name: string, port: number }>} */
const PLACES = { start: { name: 'rabbitmq', port: 5680 }, test: { name: 'test-rabbitmq', port: 5690 }, chaos: { name: 'chaos-rabbitmq', port: 5700 } };

/** The server's start script, or null. Debian's /usr/sbin wrapper insists on its own user and folders: not that one. */
export function installedRabbitMq() {
  return findProgram('/usr/lib/rabbitmq/bin/rabbitmq-server', 'rabbitmq-server', '/opt/homebrew/sbin/rabbitmq-server');
}

/**
 * Starts it, or joins the one that an earlier run of this checkout has left running.
 * @param {{ server: string, purpose: Purpose, owned: import('./owned.mjs').Owned, signal?: AbortSignal }} options
 * @returns {Promise<PrivateBroker>}
 */
export async function startPrivateRabbitMq({ server, purpose, owned, signal }) {
  const { name } = PLACES[purpose];
  const user = serviceUser('rabbitmq');
  return withLock(name, async () => {
    const dir = privateDir(user, name);
    const running = await findRunning(dir);
    if (running) {
      if (!hasOtherOwner(dir)) {
        markOwner(dir);
        owned.add('RabbitMQ', {
          stop: async () => {
            await stopProcess(running.broker, 'SIGTERM');
            await stopProcess(running.epmd, 'SIGTERM');
            unmarkOwner(dir);
          },
        });
      }
      return brokerOf(server, dir, running);
    }
    return start({ server, dir, user, purpose, owned, signal });
  });
}

/** @param {{ server: string, dir: string, user: import('./users.mjs').User | undefined, purpose: Purpose, owned: import('./owned.mjs').Owned, signal?: AbortSignal }} options */
async function start({ server, dir, user, purpose, owned, signal }) {
  const base = PLACES[purpose].port;
  const port = await freePortFrom(base);
  const distPort = await freePortFrom(base + 20_000);
  const epmdPort = await freePortFrom(base + 10_000);
  writeSettings(dir, port, distPort);
  if (user) chownAll(dir, user);
  const env = environment(dir, port, distPort, epmdPort);
  const logFile = join(dir, 'startup.log');

  // An epmd of our own in the foreground: one that the broker started itself would stay behind.
  const epmd = startDaemon(findProgram('epmd') ?? 'epmd', ['-port', String(epmdPort), '-address', '127.0.0.1'], {
    env,
    user,
    cwd: dir,
    logFile,
  });
  owned.add("RabbitMQ's epmd", { stop: () => epmd.stop('SIGTERM'), kill: epmd.kill });
  const broker = startDaemon(server, [], { env, user, cwd: dir, logFile });
  owned.add('RabbitMQ', {
    stop: () => broker.stop('SIGTERM', 60_000).finally(() => unmarkOwner(dir)),
    kill: broker.kill,
  });
  const running = { broker: broker.pid, epmd: epmd.pid, port, epmdPort };
  writeFileSync(join(dir, 'running.json'), JSON.stringify(running));
  markOwner(dir);

  const found = brokerOf(server, dir, running);
  await until('the private RabbitMQ to answer', async () => (await probeRabbitMq(found.url)).ok, {
    timeoutMs: 120_000,
    everyMs: 200,
    stopped: () => broker.ended() ?? epmd.ended(),
    signal,
  });
  return found;
}

/** @param {string} dir @param {number} port @param {number} distPort */
function writeSettings(dir, port, distPort) {
  mkdirSync(join(dir, 'conf.d'), { recursive: true });
  const cookie = join(dir, '.erlang.cookie');
  if (!existsSync(cookie)) writeFileSync(cookie, randomBytes(24).toString('hex'), { mode: 0o400 });
  writeFileSync(
    join(dir, 'rabbitmq.conf'),
    // The disk of a laptop or of a CI machine is often fuller than the default alarm likes.
    `listeners.tcp.local = 127.0.0.1:${port}\ndisk_free_limit.absolute = 100MB\n`,
  );
  writeFileSync(join(dir, 'enabled_plugins'), '[].\n');
  // Read instead of /etc/rabbitmq/rabbitmq-env.conf, which may name the system's node.
  writeFileSync(join(dir, 'rabbitmq-env.conf'), `# Made by Longhaul's tools. Distribution port ${distPort}.\n`);
}

/** @param {string} dir @param {number} port @param {number} distPort @param {number} epmdPort */
function environment(dir, port, distPort, epmdPort) {
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    ...clientEnvironment(dir, epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_CRASH_DUMP_SECONDS: '0',
    RABBITMQ_CONF_ENV_FILE: join(dir, 'rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: join(dir, 'rabbitmq.conf'),
    RABBITMQ_CONFIG_FILES: join(dir, 'conf.d'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(dir, 'advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'enabled_plugins'),
    RABBITMQ_NODENAME: NODE,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_MNESIA_BASE: join(dir, 'data'),
    RABBITMQ_LOG_BASE: join(dir, 'log'),
    RABBITMQ_PID_FILE: join(dir, 'rabbitmq.pid'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  };
}

const NODE = 'longhaul@localhost';

/** What rabbitmqctl needs to reach this node and no other. @param {string} dir @param {number} epmdPort */
function clientEnvironment(dir, epmdPort) {
  return { HOME: dir, ERL_EPMD_PORT: String(epmdPort), RABBITMQ_CONF_ENV_FILE: join(dir, 'rabbitmq-env.conf') };
}

/** @param {string} server @param {string} dir @param {Running} running @returns {PrivateBroker} */
function brokerOf(server, dir, { port, epmdPort }) {
  const variables = Object.entries(clientEnvironment(dir, epmdPort)).map(([name, value]) => quoted(`${name}=${value}`));
  return {
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    rabbitmqctl: `env ${variables.join(' ')} ${quoted(join(dirname(server), 'rabbitmqctl'))} -n ${NODE}`,
  };
}

/** For a command line that `sh -c` will read. */
function quoted(/** @type {string} */ word) {
  return /^[\w./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** @param {string} dir @returns {Promise<Running | null>} */
async function findRunning(dir) {
  const file = join(dir, 'running.json');
  if (!existsSync(file)) return null;
  const running = /** @type {Running} */ (JSON.parse(readFileSync(file, 'utf8')));
  if (!isAlive(running.broker)) return null;
  return (await probeRabbitMq(`amqp://guest:guest@127.0.0.1:${running.port}`)).ok ? running : null;
}
