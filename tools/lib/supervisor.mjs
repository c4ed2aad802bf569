// Keeps one app process running: shows its log with a prefix, starts it again when it dies, stops it with a drain.

import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { ended } from './commands.mjs';
import { eachLine, say } from './log.mjs';
import { project } from './paths.mjs';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const STEADY_AFTER_MS = 30_000;

/** Whether the log is shown, or how a line of it is. @typedef {boolean | ((line: string) => string)} ShowLogs */

export class Supervised {
  /** @type {import('node:child_process').ChildProcess | null} */
  #child = null;
  /** @type {Promise<void>} */
  #running = Promise.resolve();
  #stopping = new AbortController();
  #restarts = false;
  /** @type {string[]} */
  #tail = [];
  /** @type {string | null} */
  #end = null;

  /**
   * @param {string} name @param {string} script @param {NodeJS.ProcessEnv} env
   * @param {{ showLogs?: ShowLogs }} [options]
   */
  constructor(name, script, env, { showLogs = true } = {}) {
    this.name = name;
    this.script = script;
    this.env = env;
    this.showLogs = showLogs;
  }

  start() {
    this.#running = this.#keepRunning();
  }

  /** From now on a death is repaired. Before, it is a failed start: the caller looks at `ended()`. */
  restartOnDeath() {
    this.#restarts = true;
  }

  /** Why it has ended for good, with its last lines; null while it runs or is being started again. */
  ended() {
    if (this.#end === null) return null;
    return `the ${this.name} ended (${this.#end})${this.showLogs ? '' : `:\n${this.#tail.join('\n')}`}`;
  }

  /** Stops it as `stop` does and starts it again, as what is on the disk now; its death is a failed start again. @param {number} timeoutMs @param {AbortSignal} [hurry] */
  async replace(timeoutMs, hurry) {
    await this.stop(timeoutMs, hurry);
    this.#stopping = new AbortController();
    this.#end = null;
    this.#restarts = false;
    this.start();
  }

  /** SIGTERM and a drain of up to `timeoutMs`, or until `hurry` fires; then SIGKILL. @param {number} timeoutMs @param {AbortSignal} [hurry] */
  async stop(timeoutMs, hurry) {
    this.#stopping.abort();
    this.#child?.kill('SIGTERM');
    const enough = delay(timeoutMs, 'late', { signal: hurry, ref: false }).catch(() => 'hurry');
    if ((await Promise.race([this.#running, enough])) === undefined) return;
    say(`the ${this.name} has not ended in time; killing it`);
    this.kill();
    await this.#running;
  }

  kill() {
    this.#stopping.abort();
    this.#child?.kill('SIGKILL');
  }

  async #keepRunning() {
    let pause = FIRST_PAUSE_MS;
    for (;;) {
      const began = performance.now();
      const end = await this.#runOnce();
      if (this.#stopping.signal.aborted) return;
      if (!this.#restarts) {
        this.#end = end;
        return;
      }
      if (performance.now() - began > STEADY_AFTER_MS) pause = FIRST_PAUSE_MS;
      say(
        `the ${this.name} ended (${end}); starting it again in ${pause / 1000} s. ` +
          'A job that kills its process may be the reason: its attempts are bounded, and other jobs go on.',
      );
      await delay(pause, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return;
      pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
    }
  }

  async #runOnce() {
    // A group of its own: a Ctrl-C in the terminal must come as one SIGTERM from us, since a second one ends a drain.
    const child = spawn(process.execPath, [this.script], {
      cwd: project,
      env: this.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) eachLine(stream, (line) => this.#log(line));
    try {
      const { code, signal } = await ended(child);
      return signal ?? `exit ${code}`;
    } catch (error) {
      return String(error);
    } finally {
      this.#child = null;
    }
  }

  /** @param {string} line */
  #log(line) {
    this.#tail = [...this.#tail.slice(-19), line];
    if (this.showLogs === false) return;
    const shown = this.showLogs === true ? line : this.showLogs(line);
    process.stdout.write(shown.replace(/^/gm, `${this.name.padEnd(7)} | `) + '\n');
  }
}
