// What the peers that keep jobs in PostgreSQL have in common.

import pg from 'pg';

/**
 * A monitor that asks for one number.
 * @param {string} databaseUrl @param {string} sql
 */
export function countingMonitor(databaseUrl, sql) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  return { remaining: async () => Number((await pool.query(sql)).rows[0].count), close: () => pool.end() };
}

/** Whether a query has a row. @param {pg.Pool} pool @param {string} name @param {string} text */
export function rowExists(pool, name, text) {
  return async (/** @type {string} */ id) => ((await pool.query({ name, text, values: [id] })).rowCount ?? 0) > 0;
}
