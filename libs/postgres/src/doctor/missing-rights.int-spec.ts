import { DEFAULT_SCHEMA } from '@app/core';
import { createDataSource } from '../pool/data-source.js';
import { Database } from '../pool/database.js';
import { TestStore } from '../testing/test-store.js';
import { missingRights } from './missing-rights.js';

let store: TestStore;
let role: string;
beforeAll(async () => {
  store = await TestStore.open();
  role = `${new URL(store.url).pathname.slice(1)}_app`;
  await store.query(`CREATE ROLE "${role}" LOGIN`);
});
afterAll(async () => {
  await store.query(`DROP OWNED BY "${role}"`);
  await store.query(`DROP ROLE "${role}"`);
  await store.close();
});

async function missing(): Promise<string[]> {
  const url = Object.assign(new URL(store.url), { username: role }).href;
  const dataSource = await createDataSource({ url, schema: DEFAULT_SCHEMA, poolSize: 1, applicationName: 'longhaul test' }).initialize();
  try {
    return await missingRights(new Database(dataSource));
  } finally {
    await dataSource.destroy();
  }
}

test('an owner of the tables lacks nothing', async () => {
  expect(await missingRights(store.db)).toEqual([]);
});

test('a role that was given what the documentation says lacks nothing', async () => {
  await store.query(`GRANT USAGE ON SCHEMA longhaul TO "${role}"`);
  await store.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA longhaul TO "${role}"`);
  await store.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA longhaul TO "${role}"`);
  expect(await missing()).toEqual([]);
});

test('each table and each sequence of which a role lacks a right is named with those rights', async () => {
  await store.query(`CREATE TABLE longhaul.brand_new (id serial)`);
  await store.query(`REVOKE DELETE, UPDATE ON longhaul.outbox FROM "${role}"`);
  await store.query(`REVOKE INSERT ON longhaul.longhaul_migrations FROM "${role}"`);
  expect(await missing()).toEqual([
    'longhaul.brand_new (SELECT, INSERT, UPDATE, DELETE)',
    'longhaul.brand_new_id_seq (USAGE)',
    'longhaul.outbox (UPDATE, DELETE)',
  ]);
});
