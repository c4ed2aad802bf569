// A test's name is a promise in a sentence that stands alone: see CONTRIBUTING.md.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './paths.mjs';

const FILE = /\.(spec|int-spec|e2e|sim|chaos|suite)\.(ts|mjs)$/;
const DESCRIBES = ['describe', 'describeIf', 'describeInCi', 'describeEachMode', 'describeWithBroker', 'describeWithControl'];
const TESTS = ['test', 'it', 'testIf'];
/** Says nothing of what is promised. */
const EMPTY = /^(it )?(works?|ok|okay|passes|is (ok|fine|correct)|does it|should work|test( \S+)?|case \S+)\.?$/i;
/** A title that a table fills in, such as `%s` or `$name`. */
const FILLED_IN = /^(%\w|\$\w+|\$\{[^}]*\})([\s:]*(%\w|\$\w+|\$\{[^}]*\}))*( \(\w+\))?$/;
const FEWEST_WORDS = 3;

const files = ['apps', 'libs', 'test', 'tools'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => FILE.test(name) && !name.includes('node_modules')),
);

describe('the name of a test', () => {
  test.each([
    ["test('works', () => {})", ['1: "works" does not say what it promises']],
    ["describe('a queue', () => { test('is paused', () => {}) })", ['1: "is paused" has fewer than 3 words']],
    ["describe('a queue', () => { test.each(modes)('$mode', () => {}) })", []],
    ["test('a job runs once', () => {});\ntest('a job runs once', () => {})", ['2: "a job runs once" is the name of two tests']],
    ["testIf(isThere, 'no browser')('a page may not submit', () => {}, 5)", []],
  ])('is checked: %s', (text, faults) => {
    expect(faultsOf('a.spec.mjs', text)).toEqual(faults);
  });

  test('has at least three words and says what it promises, and no file has two tests of one name', () => {
    const faults = files.flatMap((file) => faultsOf(file, readFileSync(join(root, file), 'utf8')).map((fault) => `${file}:${fault}`));
    expect(faults).toEqual([]);
  });
});

/** @param {string} file @param {string} text */
function faultsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const seen = new Set();
  /** @type {string[]} */
  const faults = [];
  /** @param {ts.Node} node @param {string[]} around */
  const visit = (node, around) => {
    const called = ts.isCallExpression(node) ? named(node) : undefined;
    if (called && TESTS.includes(called.by)) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      const fault = faultOf(called.title, [...around, called.title].join(' '), seen);
      if (fault !== undefined) faults.push(`${line}: "${called.title}" ${fault}`);
    }
    const inside = called && DESCRIBES.includes(called.by) ? [...around, called.title] : around;
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  visit(source, []);
  return faults;
}

/** @param {string} title @param {string} name @param {Set<string>} seen */
function faultOf(title, name, seen) {
  if (seen.has(name)) return 'is the name of two tests';
  seen.add(name);
  if (EMPTY.test(title)) return 'does not say what it promises';
  if (FILLED_IN.test(title)) return undefined;
  return title.trim().split(/\s+/).length < FEWEST_WORDS ? `has fewer than ${FEWEST_WORDS} words` : undefined;
}

/**
 * The function and the title of `test('…', …)`, also of `test.each(…)('…', …)` and `testIf(…)('…', …)`.
 * @param {ts.CallExpression} call @returns {{ by: string, title: string } | undefined}
 */
function named({ expression, arguments: [title, second] }) {
  if (!title || !second || (!ts.isStringLiteralLike(title) && !ts.isTemplateExpression(title))) return undefined;
  /** @type {ts.Expression} */
  let callee = expression;
  while (!ts.isIdentifier(callee)) {
    if (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee)) callee = callee.expression;
    else if (ts.isTaggedTemplateExpression(callee)) callee = callee.tag;
    else return undefined;
  }
  const text = ts.isTemplateExpression(title) ? title.head.text + title.templateSpans.map(({ literal }) => `\${…}${literal.text}`).join('') : title.text;
  return { by: callee.text, title: text };
}
