// `node tools/console-budget.mjs`: what a browser loads of the console, in kB as it is sent, with PASS or FAIL. It reads dist/console, which `npm run build` makes.

import './lib/node-version.mjs';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PlainError, reportAndFail } from './lib/log.mjs';
import { root } from './lib/paths.mjs';

/** @typedef {{ file: string, css?: string[], imports?: string[], dynamicImports?: string[], isDynamicEntry?: boolean, src?: string }} Chunk */

const FIRST_LOAD = 320_000;
const SCREEN = 40_000;
const FIRST_SCREENS = ['src/screens/now/now-screen.tsx', 'src/screens/jobs/jobs-screen.tsx'];
const folder = join(root, 'dist/console');

try {
  const lines = measure();
  for (const { what, size, bar } of lines) console.log(`${size <= bar ? 'PASS' : 'FAIL'}  ${what.padEnd(40)} ${kB(size).padStart(8)} of ${kB(bar)}`);
  process.exitCode = lines.every(({ size, bar }) => size <= bar) ? 0 : 1;
} catch (error) {
  reportAndFail(error);
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
  return [
    { what: `first load, with ${nameOf(first)}`, size: sizeOf(loaded), bar: FIRST_LOAD },
    ...lazy.map((name) => ({ what: nameOf(name), size: sizeOf(new Set([...filesOf(manifest, name)].filter((one) => !shell.has(one)))), bar: SCREEN })),
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
