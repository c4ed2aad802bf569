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
  return readCode(root).filter(({ file }) => !HISTORY.test(file));
}

/** The migrations and their list. @param {string} root @returns {Source[]} */
export function readMigrations(root) {
  return readCode(root).filter(({ file }) => HISTORY.test(file));
}

/** @param {string} root @returns {Source[]} */
function readCode(root) {
  return ['apps', 'libs']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`))
    .filter((file) => file.endsWith('.ts') && !NO_PRODUCTION.test(file))
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
    .filter(({ text }) => !GENERATED.test(text))
    .map(({ file, text }) => ({ file, text: text.replace(COMMENTS, '') }));
}

/** The files that name all of these. @param {Source[]} sources @param {RegExp[]} patterns @returns {string[]} */
export function filesNaming(sources, ...patterns) {
  return sources.filter(({ text }) => patterns.every((pattern) => pattern.test(text))).map(({ file }) => file);
}

/**
 * The files that make a table usable: the migration that creates it, what names that migration, the adapters, whose SQL names the table, and what
 * names what these export or the ports that they implement. What uses the table calls a member of the store and names none of these.
 * For a table whose SQL is all in its adapters, and in statements of no other.
 * @param {string} root @param {string} table @returns {string[]}
 */
export function filesOfTable(root, table) {
  const [sources, migrations] = [readSources(root), readMigrations(root)];
  const creating = migrations.filter(({ text }) => new RegExp(`CREATE TABLE lh[.]${table}\\b`).test(text));
  const adapters = sources.filter(({ text }) => new RegExp(`\\blh[.]${table}\\b`).test(text));
  const named = [...naming(migrations, exportsOf(creating)), ...naming(sources, [...exportsOf(adapters), ...portsOf(adapters)])];
  return [...new Set([...creating, ...adapters].map(({ file }) => file).concat(named))].sort();
}

/** @param {Source[]} sources @param {string[]} names */
function naming(sources, names) {
  return names.flatMap((name) => filesNaming(sources, new RegExp(`\\b${name}\\b`)));
}

/** @param {Source[]} sources */
function exportsOf(sources) {
  return sources.flatMap(({ text }) => [...text.matchAll(/^export (?:class|const|function|interface|type) (\w+)/gm)].map(([, name]) => String(name)));
}

/** @param {Source[]} sources */
function portsOf(sources) {
  return sources.flatMap(({ text }) =>
    [...text.matchAll(/\bimplements ([\w, ]+)/g)].flatMap(([, names]) =>
      String(names)
        .split(/, */)
        .map((name) => name.trim()),
    ),
  );
}
