// `npm run pack && node tools/outside.mjs`: a newcomer's way, in an empty folder, from the packed files alone: create, install, test, start,
// a job of one's own with a service, a table and a migration, and a change while `longhaul dev` runs. docs/learn/install.md is what it follows.

import './lib/node-version.mjs';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { PlainError, reportAndFail, say } from './lib/log.mjs';
import { closureOf, Command, filesOfPage, inFolder, installedIn, resultOf } from './lib/outside.mjs';
import { Owned } from './lib/owned.mjs';
import { root, stateDir } from './lib/paths.mjs';
import { freePortFrom } from './lib/ports.mjs';
import { findServices } from './lib/services.mjs';
import { until } from './lib/until.mjs';

const FIRST_RESULT_SECONDS = 90;
const RESTART_SECONDS = 4;
const USER_LINES = 25;
const CLIENT_KB = 30;
const DISK_MB = 110;
const PACKAGES = 160;
const OWN_MB = 25;
/** What a Nest application with RabbitMQ and PostgreSQL has without us. */
const FRAME = /^(@nestjs\/.*|typeorm|pg|class-validator|rxjs|amqplib|fastify)$/;

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const tarball = (/** @type {string} */ name) => join(stateDir, 'packages', `${name}-${version}.tgz`);
const longhaul = (/** @type {string} */ command) => ['node_modules/.bin/longhaul', command];
const INSTALL = ['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];

const folder = mkdtempSync(join(os.tmpdir(), 'longhaul-outside-'));
const owned = new Owned();
/** @type {Command | undefined} */
let running;
owned.add('the project', { stop: () => running?.stop() });
try {
  for (const name of ['longhaul', 'longhaul-client', 'create-longhaul']) {
    if (!existsSync(tarball(name))) throw new PlainError(`expected ${tarball(name)}, got none; run: npm run pack`);
  }
  await checkClient(emptyProject('client'));
  await checkSize(emptyProject('size'));
  await walk(emptyProject('walk'));
  await walkNest('express');
  await walkNest('fastify');
} catch (error) {
  reportAndFail(error);
} finally {
  await owned.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} home */
async function walk(home) {
  await inFolder(home, [...INSTALL, tarball('create-longhaul')]);
  let took = await timed(() => inFolder(home, ['node_modules/.bin/create-longhaul', 'my-service']));
  const project = join(home, 'my-service');
  const about = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  about.dependencies.longhaul = `file:${tarball('longhaul')}`; // No registry has it yet.
  writeFileSync(join(project, 'package.json'), JSON.stringify(about, null, 2));
  await inFolder(project, INSTALL);
  took += await timed(() => inFolder(project, ['npm', 'test']));
  await testAsOnPages(project);

  const { postgres, rabbitMq } = await findServices('test', owned);
  const name = `lh_outside_${process.pid}`;
  const port = await freePortFrom(4_300);
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    DATABASE_URL: Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href,
    ...(rabbitMq ? { AMQP_URL: `${rabbitMq.url}/${name}` } : { LONGHAUL_BROKER: 'none' }),
    ...(rabbitMq?.control?.rabbitmqctl ? { RABBITMQCTL: rabbitMq.control.rabbitmqctl } : {}),
    PORT: String(port),
    WORKER_PORT: String(await freePortFrom(port + 1)),
  };
  took += await timed(async () => {
    running = new Command(project, longhaul('start'), env);
    await running.says(/Try it/);
    expectEqual(await resultOf(url, 'report.render', { title: 'squares', rows: 2 }), { csv: 'squares\n1,1\n2,4' });
  });
  time('from npm create to the first result, apart from installation', took, FIRST_RESULT_SECONDS);
  const { paths, components } = /** @type {{ paths: object, components: { schemas: object } }} */ (await (await fetch(`${url}/openapi.json`)).json());
  expectEqual(['/jobs' in paths, 'payload.report.render' in components.schemas], [true, true]);
  const pages = /** @type {{ detail: string }} */ (await (await fetch(`${url}/docs`)).json());
  expectEqual(pages.detail.includes('npm install swagger-ui-dist'), true);
  await running?.stop();

  const files = filesOfPage(join(root, 'docs/learn/install.md'));
  for (const file of files) writeInto(project, file);
  bar('lines for a job with a service, a table and a migration', files.flatMap(({ code }) => code.trimEnd().split('\n')).length, 'lines', USER_LINES);
  await inFolder(project, ['npm', 'run', 'build']);
  await checkExports(project);

  running = new Command(project, longhaul('dev'), env);
  await running.says(/Try it/);
  const { invoice } = /** @type {{ invoice: string }} */ (await resultOf(url, 'invoice.create', { customer: 'Ada' }));
  expectEqual(await rowsOf(env.DATABASE_URL, 'SELECT job, customer FROM invoices'), [{ job: invoice, customer: 'Ada' }]);
  const job = join(project, 'jobs/invoice-create.job.ts');
  const restart = await timed(async () => {
    writeFileSync(job, readFileSync(job, 'utf8').replace('invoice: id }; }', 'invoice: `changed ${id}` }; }'));
    await running?.says(/running again/);
  });
  const changed = /** @type {{ invoice: string }} */ (await resultOf(url, 'invoice.create', { customer: 'Eve' }));
  expectEqual(changed.invoice.startsWith('changed '), true);
  time('from a change to running again', restart, RESTART_SECONDS);
  say((await inFolder(project, ['node_modules/.bin/longhaul', 'doctor'], env)).replaceAll('\n', '\n          '));
  await running.stop();
  running = undefined;
  await dropAll(postgres.url, name, rabbitMq?.control?.rabbitmqctl);
}

