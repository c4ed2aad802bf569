// In how many production files something is named: what one more of its kind would have to be written into.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const COMMENTS = /\/\*[^]*?\*\/|(?<![:'"`])\/\/.*$/gm;
const GENERATED = /^\s*\/\/ Generated /;
const NO_PRODUCTION = /[.-]spec\.ts$|\/testing\/|\/node_modules\//;
/** A new table, column or channel is not written into a migration that has run. */
const HISTORY = /\/migrations\//;

/** @typedef {{ file: string, text: string }} Source  without its comments */

/** The hand-written code of apps and libs, without tests and migrations. @param {string} root @returns {Source[]} */
export function readSources(root) {
  return ['apps', 'libs']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`))
    .filter((file) => file.endsWith('.ts') && !NO_PRODUCTION.test(file) && !HISTORY.test(file))
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
    .filter(({ text }) => !GENERATED.test(text))
    .map(({ file, text }) => ({ file, text: text.replace(COMMENTS, '') }));
}

/** The files that name all of these. @param {Source[]} sources @param {RegExp[]} patterns @returns {string[]} */
export function filesNaming(sources, ...patterns) {
  return sources.filter(({ text }) => patterns.every((pattern) => pattern.test(text))).map(({ file }) => file);
}
