#!/usr/bin/env node
// `npm create longhaul <folder>`: a project with one job and its test. Writes into a folder that is new or empty, and installs nothing.
// `npm create longhaul -- --nest`: into the Nest application of the working directory.

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { addToNest } from './nest.mjs';

const USAGE = `Usage: npm create longhaul <folder>
       npm create longhaul -- --nest

The first makes a project with one job, its test, and settings for development. Then: cd <folder>, npm install, npx longhaul start.
The second adds Longhaul, and a module with one job, to the Nest application of the working directory.
`;

const template = join(import.meta.dirname, 'template');
const [named, ...more] = process.argv.slice(2);

if (named === '--help' || named === '-h') process.stdout.write(USAGE);
else if (named === '--nest' && more.length === 0) process.stdout.write(addToNest(process.cwd(), versions().dependencies, fail));
else if (named === undefined || named.startsWith('-') || more.length > 0)
  fail(`expected the name of a folder, got: ${[named, ...more].join(' ') || 'none'}; npm create longhaul my-service`, 2);
else create(resolve(named));

/** @param {string} folder */
function create(folder) {
  if (existsSync(folder) && readdirSync(folder).length > 0) fail(`expected ${folder} to be empty, got files in it; name another folder`);
  const name = basename(folder).toLowerCase();
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name)) fail(`expected a name of lower-case letters, digits, ., _ and -, as npm wants it, got: ${basename(folder)}`);
  mkdirSync(folder, { recursive: true });
  cpSync(template, folder, { recursive: true });
  rmSync(join(folder, 'template-package.json'));
  // npm leaves out of a package, or obeys in it, what begins with a dot.
  for (const file of ['gitignore', 'env.example']) renameSync(join(folder, file), join(folder, `.${file}`));
  const { dependencies, devDependencies } = versions();
  const path = join(folder, 'package.json');
  const { version, private: isPrivate, ...rest } = JSON.parse(readFileSync(join(template, 'template-package.json'), 'utf8'));
  writeFileSync(path, `${JSON.stringify({ name, version, private: isPrivate, ...rest, dependencies, devDependencies }, null, 2)}\n`);
  writeFileSync(join(folder, 'README.md'), readFileSync(join(folder, 'README.md'), 'utf8').replace('# my-service', `# ${name}`));
  process.stdout.write(`made ${name}\n\n  cd ${relative(process.cwd(), folder) || '.'}\n  npm install\n  npm test\n  npx longhaul start\n`);
}

/** Of Longhaul and of what its projects take. @returns {{ dependencies: Record<string, string>, devDependencies: Record<string, string> }} */
function versions() {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'versions.json'), 'utf8'));
}

/** @param {string} reason @returns {never} */
function fail(reason, code = 1) {
  process.stderr.write(`create-longhaul: ${reason}\n`);
  process.exit(code);
}
