// One process at a time: two `npm start` or `npm test` in one checkout must not both install or both build.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from './log.mjs';
import { stateDir } from './paths.mjs';
import { until } from './until.mjs';

/** @template T @param {string} name @param {() => Promise<T>} work @param {AbortSignal} [signal] ends the wait for another process */
export async function withLock(name, work, signal) {
  const path = join(stateDir, `${name}.lock`);
  mkdirSync(stateDir, { recursive: true });
  let said = false;
  await until(
    `the process ${holder(path)} that holds ${path}`,
    () => {
      if (take(path)) return true;
      if (!said) say(`waiting for process ${holder(path)}, which holds ${path}`);
      said = true;
      return false;
    },
    { timeoutMs: 10 * 60_000, everyMs: 200, signal },
  );
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(/** @type {string} */ path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
  const pid = holder(path);
  if (pid !== null && isAlive(pid)) return false;
  rmSync(path, { force: true }); // Its holder has died; the next look takes it.
  return false;
}

function holder(/** @type {string} */ path) {
  try {
    return Number(readFileSync(path, 'utf8')) || null;
  } catch {
    return null;
  }
}

export function isAlive(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
