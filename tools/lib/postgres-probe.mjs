// Asking a PostgreSQL server whether it will do. Needs node_modules.

import { PlainError, say, withoutPassword } from './log.mjs';

/** @typedef {{ ok: true } | { ok: false, reason: string, isThere: boolean }} Answer */

/** Logs in and looks: recent enough, and may we make databases? @returns {Promise<Answer>} */
export async function probePostgres(/** @type {string} */ url) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query(
      `select current_setting('server_version_num')::int as version, rolcreatedb or rolsuper as creates
       from pg_roles where rolname = current_user`,
    );
    const { version, creates } = rows[0];
    if (version < 140000) return { ok: false, isThere: true, reason: `it is version ${version}, and 14 is needed` };
    if (!creates) return { ok: false, isThere: true, reason: 'its user may not create databases' };
    return { ok: true };
  } catch (error) {
    const { code, message } = /** @type {{ code?: string, message: string }} */ (error);
    return { ok: false, isThere: code !== 'ECONNREFUSED', reason: message || String(code) };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Makes the database unless it exists, and returns its URL. @param {string} serverUrl @param {string} name */
export async function ensureDatabase(serverUrl, name) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database "${name.replaceAll('"', '""')}"`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** For a URL that the user has given: it answers, or the run ends here. `make`: a database that is not there is made, where its user may. */
export async function requirePostgres(/** @type {string} */ url, /** @type {string} */ variable, make = false) {
  const refusal = await connectOnce(url);
  if (!refusal || (make && refusal.code === '3D000' && (await makeDatabase(url)))) return;
  throw new PlainError(
    `expected PostgreSQL to answer at ${variable} (${withoutPassword(url)}), got: ${refusal.message || refusal.code}. ` +
      `Start it, correct ${variable}, or unset it to let npm find or start one.`,
  );
}

/** Why it is refused, or undefined. @returns {Promise<{ code?: string, message: string } | undefined>} */
async function connectOnce(/** @type {string} */ url) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return /** @type {{ code?: string, message: string }} */ (error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Makes the database of the URL by way of the one that every server has. False where that is not allowed. */
async function makeDatabase(/** @type {string} */ url) {
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  const server = new URL(url);
  server.pathname = '/postgres';
  try {
    await ensureDatabase(server.href, name);
    say(`made the database ${name}`);
    return true;
  } catch (error) {
    say(`the database ${name} does not exist and could not be made: ${/** @type {Error} */ (error).message}`);
    return false;
  }
}
