import { DEFAULT_SCHEMA } from '@app/core';
import { tcpProxy, type TcpProxy, waitFor } from '../../../../test/support/index.js';
import { createDataSource } from './data-source.js';
import { Database } from './database.js';
import { PostgresNotices } from '../notify/postgres-notices.js';
import { TestStore } from '../testing/test-store.js';
import { PostgresTransactions } from './transactions.js';

let store: TestStore;
let proxy: TcpProxy;
let dataSource: ReturnType<typeof createDataSource>;
let db: Database;
beforeAll(async () => {
  store = await TestStore.open();
  await store.query('CREATE TABLE effects (what text)');
});
afterAll(() => store.close());
beforeEach(async () => {
  proxy = await tcpProxy(store.url);
  dataSource = createDataSource({ url: proxy.url, schema: DEFAULT_SCHEMA, poolSize: 1, applicationName: 'test transactions' });
  await dataSource.initialize();
  db = new Database(dataSource);
  await store.query('TRUNCATE effects');
});
afterEach(async () => {
  await proxy.heal();
  await dataSource.destroy();
  await proxy.close();
});

const effects = () => store.query('SELECT what FROM effects');
const backend = async () => (await db.runOnce<{ pid: number }>('SELECT pg_backend_pid() AS pid', []))[0]?.pid;

describe("a handler's transaction that is rolled back", () => {
  test('lets nothing through that a deaf handler sends afterwards', async () => {
    const open = await new PostgresTransactions(dataSource, 30).begin();
    const deaf = (async () => {
      await open.transaction.query('SELECT pg_sleep(0.5)').catch(() => undefined);
      await open.transaction.query(`INSERT INTO effects VALUES ('after the end')`);
    })();
    await open.rollback();
    await expect(deaf).rejects.toThrow();
    expect(await effects()).toEqual([]);
  });

  test('refuses statements of ours too, whoever has its connection by now', async () => {
    const open = await new PostgresTransactions(dataSource, 30).begin();
    await open.rollback();
    await expect(db.run({ name: 'late', text: `INSERT INTO effects VALUES ('late')` }, [], open.transaction)).rejects.toThrow('the transaction has ended');
    expect(await effects()).toEqual([]);
  });

  test('does not wait for a connection that answers no more', async () => {
    const open = await new PostgresTransactions(dataSource, 30).begin();
    proxy.blackhole();
    const hanging = open.transaction.query('SELECT 1');
    await open.rollback();
    await expect(hanging).rejects.toThrow();
  });

  test('frees its place in the pool', async () => {
    const transactions = new PostgresTransactions(dataSource, 30);
    for (let n = 0; n < 3; n++) await (await transactions.begin()).rollback();
    const open = await transactions.begin();
    await open.transaction.query(`INSERT INTO effects VALUES ('kept')`);
    await open.commit();
    expect(await effects()).toEqual([{ what: 'kept' }]);
  });
});

test('a connection on which a transaction of notices failed serves nobody else', async () => {
  const job = await store.running(await store.worker(), { notify: [{ channel: 'webhook', to: 'https://example.com/' }] });
  await store.attempts.settle([{ jobId: job.id, token: job.token, event: 'succeeded', announce: false }]);
  const before = await backend();
  await expect(new PostgresNotices(db).tell(10, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await backend()).not.toBe(before);
  expect(await new PostgresNotices(db).tell(10, async () => undefined)).toBe(1);
});

test('a savepoint takes back what was written since it, and only that (C4)', async () => {
  const open = await new PostgresTransactions(dataSource, 30).begin();
  await open.transaction.query(`INSERT INTO effects VALUES ('before')`);
  const failing = open.nested(async () => {
    await open.transaction.query(`INSERT INTO effects VALUES ('taken back')`);
    await open.transaction.query('SELECT 1 / 0');
  });
  await expect(failing).rejects.toThrow('division by zero');
  await open.nested(() => open.transaction.query(`INSERT INTO effects VALUES ('after')`));
  await open.commit();
  expect(await effects()).toEqual([{ what: 'before' }, { what: 'after' }]);
});

describe('whether the platform has ended a transaction (C17, C38)', () => {
  const begin = () => new PostgresTransactions(dataSource, 30).begin();

  test('is told of a session that was ended, in a statement or between two', async () => {
    for (const between of [true, false]) {
      const open = await begin();
      const [{ pid } = { pid: 0 }] = await open.transaction.query<{ pid: number }[]>('SELECT pg_backend_pid() AS pid');
      const sleeping = between ? undefined : expect(open.transaction.query('SELECT pg_sleep(30)')).rejects.toThrow();
      await store.query('SELECT pg_terminate_backend($1)', [pid]);
      await sleeping;
      await waitFor('the end to be known', () => open.fault() !== undefined);
      await open.rollback();
    }
  });

  test('is not told of a session that was ended because nothing was asked in it for too long', async () => {
    const open = await begin();
    await open.transaction.query(`SET LOCAL idle_in_transaction_session_timeout = '50ms'`);
    const ended = () =>
      open.transaction.query('SELECT 1').then(
        () => false,
        () => true,
      );
    await waitFor('the session to be ended', ended);
    expect(open.fault()).toBeUndefined();
    await open.rollback();
  });

  test('is told of a connection that is cut', async () => {
    const open = await begin();
    const query = expect(open.transaction.query('SELECT pg_sleep(30)')).rejects.toThrow();
    proxy.cut();
    await query;
    expect(open.fault()).toBeDefined();
    await open.rollback();
  });

  test.each([
    ['40001', true],
    ['40P01', true],
    ['53100', true],
    ['57P01', true],
    ['58030', true],
    ['57014', false],
    ['23505', false],
    ['42601', false],
    ['P0001', false],
    ['55P03', false],
  ])('follows from the code %s: %s', async (code, expected) => {
    const open = await begin();
    await expect(open.transaction.query(`DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '${code}'; END $$`)).rejects.toThrow('no');
    // Whatever else is asked is refused for the first error's sake.
    await expect(open.transaction.query('SELECT 1')).rejects.toThrow('current transaction is aborted');
    expect(open.fault() !== undefined).toBe(expected);
    await open.rollback();
    expect(open.fault() !== undefined).toBe(expected);
  });

  test('is told within a savepoint and not after it, and not of a commit that is refused for what it would write', async () => {
    const open = await begin();
    let within: Error | undefined;
    const conflict = async () => {
      await open.transaction.query(`DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$`).catch(() => (within = open.fault()));
      throw new Error('mine');
    };
    await expect(open.nested(conflict)).rejects.toThrow('mine');
    expect(within).toBeDefined();
    expect(open.fault()).toBeUndefined();
    await open.rollback();
    await store.query('CREATE TABLE once (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)');
    const other = await begin();
    await other.nested(() => other.transaction.query('SELECT no_such_column').catch(() => undefined)).catch(() => undefined);
    expect(other.fault()).toBeUndefined();
    await other.transaction.query('INSERT INTO once VALUES (1), (1)');
    await expect(other.commit()).rejects.toThrow('duplicate key');
    expect(other.fault()).toBeUndefined();
  });
});
