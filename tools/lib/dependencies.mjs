// node_modules: installed when missing or when package-lock.json says something else. Built-ins only.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.mjs';
import { withLock } from './lock.mjs';
import { say } from './log.mjs';
import { root } from './paths.mjs';

const lockFile = join(root, 'package-lock.json');
const stampFile = join(root, 'node_modules/.longhaul-lock');

export async function ensureDependencies() {
  if (isStamped()) return;
  await withLock('install', async () => {
    if (isStamped()) return;
    if (!isInstalled()) {
      say('installing dependencies (npm ci)');
      await run('npm', ['ci', '--no-audit', '--no-fund']);
    }
    writeFileSync(stampFile, lockHash());
  });
}

function isStamped() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockHash();
}

function lockHash() {
  return createHash('sha256').update(readFileSync(lockFile)).digest('hex');
}

/** True when npm's own record of node_modules has each package of the lock file: someone ran `npm install` by hand. */
function isInstalled() {
  const recordFile = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(recordFile)) return false;
  const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  const present = JSON.parse(readFileSync(recordFile, 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '' || (optional && !present[path])) return true;
    return present[path]?.version === version && existsSync(join(root, path));
  });
}
