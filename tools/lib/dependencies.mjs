// node_modules: installed when missing, incomplete, or when package-lock.json says something else. Built-ins only.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.mjs';
import { withLock } from './lock.mjs';
import { say } from './log.mjs';
import { root } from './paths.mjs';

/** @param {AbortSignal} [signal] */
export async function ensureDependencies(signal) {
  if (isInstalled(root)) return;
  const install = async () => {
    if (isInstalled(root)) return;
    say('installing dependencies (npm ci); this takes a minute or two');
    // Errors only: its warnings are about other people's packages.
    await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { signal });
  };
  await withLock('install', install, signal);
}

/**
 * True when npm's own record of node_modules has each package of the lock file, and the packages are there. npm writes
 * the record last, so an installation that was cut off has none.
 * @param {string} folder
 */
export function isInstalled(folder) {
  const record = join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = packagesOf(join(folder, 'package-lock.json'));
  const present = packagesOf(record);
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '' || (optional && !present[path])) return true;
    return present[path]?.version === version && existsSync(join(folder, path, 'package.json'));
  });
}

/** @param {string} file @returns {Record<string, { version: string, optional?: boolean }>} */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
