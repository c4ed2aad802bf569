import { DEFAULT_SCHEMA } from '@app/core';
import type pg from 'pg';
import { type FreshDatabase, freshDatabase } from '../../../../test/support/index.js';
import { connectionOf } from './connection.js';
import { createDataSource, createReadPool } from './data-source.js';
import { Database } from './database.js';

/** What an operator may have set on a database for reasons of other applications. */
const ODD = [
  `datestyle = 'SQL, DMY'`,
  `intervalstyle = 'sql_standard'`,
  `timezone = 'Asia/Kathmandu'`,
  `extra_float_digits = 0`,
  `bytea_output = 'escape'`,
  `standard_conforming_strings = off`,
  `default_transaction_isolation = 'serializable'`,
  `default_transaction_read_only = on`,
  `default_transaction_deferrable = on`,
  `synchronous_commit = off`,
  `lock_timeout = 0`,
  `idle_in_transaction_session_timeout = '1h'`,
  `idle_session_timeout = '1s'`,
  `statement_timeout = '77s'`,
  `enable_indexscan = off`,
  `row_security = on`,
];

const OURS = {
  datestyle: 'ISO, DMY',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  synchronous_commit: 'on',
  lock_timeout: '2s',
  idle_in_transaction_session_timeout: '1min',
  idle_session_timeout: '0',
  statement_timeout: '10s',
  enable_indexscan: 'on',
  enable_seqscan: 'off',
  row_security: 'off',
  client_encoding: 'UTF8',
};

const names = Object.keys(OURS);
const READ = `SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS s (name)`;

async function settingsOf(pool: Pick<pg.Pool, 'query'>): Promise<Record<string, string>> {
  const { rows } = await pool.query<{ name: string; value: string }>(READ, [names]);
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

let database: FreshDatabase;
beforeAll(async () => (database = await freshDatabase(ODD)));
afterAll(() => database.drop());

async function withPool<Result>(config: Partial<Parameters<typeof createDataSource>[0]>, work: (pool: pg.Pool) => Promise<Result>): Promise<Result> {
  const dataSource = await createDataSource({
    url: database.url,
    schema: DEFAULT_SCHEMA,
    poolSize: 2,
    applicationName: 'test settings',
    ...config,
  }).initialize();
  try {
    return await work(new Database(dataSource).pool);
  } finally {
    await dataSource.destroy();
  }
}

test("the protocol's connections have what it relies on, whatever the database says (C16, C17)", async () => {
  const protocol = { byIndex: true, queryTimeoutMs: 10_000 };
  expect(await withPool(protocol, settingsOf)).toEqual(OURS);
});

test('connections for reads have it too, with a limit of their own on each statement (C16, E10)', async () => {
  const pool = createReadPool({ url: database.url, schema: DEFAULT_SCHEMA, poolSize: 1, applicationName: 'test reads', readTimeoutMs: 3_000 });
  expect(await settingsOf(pool)).toEqual({ ...OURS, statement_timeout: '3s' });
  await pool.end();
});

test("handlers' connections say what the database says, except for what answers are read by and a settlement needs (C16, C17)", async () => {
  const theirs = { timezone: 'Asia/Kathmandu', bytea_output: 'escape', standard_conforming_strings: 'off', statement_timeout: '77s', row_security: 'on' };
  const plans = { enable_indexscan: 'off', enable_seqscan: 'on' };
  expect(await withPool({ session: 'handlers' }, settingsOf)).toEqual({ ...OURS, ...theirs, ...plans });
});

test('options of the URL are kept beside ours, and replace none of them (C18)', async () => {
  const url = `${database.url}?options=${encodeURIComponent('-c work_mem=7MB -c lock_timeout=0 -c enable_seqscan=on -c search_path=pg_catalog')}`;
  const merged = await withPool({ url, byIndex: true, queryTimeoutMs: 10_000 }, async (pool) => ({
    ours: await settingsOf(pool),
    theirs: (await pool.query(`SELECT current_setting('work_mem') AS memory, current_setting('search_path') AS path`)).rows,
  }));
  expect(merged).toEqual({ ours: OURS, theirs: [{ memory: '7MB', path: 'pg_catalog' }] });
});

test('a commit that waits for more than the local disk goes on to wait for it (C16)', async () => {
  const url = `${database.url}?options=${encodeURIComponent('-c synchronous_commit=remote_apply')}`;
  expect((await withPool({ url }, settingsOf))['synchronous_commit']).toBe('remote_apply');
});

test('what is in the URL reaches the driver as libpq would read it (C21)', () => {
  expect(connectionOf('postgres://u:p%40ss@/db?host=/var/run/postgresql')).toEqual({
    host: '/var/run/postgresql',
    user: 'u',
    password: 'p@ss',
    database: 'db',
  });
});
