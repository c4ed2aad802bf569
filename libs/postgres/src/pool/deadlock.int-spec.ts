import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { TestStore } from '../testing/test-store.js';
import { statement } from './database.js';
import { transact } from './transact.js';

const ADD = statement('test:add', 'UPDATE deadlock_rows SET value = value + 1 WHERE id = $1 RETURNING value');
/** One row after the other: `a` first. */
const ADD_BOTH = statement(
  'test:add-both',
  `WITH first AS MATERIALIZED (SELECT id FROM deadlock_rows WHERE id = 'a' FOR UPDATE)
   UPDATE deadlock_rows SET value = value + 1 WHERE id IN ('b', (SELECT id FROM first)) RETURNING value`,
);

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
  await store.query('CREATE TABLE deadlock_rows (id text PRIMARY KEY, value integer NOT NULL)');
});
afterAll(() => store.close());
beforeEach(() => store.query(`TRUNCATE deadlock_rows; INSERT INTO deadlock_rows VALUES ('a', 0), ('b', 0)`));

const values = async () => (await store.query<{ value: number }>('SELECT value FROM deadlock_rows ORDER BY id')).map(({ value }) => value);

describe('a deadlock', () => {
  test('between two transactions is no error of either: the one that PostgreSQL has rolled back is done again', async () => {
    let met = 0;
    let meet: () => void = () => undefined;
    const bothHaveOne = new Promise<void>((resolve) => (meet = resolve));
    const inOrder = (first: string, second: string) => async (transaction: EntityManager) => {
      await store.db.run(ADD, [first], transaction);
      if (++met === 2) meet();
      await bothHaveOne;
      await store.db.run(ADD, [second], transaction);
    };
    await Promise.all([transact(store.db, inOrder('a', 'b')), transact(store.db, inOrder('b', 'a'))]);
    expect(met).toBe(3);
    expect(await values()).toEqual([2, 2]);
  });

  test('that ends a statement of its own makes it be sent again', async () => {
    let waiting: Promise<unknown> | undefined;
    await transact(store.db, async (transaction) => {
      await store.db.run(ADD, ['b'], transaction);
      waiting ??= store.db.run(ADD_BOTH, []);
      // It has `a` and waits for `b`: it is the first that PostgreSQL asks whether it is in a deadlock.
      while ((await store.query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)).length === 0) await delay(10);
      await store.db.run(ADD, ['a'], transaction);
    });
    expect(await waiting).toHaveLength(2);
    expect(await values()).toEqual([2, 2]);
  });

  test('that comes back each time is told', async () => {
    let tries = 0;
    const never = transact(store.db, async (transaction) => {
      tries++;
      await store.db.run(statement('test:deadlock', `DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40P01'; END $$`), [], transaction);
    });
    await expect(never).rejects.toThrow('again');
    expect(tries).toBe(5);
  });
});
