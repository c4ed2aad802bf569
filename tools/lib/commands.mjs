// Running other programs to their end.

import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PlainError } from './log.mjs';
import { project } from './paths.mjs';

/**
 * Runs a program with its output shown, and fails when it fails. When the signal fires, it and its children are killed:
 * for programs whose work may be cut off. A Ctrl-C in the terminal does not reach them, so they do not complain of it.
 * @param {string} command @param {string[]} args @param {{ signal?: AbortSignal | undefined }} [options]
 */
export async function run(command, args, { signal } = {}) {
  signal?.throwIfAborted();
  const child = spawn(command, args, { cwd: project, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const kill = () => child.pid && killGroup(child.pid);
  process.on('exit', kill);
  signal?.addEventListener('abort', kill);
  const { code, signal: endedBy } = await ended(child)
    .catch((error) => ({ code: error.code, signal: null }))
    .finally(() => {
      process.off('exit', kill);
      signal?.removeEventListener('abort', kill);
    });
  signal?.throwIfAborted();
  if (code !== 0) throw new PlainError(`expected "${command} ${args.join(' ')}" to work, got: ${endedBy ?? `exit ${code}`}; see its output above`);
}

export function killGroup(/** @type {number} */ pid) {
  if (pid === 0) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone, as it should be.
  }
}

/**
 * Runs a program and returns its output (both streams), whatever its exit code.
 * @param {string} command @param {string[]} args
 * @param {{ timeoutMs?: number, env?: NodeJS.ProcessEnv, cwd?: string, uid?: number, gid?: number }} [options]
 */
export async function capture(command, args, { timeoutMs = 60_000, ...options } = {}) {
  const child = spawn(command, args, {
    cwd: project,
    ...options,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  try {
    const { code } = await ended(child);
    return { code, output: output.trim() };
  } catch (error) {
    return { code: -1, output: String(error) };
  }
}

/** @param {import('node:child_process').ChildProcess} child */
export function ended(child) {
  return /** @type {Promise<{ code: number | null, signal: NodeJS.Signals | null }>} */ (
    new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal }));
    })
  );
}

/** The first of these that may be executed, looked up in PATH when it has no folder. @param {string[]} names */
export function findProgram(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const name of names) {
    for (const path of name.includes('/') ? [name] : folders.map((folder) => join(folder, name))) {
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not this one.
      }
    }
  }
  return null;
}
