// One peer, or Longhaul, on services of its own, with the processes that a scenario asks for.

import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { capture } from '../../tools/lib/commands.mjs';
import { PlainError } from '../../tools/lib/log.mjs';
import { entry } from '../../tools/lib/paths.mjs';
import { freePortFrom } from '../../tools/lib/ports.mjs';
import { loadPeer } from '../peers/index.mjs';
import { longhaulEnvironment } from '../peers/longhaul.mjs';
import { Child, spawnRole } from './child.mjs';
import { cpuTimes, parentOf, perJob } from './cpu.mjs';
import { openServices } from './services.mjs';

const MARKING = ['--import', fileURLToPath(new URL('mark-start.mjs', import.meta.url))];
const FIRST_PORT = 13_000;
/** @type {Set<number>} */
const takenPorts = new Set();

export class Stack {
  /** @type {Child[]} */
  children = [];
  /** @type {import('../peers/index.mjs').Monitor | undefined} */
  #monitor;

  /**
   * @param {import('../peers/index.mjs').Peer} peer @param {string} name @param {import('../peers/index.mjs').PeerEnv} env
   * @param {import('./services.mjs').Services} services @param {StackOptions} options
   */
  constructor(peer, name, env, services, options) {
    this.peer = peer;
    this.name = name;
    this.env = env;
    this.services = services;
    this.options = options;
    /** The cluster's first process, where it runs here. @type {number | undefined} */
    this.postmaster = undefined;
  }

  /**
   * @typedef {{ concurrency: number, signal: AbortSignal, profileDir?: string | undefined, longhaulEnv?: Record<string, string> }} StackOptions
   * @param {string} name @param {StackOptions} options
   */
  static async open(name, options) {
    const peer = await loadPeer(name);
    const services = await openServices(peer);
    const { databaseUrl, amqpUrl, redisPort } = services;
    const env = { databaseUrl, amqpUrl, redisPort, concurrency: options.concurrency };
    const stack = new Stack(peer, name, env, services, options);
    options.signal.addEventListener('abort', () => stack.stop(...stack.children));
    try {
      if (peer.needs.includes('postgres')) stack.postmaster = parentOf((await stack.query('select pg_backend_pid() as pid'))[0].pid);
      if (peer.mode) await stack.#migrate();
      await peer.setup?.(env);
      return stack;
    } catch (error) {
      await stack.close();
      throw error;
    }
  }

  /** @param {{ marking?: boolean }} [options]  marking: in single-process mode, it tells when handlers began */
  startProducer({ marking = false } = {}) {
    return this.#role('producer', {}, marking ? MARKING : []);
  }

  /** The HTTP form: the product's gateway, or a route before the peer. */
  async startHttp() {
    if (this.peer.mode) return this.startGateway();
    const child = await this.#role('http');
    return { url: await child.call('url'), child };
  }

  /** @param {Record<string, string>} [env] */
  async startGateway(env = {}) {
    const port = await nextPort();
    const child = this.#app('gateway', { ...env, PORT: String(port) });
    const url = `http://127.0.0.1:${port}`;
    await child.healthy(url);
    return { url, child };
  }

  /** @param {{ marking?: boolean }} [options]  marking: it tells when handlers began */
  async startWorker({ marking = false } = {}) {
    if (!this.peer.mode) return this.#role('worker', { marking });
    if (this.peer.mode === 'single-process') return (await this.startGateway()).child;
    const port = await nextPort();
    const child = this.#app('worker', { WORKER_PORT: String(port) }, marking ? MARKING : []);
    await child.healthy(`http://127.0.0.1:${port}`);
    return child;
  }

  /** Jobs whose end is not stored yet, of `submitted` in all. @param {number} submitted @param {Child[]} workers */
  async remaining(submitted, workers) {
    this.options.signal.throwIfAborted();
    if (!this.peer.monitor) {
      const counts = await Promise.all(workers.map((worker) => worker.call('done')));
      return submitted - counts.reduce((sum, count) => sum + count, 0);
    }
    this.#monitor ??= await this.peer.monitor(this.env);
    return this.#monitor.remaining();
  }

  /**
   * From now on: tells what a job has cost the services and each of the processes, in microseconds of CPU time.
   * @param {Child[]} others  beside the subject's own
   * @returns {(jobs: number) => Record<string, number>}
   */
  meterCpu(...others) {
    const read = () =>
      cpuTimes(
        [...this.children, ...others].map(({ name, pid }) => ({ role: name.replace(`${this.name}-`, ''), pid })),
        this.postmaster,
      );
    const before = read();
    return (jobs) => perJob(before, read(), jobs);
  }

  /** @param {string} text @param {unknown[]} [values] @returns {Promise<any[]>} */
  async query(text, values = []) {
    this.options.signal.throwIfAborted();
    const client = new pg.Client({ connectionString: this.env.databaseUrl, options: '-c search_path=longhaul' });
    await client.connect();
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** @param {Child} child */
  async kill(child) {
    this.children = this.children.filter((one) => one !== child);
    await child.kill();
  }

  /** @param {Child[]} children */
  async stop(...children) {
    for (const child of children) {
      await child.stop();
      this.children = this.children.filter((one) => one !== child);
    }
  }

  async close() {
    await this.stop(...this.children);
    await this.#monitor?.close();
    await this.services.close();
  }

  /** @param {string} role @param {object} [more] @param {string[]} [flags] */
  async #role(role, more = {}, flags = []) {
    const name = `${this.name}-${role}`;
    const profileDir = this.peer.mode ? this.options.profileDir : undefined;
    const child = await spawnRole(
      role,
      { peer: this.name, env: this.env, ...more },
      { env: { ...this.options.longhaulEnv, BENCH_NAME: name }, flags, profileDir },
    );
    this.children.push(child);
    return child;
  }

  /** @param {'gateway' | 'worker'} app @param {Record<string, string>} env @param {string[]} [flags] */
  #app(app, env, flags = []) {
    const child = new Child(`${this.name}-${app}`, entry(app), {
      env: { ...this.#environment(), ...env },
      flags,
      profileDir: this.options.profileDir,
    });
    this.children.push(child);
    return child;
  }

  #environment() {
    return { ...longhaulEnvironment(this.env, this.peer.mode ?? 'distributed'), ...this.options.longhaulEnv };
  }

  async #migrate() {
    const { code, output } = await capture(process.execPath, [entry('gateway', 'migrate')], { env: { ...process.env, ...this.#environment() } });
    if (code !== 0) throw new PlainError(`expected the migrations to run, got exit ${code}:\n${output}`);
  }
}

async function nextPort() {
  const port = await freePortFrom(FIRST_PORT, '127.0.0.1', [...takenPorts]);
  takenPorts.add(port);
  return port;
}
