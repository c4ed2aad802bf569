// The snippets of the documentation. Each is compiled, run or parsed by a test, or says in a comment before it why not:
//
//   <!-- not run: the reason -->         nothing does
//   <!-- run by: test/e2e/x.e2e.ts -->   that file does, for this page
//   <!-- file: examples/x.py -->         it is that file, which a test runs; `npm run reference` copies it
//   <!-- before: code -->                code that the compiler sees before the snippet, and the reader does not

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';

/** @param {string} page @returns {import('./snippets.mjs').Snippet[]} */
export function snippetsOf(page) {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/((?:^<!--(?:(?!-->)[^])*-->\n)*)^```(\w*)\n([^]*?)^```$/gm)].map(
    ({ index, 0: whole, 1: comments = '', 2: language = '', 3: code = '' }) => {
      const said = (/** @type {string} */ word) => new RegExp(`<!-- ${word}:\\s([^]*?)-->`).exec(comments)?.[1]?.trim();
      const line = text.slice(0, index + whole.indexOf('```')).split('\n').length;
      const [notRun, runBy, file] = [said('not run'), said('run by'), said('file')];
      return {
        page,
        line,
        language,
        code,
        before: said('before') ?? '',
        ...(notRun ? { notRun } : {}),
        ...(runBy ? { runBy } : {}),
        ...(file ? { file } : {}),
      };
    },
  );
}

/** A page in which each snippet of a file is that file as it is now. @param {string} text */
export function withFiles(text) {
  return text.replace(/(^<!-- file: (\S+) -->\n```\w*\n)[^]*?(?=^```$)/gm, (_, head, file) => head + readFileSync(join(root, file), 'utf8'));
}

/** The pages whose snippets people copy. */
export function pagesWithSnippets() {
  const below = (/** @type {string} */ folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`);
  return ['README.md', ...['docs/learn', 'docs/move', 'docs/reference', 'docs/operate', 'docs/inside'].flatMap(below)];
}
