// What tools/outside.mjs needs: commands in a folder, a project's processes, the page that it follows, the size of an installation.

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { capture, ended } from './commands.mjs';
import { PlainError } from './log.mjs';
import { until } from './until.mjs';

/** Runs a command in a folder; its output. Throws with it when the command fails. @param {string} folder @param {string[]} command @param {NodeJS.ProcessEnv} [env] */
export async function inFolder(folder, [program = '', ...args], env = process.env) {
  const { code, output } = await capture(program, args, { cwd: folder, env, timeoutMs: 10 * 60_000 });
  if (code !== 0) throw new PlainError(`expected "${program} ${args.join(' ')}" to work in ${folder}, got exit ${code}:\n${output}`);
  return output;
}

/** A program in a folder, until `stop`. */
export class Command {
  output = '';
  /** @type {number | null} */
  code = null;

  /** @param {string} folder @param {string[]} command @param {NodeJS.ProcessEnv} env */
  constructor(folder, [program = '', ...args], env) {
    this.program = [program, ...args].join(' ');
    this.child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout.on('data', (chunk) => (this.output += chunk));
    this.child.stderr.on('data', (chunk) => (this.output += chunk));
    this.end = ended(this.child).then(({ code }) => (this.code = code ?? -1));
  }

  /** Waits for a line. @param {RegExp} line */
  says(line) {
    return this.until(`say ${line}`, () => line.test(this.output));
  }

  /** Waits until it listens. @param {string} url */
  answers(url) {
    return this.until(`answer at ${url}`, () => fetch(url));
  }

  /** @template T @param {string} what @param {() => T | Promise<T>} check */
  until(what, check) {
    const stopped = () => (this.code === null ? null : `it ended with ${this.code}:\n${this.output}`);
    return until(`${this.program} to ${what}`, check, { timeoutMs: 120_000, stopped });
  }

  async stop() {
    this.child.kill('SIGTERM');
    await this.end;
  }
}

/** Submits a job and waits for its result. @param {string} url @param {string} kind @param {object} payload */
export async function resultOf(url, kind, payload) {
  const headers = { 'content-type': 'application/json', prefer: 'wait=30' };
  const answer = await fetch(`${url}/jobs`, { method: 'POST', headers, body: JSON.stringify({ kind, payload }), signal: AbortSignal.timeout(60_000) });
  const job = /** @type {{ state?: string, result?: unknown }} */ (await answer.json());
  if (job.state !== 'succeeded') throw new PlainError(`expected ${kind} to succeed, got ${answer.status}: ${JSON.stringify(job)}`);
  return job.result;
}

/** The files of a page: code whose first line is a comment with the file's name. @param {string} path @returns {{ name: string, code: string }[]} */
export function filesOfPage(path) {
  return [...readFileSync(path, 'utf8').matchAll(/^```ts\n\/\/ (\S+)\n([^]*?)^```$/gm)].map(([, name, code]) => ({ name: String(name), code: String(code) }));
}

/** @typedef {{ name: string, path: string, bytes: number }} Installed */

/** The packages of an installation, each without those inside it, by the space that they take on the disk. @param {string} folder @returns {Installed[]} */
export function installedIn(folder) {
  return Object.keys(lockOf(folder)).map((path) => ({ name: nameOf(path), path, bytes: bytesOf(join(folder, path)) }));
}

/** The names of these packages and of all that they depend on. @param {string} folder @param {(name: string) => boolean} isRoot */
export function closureOf(folder, isRoot) {
  const lock = lockOf(folder);
  const found = new Set(Object.keys(lock).map(nameOf).filter(isRoot));
  for (const name of found) {
    for (const [path, { dependencies = {}, peerDependencies = {} }] of Object.entries(lock)) {
      if (nameOf(path) === name) for (const needed of Object.keys({ ...dependencies, ...peerDependencies })) found.add(needed);
    }
  }
  return found;
}

/** @param {string} folder @returns {Record<string, { dependencies?: Record<string, string>, peerDependencies?: Record<string, string> }>} */
function lockOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8')).packages;
}

/** @param {string} path */
function nameOf(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** @param {string} folder @returns {number} */
function bytesOf(folder) {
  let bytes = statSync(folder).blocks * 512;
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, item.name);
    if (item.isDirectory() && item.name !== 'node_modules') bytes += bytesOf(path);
    else if (item.isFile()) bytes += statSync(path).blocks * 512;
  }
  return bytes;
}