/** The job of one page and the test of the next, as somebody types them who reads both. @param {string} project */
async function testAsOnPages(project) {
  const typed = ['first-job', 'testing']
    .flatMap((page) => filesOfPage(join(root, `docs/learn/${page}.md`)))
    .filter(({ name }) => name.startsWith('jobs/report-render.'));
  expectEqual(typed.length, 2);
  const former = typed.map(({ name }) => ({ name, code: readFileSync(join(project, name), 'utf8') }));
  for (const file of typed) writeInto(project, file);
  await inFolder(project, ['npm', 'test']);
  for (const file of former) writeInto(project, file);
}

/** @param {string} project @param {{ name: string, code: string }} file */
function writeInto(project, { name, code }) {
  mkdirSync(dirname(join(project, name)), { recursive: true });
  writeFileSync(join(project, name), code);
}

/**
 * `npm create longhaul -- --nest` in an application as Nest's own command makes it, on either of its HTTP servers.
 * @param {'express' | 'fastify'} platform
 */
async function walkNest(platform) {
  const home = emptyProject(platform);
  await inFolder(home, [...INSTALL, tarball('create-longhaul')]);
  await inFolder(home, [process.execPath, join(root, 'node_modules/@nestjs/cli/bin/nest.js'), 'new', 'app', '--skip-install', '--skip-git', '-p', 'npm']);
  const project = join(home, 'app');
  await inFolder(project, ['../node_modules/.bin/create-longhaul', '--nest']);
  const about = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  about.dependencies.longhaul = `file:${tarball('longhaul')}`;
  // Of what Nest's template takes for development only the compiler: the rest is a test runner and linters.
  about.devDependencies = { typescript: about.devDependencies.typescript, '@types/node': about.devDependencies['@types/node'] };
  if (platform === 'fastify') onFastify(project, about.dependencies);
  writeFileSync(join(project, 'package.json'), JSON.stringify(about, null, 2));
  await inFolder(project, INSTALL);
  const settings = { extends: './tsconfig.json', compilerOptions: { types: ['node'], rootDir: 'src' }, include: ['src'], exclude: ['src/**/*.spec.ts'] };
  writeFileSync(join(project, 'tsconfig.outside.json'), JSON.stringify(settings));
  await inFolder(project, ['node_modules/.bin/tsc', '-p', 'tsconfig.outside.json']);

  const { postgres } = await findServices('test', owned);
  const name = `lh_outside_${platform}_${process.pid}`;
  const port = await freePortFrom(4_300);
  const url = Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href;
  const env = { ...process.env, DATABASE_URL: url, AMQP_URL: '', LONGHAUL_BROKER: 'none', PORT: String(port) };
  // The application's own database, which it has already.
  await rowsOf(postgres.url, `CREATE DATABASE ${name}`);
  await inFolder(project, longhaul('migrate'), env);
  running = new Command(project, [process.execPath, 'dist/main.js'], env);
  // Nest says that it has started before it listens.
  await running.answers(`http://127.0.0.1:${port}/`);
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`http://127.0.0.1:${port}/reports`, { method: 'POST', headers, body: JSON.stringify({ title: 'squares', rows: 2 }) });
  const { id } = /** @type {{ id: string }} */ (await answer.json());
  expectEqual(answer.status, 202);
  const refused = await fetch(`http://127.0.0.1:${port}/reports`, { method: 'POST', headers, body: JSON.stringify({ title: 'squares' }) });
  expectEqual(refused.status, 422);
  const ended = `SELECT state, result FROM longhaul.jobs WHERE id = '${id}' AND finished_at IS NOT NULL`;
  const [row] = await until('the job to end', async () => rowsIfAny(await rowsOf(url, ended)), { timeoutMs: 60_000 });
  expectEqual(row, { state: 'succeeded', result: { csv: 'squares\n1,1\n2,4' } });
  await running.stop();
  running = undefined;
  await rowsOf(postgres.url, `DROP DATABASE ${name} WITH (FORCE)`);
  say(`ok     npm create longhaul --nest, on ${platform}`);
}

