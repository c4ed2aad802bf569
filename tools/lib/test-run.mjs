// A run of the tests that was cut off: it leaves no process, database, virtual host or file behind.

import { readdirSync, readFileSync } from 'node:fs';
import { capture } from './commands.mjs';
import { say } from './log.mjs';

/** Says the run, and when it began. */
export function newRunId() {
  return `${Date.now().toString(36)}_${Math.random().toString(36).slice(2, 6).padEnd(4, '0')}`;
}

/**
 * Ends a process with all that came of it, for good: its descendants, and (on Linux) whatever has the mark of the run in its environment, for what
 * lost its parent is nobody's descendant. All are stopped first, so that none starts another meanwhile.
 * @param {number} pid @param {string} mark
 */
export async function endTree(pid, mark) {
  /** @type {Set<number>} */
  const found = new Set();
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const each of await processesOf(pid, mark)) {
      if (found.has(each)) continue;
      found.add(each);
      send(each, 'SIGSTOP');
    }
  }
  for (const each of found) send(each, 'SIGKILL');
}

/** Removes what a run has made on the services; tells of what it cannot remove. @param {string} run @param {NodeJS.ProcessEnv} services */
export async function removeTraces(run, services) {
  for (const [name, value] of Object.entries({ ...services, LONGHAUL_TEST_RUN: run })) if (value !== undefined) process.env[name] = value;
  try {
    const { default: tearDown } = await import('../../test/support/global-teardown.mjs');
    await tearDown();
  } catch (error) {
    say(`what this run has made could not be removed (a later run does, after two hours): ${error instanceof Error ? error.message : error}`);
  }
}

/** @param {number} root @param {string} mark */
async function processesOf(root, mark) {
  const { output } = await capture('ps', ['-A', '-o', 'pid=,ppid=']);
  const rows = output.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const found = new Set(marked(mark));
  found.add(root);
  // Parents may come after their children.
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const [pid, parent] of rows) if (pid !== undefined && parent !== undefined && found.has(parent)) found.add(pid);
  }
  found.delete(process.pid);
  return found;
}

/** @param {string} mark */
function marked(mark) {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
      } catch {
        // Gone meanwhile, or another user's.
        return false;
      }
    });
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone, as it should be.
  }
}
