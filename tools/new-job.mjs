// `npm run new:job report.render`: a job, its test and its line in the catalogue.

import './lib/node-version.mjs';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { jobFile, jobSpecFile, withCatalogueLine } from './lib/job-templates.mjs';
import { PlainError, reportAndFail } from './lib/log.mjs';
import { root } from './lib/paths.mjs';

const folder = join(root, 'libs/jobs/src');
const catalogue = join(folder, 'index.ts');

try {
  newJob(process.argv.slice(2));
} catch (error) {
  reportAndFail(error);
}

/** @param {string[]} args */
function newJob(args) {
  const [kind] = args;
  if (args.length !== 1 || kind === undefined) {
    throw new PlainError('expected one kind, as in: npm run new:job report.render');
  }
  check(kind);
  const file = kind.replaceAll('.', '-');
  const job = { kind, file, name: className(kind) };
  const paths = { job: join(folder, `${file}.job.ts`), spec: join(folder, `${file}.job.spec.ts`) };
  for (const path of Object.values(paths)) {
    if (existsSync(path)) throw new PlainError(`expected no file ${relative(root, path)}, got one; choose another kind`);
  }
  const source = readFileSync(catalogue, 'utf8');
  if (new RegExp(`\\b${job.name}\\b`).test(source)) {
    throw new PlainError(`expected no ${job.name} in ${relative(root, catalogue)}, got one; choose another kind`);
  }
  const changed = withCatalogueLine(source, job);
  if (changed === null) {
    throw new PlainError(`expected "const kinds = { ... } as const" in ${relative(root, catalogue)}, got none; add the job to the catalogue by hand`);
  }
  writeFileSync(paths.job, jobFile(job), { flag: 'wx' });
  writeFileSync(paths.spec, jobSpecFile(job), { flag: 'wx' });
  writeFileSync(catalogue, changed);
  process.stdout.write(
    `made    ${relative(root, paths.job)}\nmade    ${relative(root, paths.spec)}\nchanged ${relative(root, catalogue)}\n` +
      `next: write its payload and run(), then npm test -- --only=unit ${file}\n`,
  );
}

/** @param {string} kind */
function check(kind) {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*(\.[a-z][a-z0-9]*(-[a-z0-9]+)*)+$/.test(kind) || kind.length > 100) {
    throw new PlainError(`expected a kind of lower-case words with dots, noun.verb, such as report.render, got: ${JSON.stringify(kind)}`);
  }
  if (kind.startsWith('debug.')) {
    throw new PlainError(`expected a kind outside debug.*, which is for trying Longhaul out, got: ${kind}`);
  }
  for (const name of readdirSync(folder, { recursive: true }).map(String)) {
    if (!/\.jobs?\.ts$/.test(name)) continue;
    if (readFileSync(join(folder, name), 'utf8').includes(`kind: '${kind}'`)) {
      throw new PlainError(`expected a new kind, got ${kind}, which libs/jobs/src/${name} has; choose another kind`);
    }
  }
}

/** `report.render` → `ReportRender` */
function className(/** @type {string} */ kind) {
  return kind
    .split(/[.-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
