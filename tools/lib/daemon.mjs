// A service started by us, in a process group of its own: Ctrl-C in the terminal must not reach it before we stop it.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killGroup } from './commands.mjs';
import { isAlive } from './lock.mjs';
import { until } from './until.mjs';

/**
 * @param {string} command @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv, user?: { uid: number, gid: number }, cwd: string, logFile: string }} options
 */
export function startDaemon(command, args, { env, user, cwd, logFile }) {
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', log, log],
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });
  closeSync(log);
  /** @type {string | null} */
  let end = null;
  child.once('error', (error) => (end = error.message));
  child.once('exit', (code, signal) => (end ??= `exit ${code ?? signal}`));
  child.unref();
  return {
    pid: child.pid ?? 0,
    /** Why it no longer runs, with the end of its log; null while it runs. */
    ended: () => (end === null ? null : `${command}: ${end}\n${lastLines(logFile)}`),
    /** @param {NodeJS.Signals} signal */
    stop: (signal, timeoutMs = 30_000) => stopProcess(child.pid ?? 0, signal, timeoutMs),
    kill: () => killGroup(child.pid ?? 0),
  };
}

/** Signals a process that we know to be ours and waits until it is gone; then SIGKILL to its group. */
export async function stopProcess(/** @type {number} */ pid, /** @type {NodeJS.Signals} */ signal, timeoutMs = 30_000) {
  if (pid === 0 || !isAlive(pid)) return;
  process.kill(pid, signal);
  try {
    await until(`process ${pid} to end`, () => !isRunning(pid), { timeoutMs });
  } finally {
    killGroup(pid);
  }
}

/** A zombie that init has not reaped yet counts as ended. */
function isRunning(/** @type {number} */ pid) {
  if (!isAlive(pid)) return false;
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}

function lastLines(/** @type {string} */ file) {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
  } catch {
    return '';
  }
}

// A service outlives us when we are killed. The next run then finds our mark: the owner alive means "use it, leave it
// running", the owner dead means "use it, and stop it at the end".

/** @param {string} dir */
export function hasOtherOwner(dir) {
  try {
    const [pid, script] = readFileSync(join(dir, 'owner'), 'utf8').split('\n');
    return Number(pid) !== process.pid && isAlive(Number(pid)) && script === startedAs(Number(pid));
  } catch {
    return false;
  }
}

/** @param {string} dir */
export function markOwner(dir) {
  writeFileSync(join(dir, 'owner'), `${process.pid}\n${startedAs(process.pid)}`);
}

/** @param {string} dir */
export function unmarkOwner(dir) {
  rmSync(join(dir, 'owner'), { force: true });
}

/** Tells a process from a later one with the same id. */
function startedAs(/** @type {number} */ pid) {
  try {
    return `${readlinkSync(`/proc/${pid}/exe`)} ${readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').at(21)}`;
  } catch {
    return 'unknown';
  }
}
