// `npm run check`: format, lint, types, boundaries, the contract and unit tests, as CI runs them. All of them, whatever fails: a line each,
// the output of what failed. `npm run check -- lint types` runs only those.

import './lib/node-version.mjs';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os'; // Not by name: see lib/node-version.mjs.
import { join } from 'node:path';
import { ensureDependencies } from './lib/dependencies.mjs';
import { reportAndFail } from './lib/log.mjs';
import { root } from './lib/paths.mjs';

const node = process.execPath;
/** @param {string} path */
const bin = (path) => `node_modules/${path}`;

/** The slowest first, for the steps share the cores. @type {Record<string, string[][]>} */
const STEPS = {
  lint: [[bin('eslint/bin/eslint.js'), '.']],
  types: [
    [bin('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json'],
    [bin('typescript/bin/tsc'), '--noEmit', '-p', 'tools/tsconfig.json'],
    [bin('typescript/bin/tsc'), '-p', 'apps/console'],
    // Its dependencies are there only after the first `npm run bench`.
    ...(existsSync(join(root, 'bench/node_modules')) ? [[bin('typescript/bin/tsc'), '--noEmit', '-p', 'bench/tsconfig.json']] : []),
  ],
  unit: [['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', bin('jest/bin/jest.js'), '--selectProjects', 'unit']],
  // The document of the API, and what is generated of it and of the code.
  contract: [
    ['tools/contract.mjs', '--check'],
    ['tools/reference.mjs', '--check'],
    ['tools/numbers.mjs', '--check'],
  ],
  format: [[bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']],
  boundaries: [[bin('dependency-cruiser/bin/dependency-cruise.mjs'), '--config', '.dependency-cruiser.cjs', 'apps', 'libs', 'test']],
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in STEPS));
if (unknown !== undefined) {
  console.error(`expected some of the steps ${Object.keys(STEPS).join(', ')}, got: ${unknown}`);
  process.exit(2);
}

try {
  await ensureDependencies();
} catch (error) {
  reportAndFail(error);
  process.exit();
}

const waiting = Object.entries(STEPS).filter(([name]) => wanted.length === 0 || wanted.includes(name));
/** @type {string[]} */
const failed = [];
await Promise.all(Array.from({ length: Math.min(os.availableParallelism(), 4) }, work));
if (failed.length > 0) console.error(`\nfailed: ${failed.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;

/** Takes steps until none is left. */
async function work() {
  for (let step = waiting.shift(); step; step = waiting.shift()) {
    const [name, commands] = step;
    const start = performance.now();
    const results = [];
    for (const command of commands) results.push(await run(command));
    const ok = results.every(({ code }) => code === 0);
    const seconds = ((performance.now() - start) / 1_000).toFixed(1);
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(10)} ${seconds.padStart(5)} s`);
    // What the contract has to say is lines of numbers.
    if (ok && name === 'contract') console.log(results.map(({ output }) => output.trim()).join('\n'));
    if (ok) continue;
    failed.push(name);
    for (const { code, output } of results) if (code !== 0) console.log(output.trimEnd());
  }
}

/** @param {string[]} args @returns {Promise<{ code: number, output: string }>} */
function run(args) {
  return new Promise((resolve) => {
    const child = spawn(node, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(output).toString() }));
  });
}
