import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_SCHEMA } from '@app/core';
import type { DataSource } from 'typeorm';
import { SCHEMA_NUMBER } from './migrations/index.js';
import { createMigrationSource } from './pool/data-source.js';
import { dumpSchema } from './testing/dump-schema.js';
import { TestStore } from './testing/test-store.js';

const CHECKED_IN = join(import.meta.dirname, '../schema.sql');

let store: TestStore;
let migrations: DataSource;
beforeAll(async () => {
  store = await TestStore.open();
  migrations = await createMigrationSource({ url: store.url, schema: DEFAULT_SCHEMA, poolSize: 1, applicationName: 'test migrations' }).initialize();
});
afterAll(async () => {
  await migrations.destroy();
  await store.close();
});

const dump = () => dumpSchema({ query: (text) => store.db.runOnce(text, []) });

describe('the migrations', () => {
  test('lead to the schema that is checked in', async () => {
    const schema = await dump();
    if (process.env['LONGHAUL_WRITE_SCHEMA'] === '1') await writeFile(CHECKED_IN, schema);
    expect(schema).toBe(await readFile(CHECKED_IN, 'utf8'));
  });

  test('make nothing in public, where an application has its tables (C19)', async () => {
    expect(await store.query(`SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).toEqual([]);
  });

  test('give the schema the number that this version knows', async () => {
    expect(await store.query('SELECT max(number) AS number FROM schema_version')).toEqual([{ number: SCHEMA_NUMBER }]);
  });

  test('taken back one by one leave nothing, and lead to the same schema again', async () => {
    const before = await dump();
    for (let left = migrations.migrations.length; left > 0; left--) await migrations.undoLastMigration();
    expect((await dump()).match(/^CREATE .*/gm)).toEqual([`CREATE SCHEMA ${DEFAULT_SCHEMA};`]);
    await migrations.runMigrations();
    expect(await dump()).toBe(before);
    expect(await migrations.showMigrations()).toBe(false);
  });
});
