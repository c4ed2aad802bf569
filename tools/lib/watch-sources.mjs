// The sources of a project, watched: one call for changes that come together, such as an editor's or a checkout's.

import { setMaxListeners } from 'node:events';
import { readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { project } from './paths.mjs';

const TOGETHER_MS = 50;
const NO_SOURCES = new Set(['node_modules', 'dist', 'coverage']);

/** Calls `act` after each change until the signal fires; a change during a call is followed by another one. @param {AbortSignal} signal @param {() => Promise<void>} act */
export async function whenChanged(signal, act) {
  let changed = false;
  /** @type {() => void} */
  let wake = () => undefined;
  // Folder by folder: Node's recursive watch would look at all of node_modules.
  /** @type {Set<string>} */
  const watched = new Set();
  const watchAll = () => {
    for (const folder of foldersBelow(project)) {
      if (watched.has(folder)) continue;
      watched.add(folder);
      const watcher = watch(folder, { signal }, (_event, name) => {
        if (name !== null && name.includes('.') && !/\.[cm]?ts$|^tsconfig\.json$/.test(name)) return;
        changed = true;
        wake();
      });
      watcher.on('error', () => watched.delete(folder));
    }
  };
  setMaxListeners(0, signal); // One for each folder.
  signal.addEventListener('abort', () => wake());
  while (!signal.aborted) {
    watchAll();
    if (!changed) await new Promise((resolve) => (wake = () => resolve(undefined)));
    if (signal.aborted) return;
    await delay(TOGETHER_MS);
    changed = false;
    await act();
  }
}

/** @param {string} folder @returns {string[]} */
function foldersBelow(folder) {
  const below = readdirSync(folder, { withFileTypes: true }).filter((item) => item.isDirectory() && !item.name.startsWith('.') && !NO_SOURCES.has(item.name));
  return [folder, ...below.flatMap(({ name }) => foldersBelow(join(folder, name)))];
}
