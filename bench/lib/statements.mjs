// With --profile: the statements that took most of PostgreSQL's time, when pg_stat_statements is loaded there.

import { say } from '../../tools/lib/log.mjs';

/** @param {import('./stack.mjs').Stack} stack @returns {Promise<boolean>} */
export async function prepareStatements(stack) {
  if (!stack.peer.needs.includes('postgres')) return false;
  try {
    await stack.query('create extension if not exists pg_stat_statements');
    await stack.query('select pg_stat_statements_reset()');
    return true;
  } catch (error) {
    say(`no times of statements: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

/** @param {import('./stack.mjs').Stack} stack */
export async function dumpStatements(stack) {
  const rows = await stack.query(
    `select round(total_exec_time::numeric) as ms, calls, round(mean_exec_time::numeric, 3) as mean, rows, wal_bytes, shared_blks_hit as hit, left(regexp_replace(query, '\\s+', ' ', 'g'), 100) as statement
     from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database()) order by total_exec_time desc limit 20`,
  );
  console.table(rows);
}
