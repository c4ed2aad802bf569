// Once per run: removes what crashed runs left, and migrates the template that each test file clones.

import { execFile } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  administerPostgres,
  dropDatabases,
  isLeftOver,
  listVhosts,
  namePrefix,
  newRunId,
  removeUsers,
  removeVhosts,
  testServices,
  urlOfDatabase,
} from './services.mjs';

export default async function setUp() {
  // `npm test` knows it, so as to clean up after a run that was cut off.
  process.env.LONGHAUL_TEST_RUN ??= newRunId();
  const template = `${namePrefix()}tmpl`;
  await administerPostgres(async (client) => {
    await dropDatabases(client, (name) => isLeftOver(name));
    await client.query(`create database "${template}"`);
  });
  await migrate(urlOfDatabase(template));
  for (const name of readdirSync(tmpdir())) {
    if (isLeftOver(name)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  if (!testServices().amqpUrl) return;
  await removeVhosts((await listVhosts()).filter((name) => isLeftOver(name)));
  await removeUsers((name) => isLeftOver(name));
}

async function migrate(url) {
  const script = join(import.meta.dirname, '../../dist/apps/gateway/src/migrate.js');
  if (!existsSync(script)) throw new Error(`expected the build at ${script}, got none. Run npm run build, or npm test.`);
  const { NODE_OPTIONS: _jestFlags, ...env } = process.env;
  try {
    await promisify(execFile)(process.execPath, [script], { env: { ...env, DATABASE_URL: url } });
  } catch (cause) {
    throw new Error(`expected migrations to run, got: ${cause.stderr || cause.stdout || cause.message}`, { cause });
  }
}
