// The TypeScript of the documentation, compiled under strict against the sources, by the names of the npm package: nothing is written.

import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { root } from './paths.mjs';

const ENTRIES = {
  longhaul: 'libs/sdk/src/index.ts',
  'longhaul/config': 'libs/sdk/src/config/index.ts',
  'longhaul/testing': 'libs/sdk/src/testing/index.ts',
  'longhaul/nest': 'libs/nest/src/index.ts',
  'longhaul/client': 'libs/client/src/index.ts',
};
/** Each page is a project as `npm create longhaul` makes it, and its snippets are files of it. */
const TEMPLATE = join(root, 'tools/create/template');
const HOME = join(root, '.longhaul/snippets');

/**
 * What the compiler has to say, with page and line.
 * @param {import('./snippets.mjs').Snippet[]} snippets @returns {string[]}
 */
export function compileSnippets(snippets) {
  /** @type {Map<string, { snippet: import('./snippets.mjs').Snippet, text: string }>} */
  const files = new Map();
  for (const snippet of snippets) {
    const folder = join(HOME, snippet.page.replaceAll('/', '-'));
    const name = /^\/\/ (\S+\.ts)$/m.exec(snippet.code.split('\n', 1)[0] ?? '')?.[1] ?? `line-${snippet.line}.ts`;
    // A module, even where it imports nothing.
    files.set(join(folder, name), { snippet, text: `${snippet.before}\n${snippet.code}\nexport {};\n` });
  }
  const options = compilerOptions();
  const program = ts.createProgram([...files.keys()], options, hostOf(options, files));
  return [...files].flatMap(([path, { snippet }]) => {
    const source = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(({ messageText, start = 0 }) => {
      const above = snippet.before.split('\n').length;
      const line = snippet.line + 1 + (source?.getLineAndCharacterOfPosition(start).line ?? 0) - above;
      return `${snippet.page}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  });
}

/** The options of a created project, with the names of the package and those that its sources use. */
function compilerOptions() {
  const { config } = ts.readConfigFile(join(TEMPLATE, 'tsconfig.json'), ts.sys.readFile);
  const { config: ours } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ compilerOptions: config.compilerOptions, files: [] }, ts.sys, root);
  const entries = Object.entries(ENTRIES).map(([name, path]) => [name, [`./${path}`]]);
  return {
    ...options,
    noEmit: true,
    rootDir: undefined,
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.es2024.string.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
    paths: { ...ours.compilerOptions.paths, ...Object.fromEntries(entries) },
    pathsBasePath: root,
  };
}

/** Snippets first, then the files of the template, then the disk. @param {ts.CompilerOptions} options @param {Map<string, { text: string }>} files @returns {ts.CompilerHost} */
function hostOf(options, files) {
  const host = ts.createCompilerHost(options);
  const ofTemplate = (/** @type {string} */ path) =>
    path.startsWith(`${HOME}/`)
      ? join(
          TEMPLATE,
          path
            .split('/')
            .slice(HOME.split('/').length + 1)
            .join('/'),
        )
      : path;
  const read = (/** @type {string} */ path) =>
    files.get(resolve(path))?.text ?? (ts.sys.fileExists(ofTemplate(path)) ? readFileSync(ofTemplate(path), 'utf8') : undefined);
  const folders = new Set([...files.keys()].flatMap((path) => [dirname(path), dirname(dirname(path)), join(dirname(path), 'jobs')]));
  return {
    ...host,
    fileExists: (path) => read(path) !== undefined,
    directoryExists: (path) => folders.has(path) || ts.sys.directoryExists(path),
    readFile: read,
    getSourceFile: (path, languageVersion) => {
      const text = read(path);
      return text === undefined ? undefined : ts.createSourceFile(path, text, languageVersion, true);
    },
  };
}
