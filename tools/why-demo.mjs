// `npm run demo:why`: brings about each cause for which a job has not started, in a real gateway and worker on a database and a virtual host of their
// own, and shows what `GET /jobs/{id}/why` says of it. Then how good its estimates are, and what it costs with many jobs waiting.

import './lib/node-version.mjs';
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Child } from '../bench/lib/child.mjs';
import { median, percentile } from '../bench/lib/statistics.mjs';
import { addVhost, administerPostgres, removeVhosts, testServices, urlOfDatabase, urlOfVhost } from '../test/support/services.mjs';
import { ensureBuild } from './lib/build.mjs';
import { capture } from './lib/commands.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { PlainError, reportAndFail } from './lib/log.mjs';
import { Owned } from './lib/owned.mjs';
import { entry } from './lib/paths.mjs';
import { freePortFrom } from './lib/ports.mjs';
import { onStopSignal } from './lib/signals.mjs';
import { switchProxy } from './lib/switch-proxy.mjs';
import { until } from './lib/until.mjs';

const HELP = `Usage: npm run demo:why [-- --waiting <jobs>]

Shows what GET /jobs/{id}/why says of each cause, how far its estimates are off, and its p95 with jobs waiting (100,000).
PostgreSQL and RabbitMQ are those of TEST_DATABASE_URL and TEST_AMQP_URL.
`;
const SLOTS = 4;
const BATCH = 1_000;
const BURST = 50;
const LONG = { ms: 600_000 };
/** The bars: of the jobs that start at least so much later, so many within so much; and the time of an answer. */
const [LATER_MS, WITHIN, OF_JOBS, P95_MS] = [10_000, 0.3, 0.8, 20];
const STEADY = { jobs: 800, ms: 200, everyMs: 1_000 };
const QUESTIONS = 500;

/** @typedef {import('@app/contracts').WhyView} WhyView */
/** @typedef {{ id: string }} Accepted */

const owned = new Owned();
const { signal } = onStopSignal();
let failed = 0;
try {
  const waiting = readArguments();
  await ensureDependencies(signal);
  await ensureBuild(signal);
  const pair = await startPair();
  await causes(pair);
  await estimates(pair);
  await cost(pair, waiting);
  if (failed > 0) throw new PlainError(`${failed} failed`);
} catch (error) {
  reportAndFail(error, signal);
} finally {
  await owned.stop();
  process.exit();
}

