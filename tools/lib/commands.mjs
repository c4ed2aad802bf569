// Running other programs to their end.

import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PlainError } from './log.mjs';
import { root } from './paths.mjs';

/**
 * Runs a program with its output shown, and fails when it fails.
 * @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env]
 */
export async function run(command, args, env = process.env) {
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const { code, signal } = await ended(child);
  if (code !== 0) throw new PlainError(`expected "${command} ${args.join(' ')}" to work, got: exit ${code ?? signal}`);
}

/**
 * Runs a program and returns its output (both streams), whatever its exit code.
 * @param {string} command @param {string[]} args
 * @param {{ timeoutMs?: number, env?: NodeJS.ProcessEnv, uid?: number, gid?: number }} [options]
 */
export async function capture(command, args, { timeoutMs = 60_000, ...options } = {}) {
  const child = spawn(command, args, {
    cwd: root,
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
