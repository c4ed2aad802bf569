import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dumpSchema } from './testing/dump-schema.js';
import { TestStore } from './testing/test-store.js';

const CHECKED_IN = join(import.meta.dirname, '../schema.sql');

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());

const dump = () => dumpSchema({ query: (text) => store.query(text) });

describe('the migrations', () => {
  test('lead to the schema that is checked in', async () => {
    const schema = await dump();
    if (process.env['LONGHAUL_WRITE_SCHEMA'] === '1') await writeFile(CHECKED_IN, schema);
    expect(schema).toBe(await readFile(CHECKED_IN, 'utf8'));
  });

  test('taken back one by one leave nothing, and lead to the same schema again', async () => {
    const before = await dump();
    for (let left = store.dataSource.migrations.length; left > 0; left--) await store.dataSource.undoLastMigration();
    expect(await dump()).not.toContain('CREATE');
    await store.dataSource.runMigrations();
    expect(await dump()).toBe(before);
    expect(await store.dataSource.showMigrations()).toBe(false);
  });
});
