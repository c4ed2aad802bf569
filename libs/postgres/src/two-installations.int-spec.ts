import { DEFAULT_SCHEMA, type WorkerId } from '@app/core';
import { RecordingLogger } from '@app/core/testing';
import type pg from 'pg';
import { DataSource, EntitySchema } from 'typeorm';
import { waitFor } from '../../../test/support/index.js';
import { Presence } from './lease/presence.js';
import { PostgresWorkers } from './lease/postgres-workers.js';
import { lockKey } from './locks.js';
import { migrate } from './migrations/migrate.js';
import { createDataSource } from './pool/data-source.js';
import { Database } from './pool/database.js';
import { PostgresTransactions } from './pool/transactions.js';
import { PostgresSubmissions } from './submit/postgres-submissions.js';
import { newJob, TestStore } from './testing/test-store.js';
import { PostgresChanges } from './watch/postgres-changes.js';

const OTHER = 'other';
const logger = new RecordingLogger();

let ours: TestStore;
let dataSource: DataSource;
let theirs: { workers: PostgresWorkers; submissions: PostgresSubmissions };
beforeAll(async () => {
  ours = await TestStore.open();
  await migrate(ours.url, OTHER);
  dataSource = await createDataSource({ url: ours.url, schema: OTHER, poolSize: 2, applicationName: 'test other' }).initialize();
  const db = new Database(dataSource);
  theirs = { workers: new PostgresWorkers(db), submissions: new PostgresSubmissions(db, { keySeconds: 60, fastPathSeconds: 0 }) };
});
afterAll(async () => {
  await dataSource.destroy();
  await ours.close();
});

const worker = { name: 'w', concurrency: 1, queues: [] };
const suspectsOf = async (workers: PostgresWorkers) => (await workers.suspects(null)).suspects;

describe('two installations in one database', () => {
  test('have other locks for the same worker id: neither takes the other for alive, or for dead (C19)', async () => {
    const [mine, yours] = [await ours.workers.register(worker, 60), await theirs.workers.register(worker, 60)];
    expect(mine).toBe(yours);
    const presence = new Presence(ours.url, DEFAULT_SCHEMA, logger);
    await presence.start(mine);
    expect(await suspectsOf(ours.workers)).toEqual([]);
    expect(await suspectsOf(theirs.workers)).toEqual([{ workerId: yours, leaseOver: false, lockFree: true }]);
    // While it lives, the other's dead worker of that id is cleared away, and it is not.
    await theirs.workers.recover(yours);
    expect(await suspectsOf(theirs.workers)).toEqual([]);
    expect(await ours.query<{ id: WorkerId }>('SELECT id FROM workers')).toEqual([{ id: mine }]);
    await presence.close();
  });

  test('do not hear of the jobs that change in the other (C19)', async () => {
    const heard = new Set<string>();
    const feeds = [DEFAULT_SCHEMA, DEFAULT_SCHEMA, OTHER, OTHER].map(
      (schema, index) => new PostgresChanges(ours.url, schema, (ids) => ids.forEach((id) => heard.add(`${id} by ${String(index)}`)), logger),
    );
    for (const feed of feeds) feed.start();
    await waitFor('both to be heard', () => {
      feeds[0]?.tell(['ours' as never]);
      feeds[2]?.tell(['theirs' as never]);
      return heard.size >= 2;
    });
    expect([...heard].sort()).toEqual(['ours by 1', 'theirs by 3']);
    await Promise.all(feeds.map((feed) => feed.close()));
  });

  test('take jobs in one transaction of an application, each under statements of its own (C19)', async () => {
    const [mine, yours] = [newJob({}), newJob({})];
    await ours.dataSource.transaction(async (transaction) => {
      await ours.submissions.submit([mine], transaction);
      await theirs.submissions.submit([yours], transaction);
    });
    expect(await ours.query('SELECT id FROM longhaul.jobs')).toEqual([{ id: mine.id }]);
    expect(await ours.query('SELECT id FROM other.jobs')).toEqual([{ id: yours.id }]);
  });

  test('have other keys for each purpose, and the same ones in every process of one (C19)', () => {
    const keys = (['presence', 'migrations'] as const).flatMap((purpose) => [DEFAULT_SCHEMA, OTHER].map((schema) => lockKey(purpose, schema)));
    expect(new Set(keys).size).toBe(4);
    expect(lockKey('presence', DEFAULT_SCHEMA)).toBe(keys[0]);
  });
});

describe("a handler's transaction", () => {
  class Gardener {
    id!: number;
    name!: string;
  }
  const GARDENERS = new EntitySchema<Gardener>({
    name: 'Gardener',
    target: Gardener,
    tableName: 'jobs',
    columns: { id: { type: Number, primary: true }, name: { type: String } },
  });

  let session: pg.Client;
  beforeAll(async () => {
    session = await ours.session();
    await session.query(`CREATE TABLE public.jobs (id integer PRIMARY KEY, name text); INSERT INTO public.jobs VALUES (1, 'Ada')`);
  });
  afterAll(() => session.query('DROP TABLE public.jobs'));

  test("finds the application's table of a name that Longhaul has too, by SQL and by an entity (C13)", async () => {
    const handlers = createDataSource({ url: ours.url, schema: DEFAULT_SCHEMA, poolSize: 1, applicationName: 'test handlers', session: 'handlers' });
    const plain = await new DataSource({ type: 'postgres', url: ours.url, entities: [GARDENERS] }).initialize();
    await handlers.setOptions({ entities: [GARDENERS] }).initialize();
    const open = await new PostgresTransactions(handlers, 30).begin();
    try {
      expect(await open.transaction.query('SELECT * FROM jobs')).toEqual(await plain.query('SELECT * FROM jobs'));
      expect(await open.transaction.find(Gardener)).toEqual([{ id: 1, name: 'Ada' }]);
      expect(await open.transaction.query('SELECT current_schema() AS schema')).toEqual(await plain.query('SELECT current_schema() AS schema'));
    } finally {
      await open.rollback();
      await plain.destroy();
      await handlers.destroy();
    }
  });
});
