// `node tools/console-budget.mjs`: what a browser loads of the console, in kB as it is sent, and how fast it is, with PASS or FAIL. It reads dist, which `npm run build` makes.

import './lib/node-version.mjs';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PlainError, reportAndFail } from './lib/log.mjs';
import { Owned } from './lib/owned.mjs';
import { root } from './lib/paths.mjs';
import { onStopSignal } from './lib/signals.mjs';

/** @typedef {{ file: string, css?: string[], imports?: string[], dynamicImports?: string[], isDynamicEntry?: boolean, src?: string }} Chunk */

const FIRST_LOAD = 320_000;
const SCREEN = 40_000;
const FIRST_SCREENS = ['src/screens/now/now-screen.tsx', 'src/screens/jobs/jobs-screen.tsx'];
const folder = join(root, 'dist/console');

const HELP = `Usage: node tools/console-budget.mjs [--sizes] [--quick] [--jobs <n>]

Prints what a browser loads of the console and how fast the console is, with PASS or FAIL. It starts a gateway on a database of its own, in the PostgreSQL that
the tests use, and drives CHROMIUM (/usr/bin/chromium). --sizes: sizes alone. --quick: without the list of a million jobs, which takes minutes to make; --jobs: of so many.
`;

const owned = new Owned();
const { signal } = onStopSignal();
try {
  const { values } = parseArgs({ options: { sizes: { type: 'boolean' }, quick: { type: 'boolean' }, jobs: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help) process.stdout.write(HELP);
  else process.exitCode = await budget(values);
} catch (error) {
  reportAndFail(error, signal);
} finally {
  await owned.stop();
}

/** @param {{ sizes?: boolean, quick?: boolean, jobs?: string }} options */
async function budget({ sizes, quick, jobs = '1000000' }) {
  let isWell = true;
  const print = (/** @type {string} */ what, /** @type {boolean} */ passes, /** @type {string} */ value, /** @type {string} */ bar) => {
    isWell &&= passes;
    console.log(`${passes ? 'PASS' : 'FAIL'}  ${what.padEnd(60)} ${value.padStart(10)} of ${bar}`);
  };
  for (const { what, size, bar } of measure()) print(what, size <= bar, kB(size), kB(bar));
  if (sizes) return isWell ? 0 : 1;
  if (!/^[1-9]\d{0,6}$/.test(jobs)) throw new PlainError(`expected --jobs to be a number of jobs up to 9999999, got: ${jobs}`);
  const [{ findServices }, { timings }] = await Promise.all([import('./lib/services.mjs'), import('./lib/console-timings.mjs')]);
  const { postgres } = await findServices('test', owned, { signal, withBroker: false });
  for (const { what, value, bar, unit } of await timings(postgres.url, owned, { jobs: quick ? null : Number(jobs) }))
    print(what, value <= bar, `${unit === 'times' ? value.toFixed(2) : Math.round(value)} ${unit}`, `${bar} ${unit}`);
  return isWell ? 0 : 1;
}

function measure() {
  const file = join(folder, 'manifest.json');
  if (!existsSync(file)) throw new PlainError(`expected the built console at ${folder}, got nothing; run npm run build`);
  /** @type {Record<string, Chunk>} */
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const first = FIRST_SCREENS.find((screen) => manifest[screen]);
  if (first === undefined) throw new PlainError(`expected one of ${FIRST_SCREENS.join(', ')} in ${file}, got none`);
  const shell = filesOf(manifest, 'index.html');
  const loaded = new Set([...shell, ...filesOf(manifest, first)]);
  const lazy = Object.keys(manifest).filter((name) => manifest[name]?.isDynamicEntry && name !== first && name.startsWith('src/'));
  /** What is there when it is asked for: the shell, and the screen that opens it. @param {string} name */
  const before = (name) => {
    const opener = lazy.find((other) => manifest[other]?.dynamicImports?.includes(name));
    return opener === undefined ? shell : new Set([...shell, ...filesOf(manifest, opener)]);
  };
  return [
    { what: `first load, with ${nameOf(first)}`, size: sizeOf(loaded), bar: FIRST_LOAD },
    ...lazy.map((name) => ({ what: nameOf(name), size: sizeOf(new Set([...filesOf(manifest, name)].filter((one) => !before(name).has(one)))), bar: SCREEN })),
  ];
}

/** A chunk with all that it imports, and their styles. @param {Record<string, Chunk>} manifest @param {string} name @param {Set<string>} found */
function filesOf(manifest, name, found = new Set()) {
  const chunk = manifest[name];
  if (!chunk || found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const style of chunk.css ?? []) found.add(style);
  for (const other of chunk.imports ?? []) filesOf(manifest, other, found);
  return found;
}

/** @param {Set<string>} files */
function sizeOf(files) {
  return [...files].reduce((sum, file) => sum + statSync(join(folder, `${file}.gz`)).size, 0);
}

/** @param {string} source */
function nameOf(source) {
  return source.replace(/^src\/(screens\/)?/, '').replace(/\.tsx?$/, '');
}

/** @param {number} bytes */
function kB(bytes) {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
