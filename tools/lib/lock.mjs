// One process at a time: two `npm start` or `npm test` in one checkout must not both install or both build.

import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
      const pid = holder(path);
      if (!said && pid !== null) say(`waiting for process ${pid}, which holds ${path}`);
      said ||= pid !== null;
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

/** By a link, so that the file has its holder in it from the first moment: one that is empty for a moment looks as if its holder had died. */
function take(/** @type {string} */ path) {
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  } finally {
    rmSync(mine, { force: true });
  }
  const pid = holder(path);
  // Its holder has died; the next look takes it. Without a holder it has just been given back.
  if (pid !== null && !isAlive(pid)) rmSync(path, { force: true });
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
