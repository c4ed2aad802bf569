type Setting = readonly [name: string, value: string];

/** What node-postgres reads answers by: a timestamp of another style is no Date, and a float of fewer digits another number. */
const FORMAT: Setting[] = [
  // Of `DateStyle` only the form of answers: whether 1/2 is in January or in February stays what role or URL say.
  ['datestyle', 'ISO'],
  ['intervalstyle', 'postgres'],
  ['extra_float_digits', '1'],
  ['client_encoding', 'UTF8'],
  ['array_nulls', 'on'],
];

/** What a settlement relies on, on whatever connection it runs: it waits for no snapshot of others, writes, and outlives silence. */
const WRITING: Setting[] = [
  ['default_transaction_isolation', 'read committed'],
  ['default_transaction_read_only', 'off'],
  ['default_transaction_deferrable', 'off'],
  ['lock_timeout', '2000'],
  ['idle_in_transaction_session_timeout', '60000'],
  ['idle_session_timeout', '0'],
  ['transaction_timeout', '0'],
  ['jit', 'off'],
];

/** Statements of ours mean the same whatever role and database say; with row security they fail, where rows would be missing silently. */
const OURS: Setting[] = [
  ['timezone', 'UTC'],
  ['bytea_output', 'hex'],
  ['standard_conforming_strings', 'on'],
  ['transform_null_equals', 'off'],
  ['row_security', 'off'],
];

/**
 * Every statement of the protocol finds its rows by index, one by one. Left to itself PostgreSQL plans a prepared statement
 * once, and for a table that is small then, or was never analyzed, by reading all of it: on a fresh database a claim took ten
 * times as long after 80,000 jobs, until the first autovacuum a minute later (measured).
 */
const INDEX_PLANS: Setting[] = [
  ['enable_seqscan', 'off'],
  ['enable_hashjoin', 'off'],
  ['enable_mergejoin', 'off'],
  ['enable_nestloop', 'on'],
  ['enable_indexscan', 'on'],
  ['enable_indexonlyscan', 'on'],
  ['enable_bitmapscan', 'on'],
  ['enable_sort', 'on'],
  ['plan_cache_mode', 'auto'],
];

/** The same as a startup option, for sessions of tests that explain plans. */
export const BY_INDEX = INDEX_PLANS.map(([name, value]) => `-c ${name}=${value}`).join(' ');

export interface SessionNeeds {
  /**
   * `protocol`: our own statements only. `handlers`: those of handlers too, which see what role and URL say (time zone, search
   * path, `statement_timeout` and the rest), except for what answers are read by and what a settlement needs.
   */
  session: 'protocol' | 'handlers';
  byIndex?: boolean | undefined;
  statementTimeoutMs?: number | undefined;
}

/**
 * One statement that gives a connection what we rely on. After connecting and not as startup options: those in the URL would take
 * their place, and PgBouncer refuses them. Only names that the server knows: some came with PostgreSQL 17.
 */
export function sessionSettings({ session, byIndex = false, statementTimeoutMs = 0 }: SessionNeeds): string {
  const ours: Setting[] = session === 'protocol' ? [...OURS, ['statement_timeout', String(statementTimeoutMs)]] : [];
  return setting([...FORMAT, ...WRITING, ...ours, ...(byIndex ? INDEX_PLANS : [])]);
}

/** For a connection that only holds a lock or listens: it is silent for long, and what it waits for is bounded by itself. */
export const SILENT_SESSION = setting([
  ['client_encoding', 'UTF8'],
  ['standard_conforming_strings', 'on'],
  ['default_transaction_isolation', 'read committed'],
  ['statement_timeout', '0'],
  ['lock_timeout', '2000'],
  ['idle_in_transaction_session_timeout', '0'],
  ['idle_session_timeout', '0'],
  ['transaction_timeout', '0'],
  ['tcp_keepalives_idle', '5'],
  ['tcp_keepalives_interval', '5'],
  ['tcp_keepalives_count', '2'],
]);

/** Values are constants of ours. What waits for more than the local disk (`remote_apply`, …) stays; `off` would lose what was promised. */
function setting(settings: readonly Setting[]): string {
  const values = settings.map(([name, value]) => `('${name}', '${value}')`).join(', ');
  return (
    `SELECT pg_catalog.set_config(name, value, false) FROM (VALUES ${values}, ` +
    `('synchronous_commit', CASE pg_catalog.current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE pg_catalog.current_setting('synchronous_commit') END)` +
    `) AS s (name, value) WHERE pg_catalog.current_setting(name, true) IS NOT NULL`
  );
}
