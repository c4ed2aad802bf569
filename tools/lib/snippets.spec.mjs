import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { compileSnippets } from './snippet-compiler.mjs';
import { pagesWithSnippets, snippetsOf } from './snippets.mjs';

const snippets = pagesWithSnippets().flatMap(snippetsOf);
const tested = snippets.filter(({ notRun, runBy, file }) => !notRun && !runBy && !file);
/** `sh` and `sql` are run by test/e2e/docs.e2e.ts; `text` is a picture. */
const TESTED = ['ts', 'json', 'sh', 'sql', 'text'];
const MOST_NOT_RUN = 12;

describe('a snippet of the documentation', () => {
  test('is of a language that a test runs, or names the file that runs it, or says why nothing does', () => {
    expect(tested.filter(({ language }) => !TESTED.includes(language)).map(({ page, line, language }) => `${page}:${line}: ${language}`)).toEqual([]);
    const wrong = snippets.filter(({ runBy }) => runBy && !existsSync(join(root, runBy)));
    expect(wrong.map(({ page, line, runBy }) => `${page}:${line}: ${runBy}`)).toEqual([]);
    expect(snippets.filter(({ notRun }) => notRun).length).toBeLessThanOrEqual(MOST_NOT_RUN);
  });

  test('is what its file says, if it names one', () => {
    const other = snippets.filter(({ file, code }) => file && readFileSync(join(root, file), 'utf8') !== code);
    expect(other.map(({ page, line, file }) => `${page}:${line}: ${file}; npm run reference copies it`)).toEqual([]);
  });

  test('is JSON where it says so', () => {
    for (const { language, code } of tested) if (language === 'json') JSON.parse(code);
  });

  // The sources are read with it.
  test('compiles under strict, if it is TypeScript', () => {
    expect(compileSnippets(tested.filter(({ language }) => language === 'ts'))).toEqual([]);
  }, 120_000);
});
