// `node test/faults.mjs`: each fault that was found from outside, with the tests that keep it mended. A test names its fault at the end of
// its name, such as "… (E13)". `node test/faults.mjs E13 C1` runs the tests of those faults, `--run` those of all. Exits with 1 when a
// fault has no test.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Of the core, of the edge and of the data jobs. Those that later work mends are named with the reason. */
const FAULTS = [...range('C', 1, 38), ...range('E', 1, 27), ...range('D', 1, 7), ...range('D', 12, 14)];
const LATER = new Map([
  ['C15', 'comes with rights: who may read payloads and stacks'],
  ['E25', 'comes with rights: which errors callers may read'],
]);

const args = process.argv.slice(2);
const named = args.filter((arg) => FAULTS.includes(arg));
const tests = testsOf();
const missing = FAULTS.filter((fault) => !tests.has(fault) && !LATER.has(fault));

if (args.length === 0) {
  for (const fault of FAULTS) {
    const found = tests.get(fault) ?? [];
    if (found.length === 0) console.log(`${fault.padEnd(4)} ${LATER.get(fault) ?? 'NO TEST'}`);
    for (const { file, name } of found) console.log(`${fault.padEnd(4)} ${file}: ${name}`);
  }
  console.log(`${FAULTS.length - LATER.size - missing.length} of ${FAULTS.length - LATER.size} faults have tests; ${LATER.size} come later`);
  process.exitCode = missing.length === 0 ? 0 : 1;
} else {
  const wanted = args.includes('--run') ? [...tests.keys()] : named;
  if (wanted.length === 0) {
    console.error(`expected --run, or some of the faults ${FAULTS.join(' ')}, got: ${args.join(' ')}`);
    process.exit(2);
  }
  const files = [...new Set(wanted.flatMap((fault) => (tests.get(fault) ?? []).map(({ file }) => file)))];
  const pattern = `\\b(${wanted.join('|')})\\b`;
  process.exitCode = spawnSync(process.execPath, [join(root, 'tools/test.mjs'), ...files, '-t', pattern], { stdio: 'inherit' }).status ?? 1;
}

/** @param {string} letter @param {number} from @param {number} to */
function range(letter, from, to) {
  return Array.from({ length: to - from + 1 }, (_, index) => `${letter}${from + index}`);
}

/** What stands in brackets in the name of a test or of a group of tests. */
function testsOf() {
  /** @type {Map<string, { file: string, name: string }[]>} */
  const found = new Map();
  const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'apps', 'libs', 'test', 'tools'], { cwd: root, encoding: 'utf8' });
  const files = listed.stdout.split('\n').filter((file) => /\.(spec|int-spec|e2e|sim|chaos)\.(ts|mjs)$|test\/chaos\/faults\/.*\.ts$/.test(file));
  for (const file of files) {
    for (const [line] of readFileSync(join(root, file), 'utf8').matchAll(/^.*\([^()]*\b[CDE]\d{1,2}\b[^()]*\).*$/gm)) {
      for (const [brackets] of line.matchAll(/\([^()]*\b[CDE]\d{1,2}\b[^()]*\)/g)) {
        for (const [fault] of brackets.matchAll(/\b[CDE]\d{1,2}\b/g)) {
          const name = /['"`](.*)['"`]/.exec(line)?.[1] ?? line.trim();
          found.set(fault, [...(found.get(fault) ?? []), { file, name }]);
        }
      }
    }
  }
  return found;
}