function readArguments() {
  const { values } = parseArgs({ options: { waiting: { type: 'string', default: '100000' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const waiting = Number(values.waiting);
  if (!Number.isInteger(waiting) || waiting < 1) throw new PlainError(`expected --waiting as a whole number of at least 1, got: ${values.waiting}`);
  return waiting;
}

/** @typedef {Awaited<ReturnType<typeof startPair>>} Pair */

async function startPair() {
  const name = `lh_why_${Date.now().toString(36)}`;
  if (testServices().amqpUrl === null) throw new PlainError('expected a RabbitMQ at TEST_AMQP_URL, got: none');
  await administerPostgres((/** @type {import('pg').Client} */ client) => client.query(`create database "${name}"`));
  owned.add('the database', {
    stop: () =>
      administerPostgres(async (/** @type {import('pg').Client} */ client) => {
        await client.query(`drop database if exists "${name}" with (force)`);
      }),
  });
  await addVhost(name);
  owned.add('the virtual host', { stop: () => removeVhosts([name]) });
  const broker = await switchProxy(urlOfVhost(name));
  owned.add('the proxy', { stop: broker.off });
  const env = {
    DATABASE_URL: urlOfDatabase(name),
    AMQP_URL: broker.url,
    LONGHAUL_BROKER: 'rabbitmq',
    LONGHAUL_ENV_FILE: '',
    LONGHAUL_DEBUG_KINDS: '1',
    LOG_LEVEL: 'warn',
    HOST: '127.0.0.1',
    QUEUES: 'repairs,steady,nobody',
    WORKER_CONCURRENCY: String(SLOTS),
    // A backlog is what is shown here.
    ADMISSION_DEPTH: '0',
    ADMISSION_QUEUE_DEPTH: '0',
    ADMISSION_OUTBOX_ROWS: '0',
  };
  const { code, output } = await capture(process.execPath, [entry('gateway', 'migrate')], { env: { ...process.env, ...env } });
  if (code !== 0) throw new PlainError(`expected the migrations to run, got exit ${code}:\n${output}`);
  const start = async (/** @type {'gateway' | 'worker'} */ app, /** @type {number} */ port, /** @type {Record<string, string>} */ more) => {
    const child = new Child(`why-${app}`, entry(app), { env: { ...env, ...more } });
    owned.add(`the ${app}`, { stop: () => child.stop() });
    await child.healthy(`http://127.0.0.1:${port}`);
  };
  const port = await freePortFrom(14_000);
  const workerPort = await freePortFrom(port + 1);
  await start('gateway', port, { PORT: String(port) });
  await start('worker', workerPort, { WORKER_PORT: String(workerPort), WORKER_QUEUES: 'default,repairs,steady' });
  return { broker, ...client(`http://127.0.0.1:${port}`) };
}

/** @param {string} url */
function client(url) {
  const call = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {unknown} */ body = undefined) => {
    const json = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(url + path, { method, signal, ...json });
    const text = await response.text();
    if (!response.ok) throw new PlainError(`expected ${method} ${path} to work, got ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    call,
    /** @param {string} kind @param {object} payload @param {object} [options] @returns {Promise<string>} its id */
    submit: async (kind, payload, options = {}) => (await call('POST', '/jobs', { kind, payload, options })).id,
    /** @param {number} jobs @param {string} kind @param {object} payload @param {object} options @returns {Promise<string[]>} */
    submitMany: async (jobs, kind, payload, options) => {
      const body = { jobs: Array.from({ length: jobs }, () => ({ kind, payload, options })) };
      return (await call('POST', '/jobs/batch', body)).jobs.map((/** @type {Accepted} */ { id }) => id);
    },
    /** @param {string} id @returns {Promise<WhyView>} */
    why: (id) => call('GET', `/jobs/${id}/why`),
    cancel: (/** @type {string} */ id) => call('POST', `/jobs/${id}/cancel`),
  };
}

/** @param {Pair} pair */
async function causes({ broker, call, submit, submitMany, why, cancel }) {
  heading('What keeps a job');
  const note = { reason: 'repair of the partner', by: 'anna' };
  /** @type {string[]} */
  const left = [];
  const kept = (/** @type {string} */ id) => (left.push(id), id);
  const long = async (/** @type {object} */ options = {}) => kept(await submit('debug.sleep', LONG, options));
  const echo = async (/** @type {object} */ options = {}) => kept(await submit('debug.echo', { value: 1 }, options));
  const show = async (/** @type {string} */ cause, /** @type {string} */ code, /** @type {() => Promise<string>} */ next) => {
    try {
      // A change reaches all processes within a second, and a job that comes before may still start: then the next one is asked.
      const seen = await until(`a job that ${code} keeps`, () => isSaid(code, next, why), { timeoutMs: 20_000, everyMs: 300, signal });
      verdict(true, cause, seen);
    } catch (error) {
      signal.throwIfAborted();
      verdict(false, cause, error instanceof Error ? error.message : error);
    }
  };
  const same = (/** @type {string} */ id) => async () => id;

  await show('it is for later', 'scheduled', same(await echo({ delay: '1h' })));
  await call('POST', '/queues/repairs/pause', note);
  await show('its queue is paused', 'paused', () => echo({ queue: 'repairs' }));
  await call('POST', '/kinds/debug.log/pause', note);
  await show('its kind is paused', 'paused', async () => kept(await submit('debug.log', { lines: 1 })));
  await show('no worker takes its queue', 'no_worker', same(await echo({ queue: 'nobody' })));
  await call('PUT', '/limits/partner', { match: { tag: 'partner' }, concurrency: 1 });
  await long({ tags: ['partner'] });
  await show('a limit of one is full', 'limit', same(await long({ tags: ['partner'] })));
  await call('PUT', '/limits/calls', { match: { tag: 'call' }, rate: '1/m' });
  await echo({ tags: ['call'] });
  await show('one start a minute is allowed', 'rate', same(await echo({ tags: ['call'] })));
  await show('it is not kept: it runs', 'running', same(await long()));
  for (let slot = 2; slot < SLOTS; slot++) await show('', 'running', same(await long()));
  await show('RabbitMQ has it, and all slots are busy', 'published', () => echo());
  await show('it waits for its turn', 'behind', async () => {
    const ids = await submitMany(BURST, 'debug.echo', { value: 1 }, {});
    left.push(...ids);
    return ids.at(-1) ?? '';
  });
  await broker.off();
  await show('RabbitMQ is away', 'broker_away', () => echo());
  await broker.on();
  await call('POST', '/queues/repairs/resume');
  await call('POST', '/kinds/debug.log/resume');
  await Promise.all(['partner', 'calls'].map((name) => call('DELETE', `/limits/${name}`)));
  // Those that have ended meanwhile refuse it.
  for (const id of left) await cancel(id).catch(() => signal.throwIfAborted());
  await show('it has ended: nothing', 'ended', same(left[0] ?? ''));
}

/** @param {string} code @param {() => Promise<string>} next @param {Pair['why']} why */
async function isSaid(code, next, why) {
  const id = await next();
  // What RabbitMQ has not confirmed yet, or has and no worker has taken, is settled by a moment.
  await delay(100, undefined, { signal });
  const { state, reasons, estimatedStart } = await why(id);
  const found = code === 'ended' ? reasons.length === 0 : reasons.some((reason) => reason.code === code);
  if (!found) throw new Error(`it is ${state}, because of ${JSON.stringify(reasons)}`);
  return `${code === 'ended' ? state : reasons.map(sentence).join('; ')}${estimatedStart === null ? '' : `; starts at ${estimatedStart}`}`;
}

/** @param {import('@app/contracts').WhyReason} reason */
function sentence({ code, ...more }) {
  const said = Object.entries(more).map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  return `${code}: ${said.join(', ')}`;
}

/** Asks of each job that waits in a steady row when it will start, and compares with when it did. @param {Pair} pair */
async function estimates({ call, submitMany, why }) {
  heading(`How far estimates are off: ${STEADY.jobs} jobs of ${STEADY.ms} ms, ${SLOTS} slots`);
  const submit = (/** @type {number} */ jobs) => submitMany(jobs, 'debug.sleep', { ms: STEADY.ms }, { queue: 'steady' });
  await untilBehind(submit, why);
  const ids = await submit(STEADY.jobs);
  /** @type {{ id: string, askedAt: number, estimated: number }[]} */
  const asked = [];
  const ended = async () => (await call('GET', `/jobs/${ids.at(-1)}`)).finishedAt !== null;
  for (let at = 0; !(await ended()); at++) {
    // One in seven, so that those asked lie all over the row.
    for (const id of ids.filter((_, index) => index % 70 === (at * 7) % 70)) {
      const askedAt = Date.now();
      const { estimatedStart } = await why(id);
      if (estimatedStart !== null) asked.push({ id, askedAt, estimated: Date.parse(estimatedStart) });
    }
    await delay(STEADY.everyMs, undefined, { signal });
  }
  const startedAt = new Map();
  for (const id of new Set(asked.map(({ id }) => id))) startedAt.set(id, Date.parse((await call('GET', `/jobs/${id}`)).startedAt));
  const far = asked.map((one) => ({ ...one, waited: startedAt.get(one.id) - one.askedAt })).filter(({ waited }) => waited >= LATER_MS);
  const good = far.filter(({ askedAt, estimated, waited }) => Math.abs(estimated - askedAt - waited) <= WITHIN * waited).length;
  const share = good / far.length;
  // Above one: they start earlier than was said.
  const bias = median(far.map(({ askedAt, estimated, waited }) => (estimated - askedAt) / waited));
  verdict(
    far.length > 0 && share >= OF_JOBS,
    `at least ${OF_JOBS * 100} % within ${WITHIN * 100} %, of jobs that start ${LATER_MS / 1_000} s later or more`,
    far.length === 0
      ? 'no job was asked of so early'
      : `${(share * 100).toFixed(1)} % of ${far.length} answers; told : waited, median ${bias.toFixed(2)}; ${load()}`,
  );
}

/**
 * Until jobs of a queue wait for their turn. What comes before the queue is found to be long goes to RabbitMQ, where it has no place that could be told.
 * @param {(jobs: number) => Promise<string[]>} submit @param {Pair['why']} why
 */
async function untilBehind(submit, why) {
  const next = async () => (await submit(BURST)).at(-1) ?? '';
  await until('jobs to wait for their turn', () => isSaid('behind', next, why), { timeoutMs: 20_000, everyMs: 300, signal });
}

/** @param {Pair} pair @param {number} waiting */
async function cost({ submitMany, why }, waiting) {
  heading(`What an answer costs with ${waiting.toLocaleString('en')} jobs waiting`);
  /** @type {string[]} */
  const ids = [];
  await untilBehind((jobs) => submitMany(jobs, 'debug.echo', { value: 1 }, { queue: 'nobody' }), why);
  while (ids.length < waiting) ids.push(...(await submitMany(Math.min(BATCH, waiting - ids.length), 'debug.echo', { value: 1 }, { queue: 'nobody' })));
  const times = [];
  for (let question = 0; question < QUESTIONS; question++) {
    const id = ids[Math.floor(((question + 0.5) / QUESTIONS) * ids.length)] ?? '';
    const before = performance.now();
    await why(id);
    times.push(performance.now() - before);
  }
  const p95 = percentile(times, 95);
  const figures = `p50 ${percentile(times, 50).toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, of ${QUESTIONS}; ${load()}`;
  verdict(p95 < P95_MS, `p95 under ${P95_MS} ms, over HTTP`, figures);
}

function load() {
  return `load of the machine ${loadavg()[0]?.toFixed(1)}`;
}

function heading(/** @type {string} */ text) {
  process.stdout.write(`\n${text}\n\n`);
}

/** @param {boolean} passed @param {string} what  empty: told only when it failed @param {unknown} seen */
function verdict(passed, what, seen) {
  if (!passed) failed++;
  if (what === '' && passed) return;
  process.stdout.write(`  ${passed ? 'PASS' : 'FAIL'}  ${what || 'a slot is taken'}\n        ${seen}\n`);
}
