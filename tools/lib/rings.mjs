// Which test files `npm test` leaves to `.ci/run`. A file says so itself, in its first line, so that nobody keeps a list.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';

/** `npm test` stays below twelve minutes on two cores: it has the contract, the promises and each part once. */
export const LATER = '// Ring 2: .ci/run runs this file.';
const FOLDERS = ['test/e2e', 'test/browser'];

/** Paths from the root. @returns {string[]} */
export function laterFiles() {
  return FOLDERS.flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .filter((file) => file.endsWith('.ts') && readFileSync(join(root, file), 'utf8').startsWith(LATER))
    .sort();
}
