// A whole Longhaul: dependencies, build, services, migrations, gateway and worker. Used by npm start and npm run demo.

import { capture } from './commands.mjs';
import { PlainError, say, seconds } from './log.mjs';
import { build, entry, inCheckout } from './paths.mjs';
import { freePortFrom, isFree } from './ports.mjs';
import { Supervised } from './supervisor.mjs';
import { until } from './until.mjs';
import { refuseTls } from './without-tls.mjs';

/**
 * @typedef {object} Longhaul
 * @property {string} url  the gateway
 * @property {string | null} workerUrl  null in single-process mode
 * @property {(options?: { withMigrations?: boolean }) => Promise<void>} restart  both apps, which drain first
 *
 * @typedef {object} StartOptions
 * @property {AbortSignal} signal  stops what is going on
 * @property {AbortSignal} hurry  ends a drain
 * @property {import('./supervisor.mjs').ShowLogs} [showLogs]
 * @property {NodeJS.ProcessEnv} [env]  for the apps, below what the environment says
 * @property {(signal: AbortSignal) => Promise<void>} [prepare]  makes what is to run
 * @property {string} [from]  the build that is run
 *
 * @param {import('./owned.mjs').Owned} owned  gets everything that is to be stopped
 * @param {StartOptions} options
 * @returns {Promise<Longhaul>}
 */
export async function startLonghaul(owned, { signal, hurry, showLogs = true, env: defaults = {}, prepare = ensureReadyToRun, from = build }) {
  const began = performance.now();
  refuseTls(process.env);
  await prepare(signal);
  const { findServices } = await import('./services.mjs');
  const withBroker = process.env.LONGHAUL_BROKER !== 'none';
  const { postgres, rabbitMq } = await findServices('start', owned, { signal, withBroker });
  if (!rabbitMq) await saySingleProcess(withBroker);
  const servicesAfter = seconds(began);

  const env = { ...defaults, ...(await appEnvironment(postgres.url, rabbitMq?.url ?? null)) };
  await migrate(env, from);
  signal.throwIfAborted();
  const apps = [new Supervised('gateway', entry('gateway', 'main', from), env, { showLogs })];
  if (rabbitMq) apps.push(new Supervised('worker', entry('worker', 'main', from), env, { showLogs }));
  const drainMs = (Number(env.DRAIN_SECONDS ?? 30) + 5) * 1000;
  // Together: with a long job in each, one after the other would take twice the time.
  owned.add('gateway and worker', {
    stop: async () => void (await Promise.all(apps.map((app) => app.stop(drainMs, hurry)))),
    kill: () => apps.forEach((app) => app.kill()),
  });
  for (const app of apps) app.start();

  const host = shownHost(String(env.HOST));
  const url = `http://${host}:${env.PORT}`;
  const workerUrl = rabbitMq ? `http://${host}:${env.WORKER_PORT}` : null;
  // The one that has ended has said why.
  const stopped = () => apps.map((app) => app.ended()).find((end) => end !== null) ?? null;
  const untilReady = async () => {
    for (const base of [url, ...(workerUrl ? [workerUrl] : [])]) {
      await until(`${base}/health/ready to answer 200`, () => isReady(base), { timeoutMs: 60_000, stopped, signal });
    }
    for (const app of apps) app.restartOnDeath();
  };
  await untilReady();
  say(`ready in ${seconds(began)} (services after ${servicesAfter})`);
  const restart = async ({ withMigrations = false } = {}) => {
    if (withMigrations) await migrate(env, from);
    await Promise.all(apps.map((app) => app.replace(drainMs, hurry)));
    await untilReady();
  };
  return { url, workerUrl, restart };
}

export async function ensureReadyToRun(/** @type {AbortSignal} */ signal) {
  const { ensureDependencies } = await import('./dependencies.mjs');
  const { ensureBuild } = await import('./build.mjs');
  await ensureDependencies(signal);
  await ensureBuild(signal);
  signal.throwIfAborted();
}

/** @param {boolean} wanted */
async function saySingleProcess(wanted) {
  if (!wanted) return say('LONGHAUL_BROKER=none: the gateway runs the jobs itself (single-process mode)');
  const { howToGetRabbitMq } = await import('./rabbitmq-service.mjs');
  say(`no RabbitMQ: the gateway runs the jobs itself (single-process mode). For workers of their own (distributed mode): ${howToGetRabbitMq()}`);
}

/**
 * What both apps get. Names and defaults are the apps' own; here only what depends on this machine is decided.
 * @param {string} databaseUrl @param {string | null} amqpUrl @returns {Promise<NodeJS.ProcessEnv>}
 */
async function appEnvironment(databaseUrl, amqpUrl) {
  const host = process.env.HOST || '127.0.0.1';
  const port = await choosePort('PORT', 3000, host, []);
  return {
    // Debug kinds make the first curl work. They are off wherever the apps are started otherwise, and not in the npm package.
    ...(inCheckout ? { LONGHAUL_DEBUG_KINDS: '1' } : {}),
    // Pages of a developer's own server on this machine may call the gateway; see docs/operate/hosts-and-origins.md.
    NODE_ENV: 'development',
    PUBLIC_URL: `http://${host}:${port}`,
    ...process.env,
    DATABASE_URL: databaseUrl,
    ...(amqpUrl ? { AMQP_URL: amqpUrl, LONGHAUL_BROKER: 'rabbitmq' } : { LONGHAUL_BROKER: 'none' }),
    HOST: host,
    PORT: String(port),
    WORKER_PORT: String(await choosePort('WORKER_PORT', 3001, host, [port])),
  };
}

/** @param {'PORT' | 'WORKER_PORT'} variable @param {number} usual @param {string} host @param {number[]} taken */
async function choosePort(variable, usual, host, taken) {
  const wanted = process.env[variable];
  if (wanted) {
    const port = Number(wanted);
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      throw new PlainError(`expected ${variable} to be a port from 1 to 65535, got: ${wanted}`);
    }
    if (!(await isFree(port, host))) {
      throw new PlainError(`expected ${variable} ${port} to be free on ${host}, got: another process listens there; end it, or set ${variable} to another`);
    }
    return port;
  }
  const port = await freePortFrom(usual, host, taken);
  if (port !== usual && !taken.includes(usual)) say(`port ${usual} is taken, using ${port} (${variable} chooses another)`);
  return port;
}

/** @param {NodeJS.ProcessEnv} env @param {string} from */
async function migrate(env, from) {
  const { code, output } = await capture(process.execPath, [entry('gateway', 'migrate', from)], { env, timeoutMs: 300_000 });
  if (code !== 0) throw new PlainError(`expected the migrations to run, got exit ${code}:\n${output}`);
}

async function isReady(/** @type {string} */ base) {
  return (await fetch(`${base}/health/ready`, { signal: AbortSignal.timeout(5_000) })).status === 200;
}

function shownHost(/** @type {string} */ host) {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
