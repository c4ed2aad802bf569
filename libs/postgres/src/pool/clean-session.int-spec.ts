import { DEFAULT_SCHEMA } from '@app/core';
import type { DataSource } from 'typeorm';
import { waitFor } from '../../../../test/support/index.js';
import { createDataSource } from './data-source.js';
import { Database } from './database.js';
import { TestStore } from '../testing/test-store.js';
import { PostgresTransactions } from './transactions.js';

let store: TestStore;
let dataSource: DataSource;
let db: Database;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(async () => {
  dataSource = await createDataSource({
    url: store.url,
    schema: DEFAULT_SCHEMA,
    poolSize: 1,
    applicationName: 'test cleaning',
    session: 'handlers',
  }).initialize();
  db = new Database(dataSource);
});
afterEach(() => dataSource.destroy());

interface Session {
  pid: number;
  state: string;
}

const SESSION = `SELECT pg_backend_pid() AS pid, concat_ws(' ', current_setting('statement_timeout'), current_setting('lock_timeout'), current_user, session_user,
  (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), to_regclass('pg_temp.mine'),
  (SELECT count(*) FROM pg_listening_channels()), (SELECT count(*) FROM pg_cursors), (SELECT count(*) FROM pg_prepared_statements WHERE from_sql)) AS state`;
const session = async () => (await db.runOnce<Session>(SESSION, []))[0] as Session;

async function handler(...statements: string[]): Promise<void> {
  const open = await new PostgresTransactions(dataSource, 30).begin();
  for (const statement of statements) await open.transaction.query(statement);
  await open.commit();
}

test.each([
  ['a setting', `SET statement_timeout = '1ms'; SET lock_timeout = 0; SET datestyle = 'German'`],
  ['a role', 'SET ROLE pg_monitor'],
  ['an authorization', 'SET SESSION AUTHORIZATION pg_monitor'],
  ['a temporary table', 'CREATE TEMP TABLE mine (id int)'],
  ['a lock of the session', 'SELECT pg_advisory_lock(4711)'],
  ['a channel', 'LISTEN somewhere'],
  ['a cursor', 'DECLARE mine CURSOR WITH HOLD FOR SELECT 1'],
])("%s that a handler's transaction leaves behind does not meet the next one, on the same connection (C5)", async (_, statement) => {
  const before = await session();
  await handler(statement);
  expect(await session()).toEqual(before);
});

test('a statement that a handler prepared ends the connection; ours stay prepared (C5)', async () => {
  const before = await session();
  await db.run({ name: 'ours', text: 'SELECT 1' }, []);
  await handler('PREPARE theirs AS SELECT 1');
  const after = await session();
  expect(after.state).toBe(before.state);
  expect(after.pid).not.toBe(before.pid);
  await db.run({ name: 'ours', text: 'SELECT 1' }, []);
  await handler('SELECT 1');
  await db.run({ name: 'ours', text: 'SELECT 1' }, []);
  expect((await session()).pid).toBe(after.pid);
});

test('what a handler sets through the pool itself is cleaned as well, and a transaction that it forgets ends its connection (C5)', async () => {
  const before = await session();
  await dataSource.query(`SET statement_timeout = '1min'`);
  expect(await session()).toEqual(before);
  const runner = dataSource.createQueryRunner();
  await runner.query('BEGIN');
  await runner.release();
  await waitFor('another connection', async () => (await session()).pid !== before.pid);
});

test('nothing that is sent after the commit reaches the connection before or after it is cleaned (C5)', async () => {
  const open = await new PostgresTransactions(dataSource, 30).begin();
  await open.commit();
  await expect(open.transaction.query('SELECT 1')).rejects.toThrow();
});
