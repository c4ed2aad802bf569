// How often this repository's own code says `useFactory`: each is a provider that a reader cannot find by the name of a class.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const COMMENTS = /\/\*[^]*?\*\/|(?<![:'"`])\/\/.*$/gm;

/**
 * Counts `useFactory` in the code of apps and libs: every mention, also in a type, but not in comments and not in tests.
 * @param {string} root  of the repository
 * @returns {{ total: number, files: { file: string, count: number }[] }}  files by their path from the root, most mentions first
 */
export function countFactories(root) {
  const files = ['apps', 'libs']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`))
    .filter((file) => file.endsWith('.ts') && !/[.-]spec\.ts$|\/testing\/|\/node_modules\//.test(file))
    .map((file) => ({ file, count: mentions(readFileSync(join(root, file), 'utf8')) }))
    .filter(({ count }) => count > 0)
    .sort((one, other) => other.count - one.count);
  return { total: files.reduce((sum, { count }) => sum + count, 0), files };
}

/** @param {string} text @returns {number} */
function mentions(text) {
  return text.replace(COMMENTS, '').match(/\buseFactory\b/g)?.length ?? 0;
}
