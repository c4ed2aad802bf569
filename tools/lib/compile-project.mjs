// The TypeScript of a project, compiled by the project's own compiler: each file by itself, so that a fault of types never keeps a
// change from running. `tsc` beside it, in an editor or in the project's build, checks the types.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PlainError } from './log.mjs';
import { inCheckout, project, stateDir } from './paths.mjs';
import { withoutAliases } from './path-aliases.mjs';

/** The configuration of a project, as it is written and as it is run. */
export const CONFIG_SOURCE = join(project, 'longhaul.config.ts');
export const CONFIG_COMPILED = join(project, 'dist/longhaul.config.js');

/**
 * What is compiled here, and where to. In a checkout of Longhaul that is Longhaul itself, and its `dist` stays what `npm run build` has made: a mixture
 * of both would be taken for a build of the sources as they are.
 */
export const OUTPUT = inCheckout ? join(stateDir, 'dev') : join(project, 'dist');
const TSCONFIG = inCheckout ? 'tsconfig.build.json' : 'tsconfig.json';

/** Tests are compiled by the project's own build. */
const NOT_RUN = /\.(spec|test)\.[cm]?ts$|\.d\.[cm]?ts$/;

/** Compiles what has changed since it was compiled last; the names of those files. @returns {Promise<string[]>} */
export async function compileProject() {
  if (!existsSync(CONFIG_SOURCE)) {
    const other = readdirSync(project).find((name) => /^longhaul\.config\.[cm]?[jt]s$/.test(name));
    const fix = other
      ? `${other}; rename it to longhaul.config.ts${/js$/.test(other) ? ', or set LONGHAUL_CONFIG to it' : ''}`
      : 'none; write one (export default defineConfig({ jobs: [...] })), or run: npm create longhaul';
    throw new PlainError(`expected longhaul.config.ts in ${project}, got ${fix}`);
  }
  const ts = await projectCompiler();
  const { options, fileNames } = readOptions(ts);
  const changed = fileNames.filter((file) => !NOT_RUN.test(file) && isOlder(outputOf(file), file));
  // This repository's names for its libraries, which its build replaces too. Elsewhere `tsc` leaves such names as they are, and so does this.
  const transformers = inCheckout ? { before: [withoutAliases(ts, options.paths ?? {}, project)] } : undefined;
  for (const file of changed) {
    const compilerOptions = { ...options, module: moduleKindOf(ts, file) };
    const text = readFileSync(file, 'utf8');
    const { outputText, diagnostics } = ts.transpileModule(text, { compilerOptions, fileName: file, reportDiagnostics: true, transformers });
    const fault = diagnostics?.[0];
    if (fault) throw new PlainError(`expected ${relative(project, file)} to be TypeScript, got: ${describe(ts, fault)}`);
    const output = outputOf(file);
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, outputText);
  }
  if (inCheckout) copyFileSync(join(project, 'package.json'), join(OUTPUT, 'package.json')); // The version that the processes say.
  return changed.map((file) => relative(project, file));
}

/** Whether what is run is older than a source, or not there; null where there are no sources, as in an image. */
export function isOutdated() {
  if (!existsSync(CONFIG_SOURCE)) return null;
  return isOlder(CONFIG_COMPILED, CONFIG_SOURCE);
}

/** @returns {Promise<import('typescript')>} */
async function projectCompiler() {
  let path;
  try {
    path = createRequire(CONFIG_SOURCE).resolve('typescript');
  } catch {
    throw new PlainError('expected typescript among the devDependencies of this project, got none; run: npm install --save-dev typescript');
  }
  const { default: ts } = await import(pathToFileURL(path).href);
  return ts;
}

/** What tsconfig.json says, with what Longhaul relies on where it says nothing. @param {import('typescript')} ts */
function readOptions(ts) {
  const path = join(project, TSCONFIG);
  const { config = {}, error } = existsSync(path) ? ts.readConfigFile(path, ts.sys.readFile) : { config: {} };
  if (error) throw new PlainError(`expected ${TSCONFIG} to be readable, got: ${describe(ts, error)}`);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, project);
  const { target = ts.ScriptTarget.ES2022 } = options;
  delete options.moduleResolution; // A file by itself resolves nothing, and what tsconfig.json says may not fit the kind of module that is made.
  return {
    fileNames: fileNames.filter((file) => /\.[cm]?ts$/.test(file)),
    options: {
      ...options,
      target,
      isolatedModules: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      inlineSourceMap: true,
      sourceMap: false,
      declaration: false,
    },
  };
}

/** As Node will read the output. By itself the compiler does not look into package.json for a single file. @param {import('typescript')} ts @param {string} file */
function moduleKindOf(ts, file) {
  const path = join(project, 'package.json');
  const isModule = existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).type === 'module';
  return /\.mts$/.test(file) || (isModule && !/\.cts$/.test(file)) ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS;
}

/** As `tsc` with `rootDir: "."` writes it. @param {string} file */
function outputOf(file) {
  return join(OUTPUT, relative(project, file)).replace(/\.([cm]?)ts$/, '.$1js');
}

/** @param {string} output @param {string} source */
function isOlder(output, source) {
  return !existsSync(output) || statSync(output).mtimeMs < statSync(source).mtimeMs;
}

/** @param {import('typescript')} ts @param {import('typescript').Diagnostic} fault */
function describe(ts, { file, start, messageText }) {
  const text = ts.flattenDiagnosticMessageText(messageText, ' ');
  return file && start !== undefined ? `${text} (line ${file.getLineAndCharacterOfPosition(start).line + 1})` : text;
}
