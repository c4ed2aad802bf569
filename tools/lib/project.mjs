// `longhaul start`, `dev`, `gateway`, `worker`, `migrate` and `doctor` of the npm package, in the folder that they are called in.
// apps/cli reads the command line and calls these.

import './node-version.mjs';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readEnvironmentFile } from './command-line.mjs';
import { capture, ended } from './commands.mjs';
import { compileProject, CONFIG_COMPILED, isOutdated, OUTPUT } from './compile-project.mjs';
import { PlainError, reportAndFail, say } from './log.mjs';
import { ensureReadyToRun, startLonghaul } from './longhaul.mjs';
import { Owned } from './owned.mjs';
import { build, entry, inCheckout, project } from './paths.mjs';
import { prettyLog } from './pretty-log.mjs';
import { onStopSignal } from './signals.mjs';
import { whenChanged } from './watch-sources.mjs';
import { kindsOf, whereText } from './where.mjs';

/** Services, migrations, gateway and worker, until Ctrl-C; the exit code. With `watch` they start again when a source changes. */
export async function start({ watch = false } = {}) {
  const owned = new Owned();
  const { signal, second } = onStopSignal();
  try {
    readEnvironmentFile();
    const development = watch ? { prepare: prepareToWatch, from: inCheckout ? OUTPUT : build, showLogs: await prettyLog() } : { prepare };
    const running = await startLonghaul(owned, { signal, hurry: second, ...development });
    await sayWhere(running);
    if (watch) await whenChanged(signal, () => takeOver(running, signal));
    else await untilAborted(signal);
  } catch (error) {
    reportAndFail(error, signal);
  } finally {
    await owned.stop();
    if (signal.aborted) say('stopped');
  }
  return Number(process.exitCode ?? 0);
}

/** One app in the foreground, with what is in `dist`; its exit code. @param {'gateway' | 'worker'} app @param {string} [file] @param {string[]} [args] */
export async function run(app, file = 'main', args = []) {
  readEnvironmentFile();
  if (file === 'main' && !inCheckout && !process.env.LONGHAUL_CONFIG && sayIfOutdated() === 'missing') return 1;
  // A group of its own: a Ctrl-C in the terminal must come as one signal from here, since a second one ends a drain.
  const child = spawn(process.execPath, [entry(app, file), ...args], {
    cwd: process.cwd(),
    env: environment(),
    stdio: 'inherit',
    detached: true,
  });
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill);
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(name, () => child.kill(name));
  const { code, signal } = await ended(child);
  process.off('exit', kill);
  return code ?? (signal === 'SIGINT' ? 130 : 1);
}

/** What the apps of an installed Longhaul are told of the project. */
export function environment() {
  // Where it is missing the apps say so, of the folder: nobody has set a variable.
  const named = inCheckout || process.env.LONGHAUL_CONFIG || !existsSync(CONFIG_COMPILED);
  return { ...process.env, ...(named ? {} : { LONGHAUL_CONFIG: CONFIG_COMPILED }) };
}

/** @param {AbortSignal} signal */
async function prepare(signal) {
  if (inCheckout) return ensureReadyToRun(signal);
  if (!process.env.LONGHAUL_CONFIG) await compileProject();
  Object.assign(process.env, environment());
  await checkConfig();
}

/** Gateway and worker would both say what is wrong with longhaul.config.ts, after the services were started for nothing. */
async function checkConfig() {
  if (inCheckout) return;
  const { code, output } = await capture(process.execPath, [entry('gateway', 'check-config')]);
  if (code !== 0) throw new PlainError(output);
}

/** In a checkout Longhaul itself is compiled too, each file by itself: its build, which checks the types, takes ten times as long. @param {AbortSignal} signal */
async function prepareToWatch(signal) {
  if (!inCheckout) return prepare(signal);
  const { ensureDependencies } = await import('./dependencies.mjs');
  await ensureDependencies(signal);
  await compileProject();
  process.env.LONGHAUL_CONFIG ??= join(OUTPUT, 'longhaul.config.js');
}

/** @param {import('./longhaul.mjs').Longhaul} running @param {AbortSignal} signal */
async function takeOver({ restart }, signal) {
  const began = performance.now();
  try {
    const changed = await compileProject();
    if (changed.length === 0) return;
    await checkConfig();
    say(`${changed.join(', ')} changed: starting again`);
    await restart({ withMigrations: inCheckout && changed.some((file) => file.includes('/migrations/')) });
    say(`running again after ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  } catch (error) {
    // What runs goes on; the next change may be the mending one.
    if (!signal.aborted) say(error instanceof Error ? error.message : String(error));
  }
}

/** Says where what is run is not what the sources say. @returns {'missing' | undefined} */
function sayIfOutdated() {
  const file = relative(project, CONFIG_COMPILED);
  const outdated = isOutdated();
  if (existsSync(CONFIG_COMPILED)) {
    if (outdated) say(`${file} is older than longhaul.config.ts; npm run build compiles it`);
    return undefined;
  }
  const fix = outdated === null ? 'write longhaul.config.ts (or run: npm create longhaul), then npm run build' : 'npm run build makes it of longhaul.config.ts';
  say(`expected ${file} in ${project}, got none; ${fix}`);
  return 'missing';
}

/** @param {import('./longhaul.mjs').Longhaul} running */
async function sayWhere({ url, workerUrl }) {
  const command = inCheckout ? 'npm run longhaul --' : 'npx longhaul';
  process.stderr.write(whereText({ url, workerUrl, kinds: await kindsOf(url), command }));
}

/** @param {AbortSignal} signal */
function untilAborted(signal) {
  // The timer keeps this process alive while a supervisor pauses between two lives of a child.
  return new Promise((resolve) => {
    const alive = setInterval(() => undefined, 60_000);
    const stop = () => (clearInterval(alive), resolve(undefined));
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
}
