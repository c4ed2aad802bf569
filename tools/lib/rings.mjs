// Which test files `npm test` leaves to `.ci/run`, and which `.ci/run` leaves to `npm run proofs`. A file says so itself, in its first line, so that nobody
// keeps a list.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';

/** `npm test` stays below twelve minutes on two cores: it has the contract, the promises and each part once. */
const OF_CI = '// Ring 2: .ci/run runs this file.';
/** `.ci/run` stays near twenty-five: of the console it has what brings or mends work, and who may see what. */
const OF_PROOFS = '// Ring 3: npm run proofs runs this file.';
const FOLDERS = ['test/e2e', 'test/browser'];

/** Which ring of tests runs: 3 leaves out nothing. @param {string | undefined} tests LONGHAUL_TESTS */
export function ringOf(tests) {
  if (tests === 'proofs') return '3';
  return tests === 'all' ? '2' : '1';
}

/** The files that a ring leaves out. Paths from the root. @param {string | undefined} ring @returns {string[]} */
export function laterFiles(ring) {
  const left = ring === '1' ? [OF_CI, OF_PROOFS] : ring === '2' ? [OF_PROOFS] : [];
  if (left.length === 0) return [];
  return FOLDERS.flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .filter((file) => file.endsWith('.ts') && left.includes(firstLine(file)))
    .sort();
}

/** @param {string} file */
function firstLine(file) {
  return readFileSync(join(root, file), 'utf8').split('\n', 1)[0] ?? '';
}
