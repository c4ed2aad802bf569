// PostgreSQL, from the first of these that has one. Each way answers with a service or null; the last one cannot fail
// quietly. `npm start` and `npm test` share this.

import { userInfo } from 'node:os';
import { COMPOSE_POSTGRES_URL, composeUp, hasEngine } from './compose.mjs';
import { installPackage, whyNotInstall } from './debian-packages.mjs';
import { say } from './log.mjs';
import { embeddedPostgres, installedPostgres } from './postgres-binaries.mjs';
import { startPrivatePostgres } from './postgres-private.mjs';
import { ensureDatabase, probePostgres, requirePostgres } from './postgres-probe.mjs';

/** @typedef {import('./services.mjs').Context} Context */
/** @typedef {{ url: string, how: string }} Found  The URL of its own database `longhaul`, or for tests of the server. */

/** @param {Context} context @returns {Promise<Found>} */
export async function findPostgres(context) {
  const ways = {
    '': [fromEnvironment, onDefaultPort, fromCompose, fromInstalled, fromDebian, fromNpm],
    private: [fromEnvironment, fromCompose, fromInstalled, fromDebian, fromNpm],
    embedded: [fromNpm],
  }[context.mode];
  for (const way of ways) {
    const found = await way(context);
    if (found) return found;
    context.signal?.throwIfAborted();
  }
  throw new Error('expected the last way to give a PostgreSQL or to throw');
}

/** @param {Context} context */
async function fromEnvironment({ purpose }) {
  const variable = purpose === 'test' && process.env.TEST_DATABASE_URL ? 'TEST_DATABASE_URL' : 'DATABASE_URL';
  const url = process.env[variable];
  if (!url) return null;
  await requirePostgres(url, variable, purpose === 'start');
  return { url, how: variable };
}

/** @param {Context} context */
async function onDefaultPort(context) {
  let refusal = '';
  const users = [...new Set(['postgres', userInfo().username, 'root'])];
  for (const url of [...users.map((user) => `postgres://${encodeURIComponent(user)}@127.0.0.1:5432/postgres`), COMPOSE_POSTGRES_URL]) {
    const answer = await probePostgres(url);
    if (answer.ok) return own(context, url, 'found at 127.0.0.1:5432');
    if (!answer.isThere) return null;
    refusal ||= answer.reason;
  }
  say(`PostgreSQL at 127.0.0.1:5432 cannot be used (${refusal}); set DATABASE_URL to use it anyway`);
  return null;
}

/** @param {Context} context */
async function fromCompose(context) {
  if (!(await hasEngine()) || !(await composeUp('postgres', context.owned))) return null;
  return own(context, COMPOSE_POSTGRES_URL, 'docker compose');
}

/** @param {Context} context */
async function fromInstalled(context) {
  const binDir = await installedPostgres();
  return binDir ? startPrivate(context, binDir, 'installed') : null;
}

/** @param {Context} context */
async function fromDebian(context) {
  if (whyNotInstall() !== null || !(await installPackage('postgresql'))) return null;
  return fromInstalled(context);
}

/** @param {Context} context */
async function fromNpm(context) {
  return startPrivate(context, embeddedPostgres(), 'embedded');
}

/** @param {Context} context @param {string} binDir @param {string} kind */
async function startPrivate(context, binDir, kind) {
  const { purpose, owned, signal } = context;
  const url = await startPrivatePostgres({ binDir, purpose, owned, signal });
  return own(context, url, `${kind}, private, at 127.0.0.1:${new URL(url).port}`);
}

/** @param {Context} context @param {string} serverUrl @param {string} how @returns {Promise<Found>} */
async function own({ purpose }, serverUrl, how) {
  return { url: purpose === 'test' ? serverUrl : await ensureDatabase(serverUrl, 'longhaul'), how };
}
