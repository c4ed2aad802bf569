// The end of a test run in a few lines, made of the JSON that Jest writes: which tests were skipped and why, which failed, the slowest files, the counts.

import { relative } from 'node:path';
import { root } from './paths.mjs';

/** How test/support/only-if.ts ends the name of a test, or of the tests around it, that cannot run on this machine. */
const REASON = / \(skipped: ([^)]*)\)/;
const SHOWN_OF_FILE = 12;
const SLOWEST = 10;
const SHOWN_FAILURES = 20;
/** The colours that Jest writes even into its JSON. */
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');

/**
 * @typedef {{ status: string, fullName: string, failureMessages?: string[] }} Assertion
 * @typedef {{ name: string, message?: string, startTime: number, endTime: number, assertionResults: Assertion[] }} FileResult
 * @typedef {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number, numPendingTests: number, numTodoTests: number,
 *   testResults: FileResult[] }} RunResult
 */

/** The skipped tests, by the reason in their names. @param {RunResult} result @returns {string[]} lines */
export function skippedTests({ testResults }) {
  /** @type {Map<string, string[]>} */
  const byReason = new Map();
  for (const { name, assertionResults } of testResults) {
    for (const [reason, names] of skippedOfFile(assertionResults)) {
      const more = names.length - SHOWN_OF_FILE;
      const shown = more > 1 ? [...names.slice(0, SHOWN_OF_FILE), `and ${more} more`] : names;
      byReason.set(reason, [...(byReason.get(reason) ?? []), ...shown.map((test) => `  ${relative(root, name)}: ${test}`)]);
    }
  }
  return [...byReason].flatMap(([reason, lines]) => [`skipped, ${reason}:`, ...lines]);
}

/** @param {string[]} files @returns {string[]} lines */
export function leftOut(files) {
  return files.length === 0
    ? []
    : ['left out; the first line of each says what runs it (LONGHAUL_TESTS=all npm test, or =proofs):', ...files.map((file) => `  ${file}`)];
}

/** Each failed test with the first line of its failure, for logs of which only the end is kept. @param {RunResult} result @returns {string[]} lines */
export function failures({ testResults }) {
  const failed = testResults.flatMap((file) => failuresOfFile(file).map((line) => `  ${relative(root, file.name)}: ${line}`));
  const more = failed.length - SHOWN_FAILURES;
  return failed.length === 0 ? [] : ['failed:', ...failed.slice(0, SHOWN_FAILURES), ...(more > 0 ? [`  and ${more} more`] : [])];
}

/** @param {RunResult} result @returns {string[]} lines */
export function slowestFiles({ testResults }) {
  if (testResults.length <= SLOWEST) return [];
  const slowest = testResults.map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1_000 })).sort((a, b) => b.seconds - a.seconds);
  return ['the slowest files, in seconds:', ...slowest.slice(0, SLOWEST).map(({ name, seconds }) => `  ${seconds.toFixed(1)} ${relative(root, name)}`)];
}

/** A file that did not even load counts as one failure. @param {RunResult} result */
export function counts({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests }) {
  return `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed, ${numPendingTests + numTodoTests} skipped`;
}

/** @param {Assertion[]} assertions @returns {Map<string, string[]>} names by reason */
function skippedOfFile(assertions) {
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const { fullName } of assertions.filter(({ status }) => status === 'pending' || status === 'todo')) {
    const reason = REASON.exec(fullName)?.[1] ?? 'without a reason';
    found.set(reason, [...(found.get(reason) ?? []), fullName.replace(REASON, '')]);
  }
  return found;
}

/** @param {FileResult} file */
function failuresOfFile({ message = '', assertionResults }) {
  const failed = assertionResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => `${fullName}: ${gist(failureMessages?.[0])}`);
  // What went wrong outside of any test: the file did not load, or left something open.
  const outside = message.split(/● Test suite failed to run\s+/)[1];
  return outside === undefined ? failed : [...failed, `outside of its tests: ${gist(outside)}`];
}

/** What a failure says, on one line and without the stack. @param {string | undefined} message */
function gist(message = '') {
  const [text = ''] = message.replaceAll(COLOURS, '').split(/\n\s+at /, 1);
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 300);
}