/** @param {unknown[]} rows */
function rowsIfAny(rows) {
  return rows.length > 0 ? rows : null;
}

/** @param {string} project @param {Record<string, string>} dependencies */
function onFastify(project, dependencies) {
  delete dependencies['@nestjs/platform-express'];
  dependencies['@nestjs/platform-fastify'] = dependencies['@nestjs/core'] ?? '';
  const main = join(project, 'src/main.ts');
  const changed = readFileSync(main, 'utf8')
    .replace('NestFactory.create(AppModule)', 'NestFactory.create(AppModule, new FastifyAdapter())')
    .replace('import { AppModule }', "import { FastifyAdapter } from '@nestjs/platform-fastify';\nimport { AppModule }");
  writeFileSync(main, changed);
}

/** @param {string} home */
async function checkClient(home) {
  await inFolder(home, [...INSTALL, tarball('longhaul-client')]);
  const installed = installedIn(home);
  bar('packages of @longhaul/client', installed.length, 'package', 1);
  bar('@longhaul/client, packed', readFileSync(tarball('longhaul-client')).length / 1_000, 'kB', CLIENT_KB);
  await inFolder(home, ['node', '--input-type=module', '-e', "import { Longhaul } from '@longhaul/client'; new Longhaul({ url: 'http://127.0.0.1:1' });"]);
}

/** @param {string} home */
async function checkSize(home) {
  await inFolder(home, [...INSTALL, tarball('longhaul')]);
  const installed = installedIn(home).sort((a, b) => b.bytes - a.bytes);
  const frame = closureOf(home, (name) => FRAME.test(name));
  const megabytes = (/** @type {typeof installed} */ list) => list.reduce((sum, { bytes }) => sum + bytes, 0) / 1024 ** 2;
  for (const { path, bytes } of installed.slice(0, 10)) say(`${(bytes / 1024 ** 2).toFixed(1).padStart(7)} MB  ${path.replace('node_modules/', '')}`);
  bar('npm install longhaul, on the disk', megabytes(installed), 'MB', DISK_MB);
  bar('npm install longhaul', installed.length, 'packages', PACKAGES);
  bar('of which ours and what only we need', megabytes(installed.filter(({ name }) => !frame.has(name))), 'MB', OWN_MB);
}

/** Each subpath loads in Node, and its types compile. @param {string} project */
async function checkExports(project) {
  const about = JSON.parse(readFileSync(join(project, 'node_modules/longhaul/package.json'), 'utf8'));
  const names = Object.keys(about.exports).filter((name) => name !== './package.json');
  const lines = names.map(
    (name, index) =>
      `import * as entry${index} from 'longhaul${name.slice(1)}';\nif (Object.keys(entry${index}).length === 0) throw new Error('${name} exports nothing');\n`,
  );
  writeFileSync(join(project, 'exports.ts'), lines.join(''));
  await inFolder(project, ['npm', 'run', 'build']);
  await inFolder(project, ['node', 'dist/exports.js']);
  rmSync(join(project, 'exports.ts'));
  say(`${names.length} subpaths of longhaul load and compile: ${names.join(' ')}`);
}

/** @param {string} name */
function emptyProject(name) {
  const home = join(folder, name);
  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name: `outside-${name}`, private: true }));
  return home;
}

/** @param {() => Promise<unknown>} work */
async function timed(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}

/** Says a number, and that it is too large where it is. @param {string} what @param {number} value @param {string} unit @param {number} most */
function bar(what, value, unit, most) {
  const shown = Number.isInteger(value) ? value : value.toFixed(1);
  say(`${value > most ? 'FAILED' : 'ok    '} ${what}: ${shown} ${unit}, at most ${most}`);
  if (value > most) process.exitCode = 1;
}

/** Says a time, and fails nothing: on a busy machine it tells how busy that is. @param {string} what @param {number} seconds @param {number} most */
function time(what, seconds, most) {
  const load = (os.loadavg()[0] ?? 0).toFixed(1);
  say(`${seconds > most ? 'slow  ' : 'ok    '} ${what}: ${seconds.toFixed(1)} s, wanted at most ${most}; load ${load}`);
}

/** @param {unknown} got @param {unknown} expected */
function expectEqual(got, expected) {
  if (!isDeepStrictEqual(got, expected)) throw new PlainError(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
}

/** @param {string} url @param {string} statement @returns {Promise<unknown[]>} */
async function rowsOf(url, statement) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

/** @param {string} server @param {string} name @param {string} [rabbitmqctl] */
async function dropAll(server, name, rabbitmqctl) {
  await rowsOf(server, `DROP DATABASE ${name} WITH (FORCE)`);
  if (rabbitmqctl) await inFolder(root, ['sh', '-c', `${rabbitmqctl} -q delete_vhost ${name}`]);
}
