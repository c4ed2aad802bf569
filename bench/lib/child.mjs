// Processes of a benchmark, and the little talk with them: the parent calls, the child answers, over Node's own channel.

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eachLine, PlainError } from '../../tools/lib/log.mjs';
import { ended } from '../../tools/lib/commands.mjs';
import { root } from '../../tools/lib/paths.mjs';

const START_MS = 90_000;
const STOP_MS = 60_000;

/**
 * @typedef {object} SpawnOptions
 * @property {NodeJS.ProcessEnv} [env]  on top of what every process gets
 * @property {string[]} [flags]  of node
 * @property {string | undefined} [profileDir]  a CPU profile is written there when the process ends
 */

export class Child {
  /** @type {import('node:child_process').ChildProcess} */
  #process;
  /** @type {Promise<{ code: number | null, signal: NodeJS.Signals | null }>} */
  #ended;
  #calls = new Map();
  #nextCall = 0;
  /** @type {string[]} */
  #tail = [];

  /** @param {string} name @param {string} script @param {SpawnOptions} [options] */
  constructor(name, script, { env = {}, flags = [], profileDir } = {}) {
    this.name = name;
    if (profileDir) mkdirSync(profileDir, { recursive: true });
    const profiling = profileDir ? ['--cpu-prof', `--cpu-prof-dir=${profileDir}`, `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`] : [];
    this.#process = spawn(process.execPath, [...profiling, ...flags, script], {
      cwd: root,
      env: { ...passedOn(), ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    running.add(this.#process);
    for (const stream of [this.#process.stdout, this.#process.stderr]) if (stream) eachLine(stream, (line) => this.#hear(line));
    this.#ended = ended(this.#process).finally(() => this.#fail());
    this.#ended.catch(() => undefined);
    this.#process.on('message', (message) => this.#answer(/** @type {any} */ (message)));
  }

  get pid() {
    return this.#process.pid ?? -1;
  }

  /** What a child says of itself when it can be called: a message that comes before it listens would be lost. */
  ready() {
    return new Promise((resolve, reject) => this.#calls.set('ready', { resolve, reject, method: 'ready' }));
  }

  /** @param {string} method @param {unknown} [argument] @returns {Promise<any>} */
  call(method, argument) {
    const id = this.#nextCall++;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject, method });
      this.#process.send({ id, method, argument }, (error) => error && reject(this.#error(`"${method}" could not be sent: ${error.message}`)));
    });
  }

  /** Bytes that it has in memory, now and at most. */
  memory() {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
      const bytes = (/** @type {string} */ name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024;
      return { rss: bytes('VmRSS'), peak: bytes('VmHWM') };
    } catch {
      return { rss: 0, peak: 0 };
    }
  }

  /** Waits until `/health/ready` answers 200: for the product's own processes. @param {string} url */
  async healthy(url) {
    const end = Date.now() + START_MS;
    for (;;) {
      if (this.#process.exitCode !== null) throw this.#error(`ended with ${this.#process.exitCode}`);
      const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
      if (response?.status === 200) return;
      if (Date.now() > end) throw this.#error('was not ready in time');
      await delay(50);
    }
  }

  /** As a machine that is switched off. */
  async kill() {
    this.#process.kill('SIGKILL');
    await this.#ended.catch(() => undefined);
  }

  /** SIGTERM, and SIGKILL for what does not end by it. */
  async stop() {
    if (this.#process.exitCode === null) this.#process.kill('SIGTERM');
    const late = setTimeout(() => this.#process.kill('SIGKILL'), STOP_MS);
    await this.#ended.catch(() => undefined);
    clearTimeout(late);
  }

  /** @param {string} line */
  #hear(line) {
    this.#tail = [...this.#tail.slice(-30), line];
    if (process.env.BENCH_LOGS === '1') process.stderr.write(`${this.name} | ${line}\n`);
  }

  /** @param {{ id: number | 'ready', result?: unknown, error?: string }} message */
  #answer({ id, result, error }) {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(this.#error(`"${call.method}" failed: ${error}`));
  }

  #fail() {
    running.delete(this.#process);
    for (const { reject, method } of this.#calls.values()) reject(this.#error(`ended during "${method}"`));
    this.#calls.clear();
  }

  /** @param {string} what */
  #error(what) {
    return new PlainError(`${this.name} (pid ${this.pid}) ${what}\n${this.#tail.join('\n')}`);
  }
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Only what a process needs: the user's own URLs must not leak in. */
function passedOn() {
  return Object.fromEntries(['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}

/** A process of `roles/`, ready to be called. @param {string} role @param {object} config @param {SpawnOptions} [options] */
export async function spawnRole(role, config, options = {}) {
  const child = new Child(options.env?.BENCH_NAME ?? role, join(import.meta.dirname, '../roles', `${role}.mjs`), {
    ...options,
    env: { ...options.env, BENCH_CONFIG: JSON.stringify(config) },
  });
  try {
    await child.ready();
    return child;
  } catch (error) {
    await child.stop();
    throw error;
  }
}
