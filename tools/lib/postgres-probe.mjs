// Asking a PostgreSQL server whether it will do. Needs node_modules.

import { PlainError, withoutPassword } from './log.mjs';

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
    if (rowCount === 0) await client.query(`create database "${name}"`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** For a URL that the user has given: it answers, or the run ends here. */
export async function requirePostgres(/** @type {string} */ url, /** @type {string} */ variable) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    const { code, message } = /** @type {{ code?: string, message: string }} */ (error);
    throw new PlainError(
      `expected PostgreSQL to answer at ${variable} (${withoutPassword(url)}), got: ${message || code}. ` +
        `Start it, correct ${variable}, or unset it to let npm find or start one.`,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}
