import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_SCHEMA, type JobId } from '@app/core';
import { RecordingLogger } from '@app/core/testing';
import pg from 'pg';
import { emptyDatabase, type FreshDatabase } from '../../../../test/support/index.js';
import { Presence } from '../lease/presence.js';
import { PostgresJobs } from '../control/postgres-jobs.js';
import { PostgresWorkers } from '../lease/postgres-workers.js';
import { createDataSource } from '../pool/data-source.js';
import { Database } from '../pool/database.js';
import { PostgresOutbox } from '../relay/postgres-outbox.js';
import { PostgresAttempts } from '../run/postgres-attempts.js';
import { claimOf } from '../testing/test-store.js';
import { MIGRATIONS, SCHEMA_NUMBER } from './index.js';
import { migrate } from './migrate.js';
import { requireSchema } from './required-schema.js';

let database: FreshDatabase;
let client: pg.Client;
beforeEach(async () => {
  database = await emptyDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

const rows = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> => (await client.query<Row>(text, values)).rows;
const tablesOf = async (schema: string) =>
  (await rows<{ name: string }>(`SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = 'r' ORDER BY 1`, [schema])).map(
    ({ name }) => name,
  );

async function withDatabase<Result>(work: (db: Database) => Promise<Result>, schema = DEFAULT_SCHEMA): Promise<Result> {
  const dataSource = await createDataSource({ url: database.url, schema, poolSize: 2, applicationName: 'test migrate' }).initialize();
  try {
    return await work(new Database(dataSource));
  } finally {
    await dataSource.destroy();
  }
}

const FROM_PUBLIC = [
  'OwnSchema1700000000150',
  'Notify1700000000160',
  'WakeUps1700000000170',
  'PlainHistory1700000000180',
  'FlowControl1700000000190',
  'LimitsInCode1700000000220',
  'Starts1700000000230',
  'StartBefore1700000000260',
  'Schedules1700000000290',
  'Cancel1700000000300',
  'Workers1700000000310',
  'Stats1700000000320',
  'LetterGroups1700000000330',
  'Rights1700000000350',
  'Alerts1700000000400',
  'Tenants1700000000410',
  'Quotas1700000000430',
  'SignIn1700000000440',
  'PayloadSearch1700000000450',
  'AssignedQueues1700000000460',
  'Erasures1700000000470',
  'StreamTickets1700000000500',
  'SharedOutcomes1700000000510',
  'ListedErasures1700000000520',
  'FailingSchedules1700000000530',
  'RetentionRules1700000000540',
];

const [JOB, MAILED, SEVERAL] = ['01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002', '01900000-0000-7000-8000-000000000003'];

/** An installation as it was before there was a schema of its own, at work a moment ago. */
async function formerInstallation(schema = 'public'): Promise<void> {
  const made = await readFile(join(import.meta.dirname, '../testing/schema-in-public.sql'), 'utf8');
  await client.query(made.replaceAll('public.', `${schema}.`));
  await client.query(`
    SET search_path = ${schema};
    INSERT INTO jobs (id, kind, queue, state, priority, payload, max_attempts, queued_at, callback_url)
      VALUES ('${JOB}', 'test.job', 'default', 'queued', 4, '{"n": 12345678901234567890}', 3, now(), 'https://example.org/told');
    INSERT INTO jobs (id, kind, queue, state, priority, payload, result, max_attempts, finished_at)
      SELECT gen_random_uuid(), 'test.job', 'default', 'succeeded', 4, '1', '2', 3, now() FROM generate_series(1, 10);
    INSERT INTO jobs (id, kind, queue, state, priority, payload, max_attempts, finished_at, notify_email, reply_to, correlation_id) VALUES
      ('${MAILED}', 'test.job', 'default', 'succeeded', 4, '1', 3, now(), 'a@example.org', 'replies', NULL),
      ('${SEVERAL}', 'test.job', 'default', 'succeeded', 4, '1', 3, now(), NULL, chr(1) || '[{"to": "b", "id": "1"}, {"to": "a", "id": null}]', NULL);
    INSERT INTO outbox (id, type, job_id, queue, priority, available_at) VALUES (gen_random_uuid(), 'job', '${JOB}', 'default', 4, now());
    INSERT INTO idempotency_keys VALUES ('default', 'a key', '\\x00', '${JOB}', now() + interval '1 day');
    INSERT INTO workers (name, concurrency, queues, lease_until) SELECT 'gone:' || n, 1, '{}', now() - interval '1 minute' FROM generate_series(1, 3) n;
    INSERT INTO queues (name) VALUES ('default');
    INSERT INTO dead_letters (identity, source, reason, detail) VALUES ('message:1', 'message', 'unreadable', '');
    INSERT INTO job_steps VALUES ('${JOB}', 'charge', '{"paid": true}');
    INSERT INTO job_events VALUES ('${JOB}', 2, 'log', now(), '{}');
    INSERT INTO files VALUES (gen_random_uuid(), 'a.csv', 'text/csv', 1, repeat('0', 64));
    INSERT INTO webhook_endpoints VALUES (gen_random_uuid(), 'https://example.org', '', '{}', '{}', '{}', '[]');
    INSERT INTO webhook_deliveries (id, webhook_id, job_id, type, url, body, delivery_job_id)
      VALUES (gen_random_uuid(), 'w', '${JOB}', 't', 'https://example.org', '', gen_random_uuid());
    INSERT INTO webhook_callback_secret (secret) VALUES ('whsec_1');
    INSERT INTO notices (job_id, redrives, state) VALUES ('${JOB}', 0, 'succeeded');
    INSERT INTO claims VALUES (1, '{}');
    INSERT INTO email_counts VALUES ('a@example.org', now(), 1);
    INSERT INTO debug_effects VALUES ('k', '${JOB}');
    INSERT INTO debug_ledger VALUES ('k', '${JOB}', 1, 1, 'inside');
  `);
}

async function countsOf(schema: string, tables: string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of tables) counts[table] = (await rows<{ n: number }>(`SELECT count(*)::integer AS n FROM "${schema}"."${table}"`))[0]?.n ?? -1;
  return counts;
}

describe('an empty database', () => {
  test('gets the schema with everything in it, and a second time changes nothing', async () => {
    expect(await migrate(database.url, 'orders_jobs')).toEqual({ moved: null, applied: MIGRATIONS.map(({ name }) => name) });
    expect(await tablesOf('orders_jobs')).toContain('jobs');
    expect(await tablesOf('public')).toEqual([]);
    expect(await migrate(database.url, 'orders_jobs')).toEqual({ moved: null, applied: [] });
    await withDatabase(requireSchema, 'orders_jobs');
  });

  test('is migrated once by many that come at the same moment', async () => {
    const all = await Promise.all([1, 2, 3].map(() => migrate(database.url, DEFAULT_SCHEMA)));
    expect(all.map(({ applied }) => applied.length).sort()).toEqual([0, 0, MIGRATIONS.length]);
  });

  test('needs no right to make schemas where they were made beforehand', async () => {
    const role = `${database.name}_owner`;
    await client.query(`
      CREATE ROLE "${role}" LOGIN; CREATE SCHEMA ours AUTHORIZATION "${role}"; CREATE SCHEMA imports AUTHORIZATION "${role}";
      CREATE SCHEMA imports_staging AUTHORIZATION "${role}"; REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
    const url = new URL(database.url);
    url.username = role;
    try {
      expect((await migrate(url.href, 'ours')).applied).toHaveLength(MIGRATIONS.length);
    } finally {
      await client.query(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`);
    }
  });
});

describe('an application in the same database', () => {
  test('keeps its own jobs, files and migrations, which Longhaul neither reads nor writes (C13, C19)', async () => {
    await client.query(`
      CREATE TABLE jobs (title text); INSERT INTO jobs VALUES ('gardener');
      CREATE TABLE files (path text); CREATE TABLE workers (name text); CREATE TABLE queues (length integer);
      CREATE TABLE migrations (id serial PRIMARY KEY, timestamp bigint NOT NULL, name varchar NOT NULL);
      INSERT INTO migrations (timestamp, name) VALUES (1, 'Theirs0000000000001')`);
    await migrate(database.url, DEFAULT_SCHEMA);
    expect(await rows('SELECT * FROM jobs')).toEqual([{ title: 'gardener' }]);
    expect(await rows('SELECT name FROM migrations')).toEqual([{ name: 'Theirs0000000000001' }]);
    expect(await tablesOf('public')).toEqual(['files', 'jobs', 'migrations', 'queues', 'workers']);
  });

  test('whose table has one of our names in the schema that was chosen is told so, and keeps it (C19)', async () => {
    await client.query('CREATE TABLE jobs (title text)');
    await expect(migrate(database.url, 'public')).rejects.toThrow(
      'expected the schema "public" to have no tables but Longhaul\'s, got: relation "jobs" already exists; set LONGHAUL_SCHEMA to another name',
    );
    expect(await rows('SELECT * FROM jobs')).toEqual([]);
  });
});

describe('an installation whose tables are in public', () => {
  beforeEach(() => formerInstallation());

  test('is moved with every row, and nothing of it stays behind', async () => {
    const tables = (await tablesOf('public')).filter((name) => name !== 'migrations');
    const before = await countsOf('public', tables);
    expect(Object.entries(before).filter(([, count]) => count === 0)).toEqual([]);
    expect(await migrate(database.url, DEFAULT_SCHEMA)).toEqual({ moved: 'public', applied: FROM_PUBLIC });
    expect(await countsOf(DEFAULT_SCHEMA, tables)).toEqual(before);
    expect(await rows(`SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).toEqual([]);
    expect(await rows(`SELECT payload::text, tenant, notify FROM longhaul.jobs WHERE id = '${JOB}'`)).toEqual([
      { payload: '{"n": 12345678901234567890}', tenant: 'default', notify: [{ channel: 'webhook', to: 'https://example.org/told' }] },
    ]);
    expect(await migrate(database.url, DEFAULT_SCHEMA)).toEqual({ moved: null, applied: [] });
  });

  test('tells everybody who was to be told', async () => {
    await migrate(database.url, DEFAULT_SCHEMA);
    await withDatabase(async (db) => {
      const jobs = new PostgresJobs(db);
      const notifyOf = async (id: string) => (await jobs.find(id as JobId))?.notify;
      expect(await notifyOf(JOB)).toEqual([{ channel: 'webhook', to: 'https://example.org/told' }]);
      expect(await notifyOf(MAILED)).toEqual([
        { channel: 'email', to: 'a@example.org' },
        { channel: 'reply', to: 'replies', id: null },
      ]);
      expect(await notifyOf(SEVERAL)).toEqual([
        { channel: 'reply', to: 'b', id: '1' },
        { channel: 'reply', to: 'a', id: null },
      ]);
    });
  });

  test('goes on where it was: its job is published and claimed, and the next worker gets the next id', async () => {
    await migrate(database.url, DEFAULT_SCHEMA);
    await withDatabase(async (db) => {
      await requireSchema(db);
      expect(await new PostgresOutbox(db).take(10, 30)).toMatchObject([{ jobIds: [JOB] }]);
      const worker = await new PostgresWorkers(db).register({ name: 'new', concurrency: 1, queues: [] }, 30);
      expect(worker).toBe(4);
      expect(await new PostgresAttempts(db).claim(worker, [claimOf(JOB as JobId)])).toMatchObject([{ claimed: { id: JOB, attempt: 1 } }]);
    });
  });

  test('is not moved while one of its workers lives', async () => {
    await client.query(`UPDATE workers SET lease_until = now() + interval '20 seconds' WHERE id = 2`);
    await expect(migrate(database.url, DEFAULT_SCHEMA)).rejects.toThrow(
      /^expected all processes of Longhaul to be stopped, got 1 that may be running jobs: gone:2; stop gateways and workers, wait LEASE_SECONDS .* then run this again$/,
    );
    expect(await tablesOf('public')).toContain('jobs');
    expect(await tablesOf(DEFAULT_SCHEMA)).toEqual([]);
  });

  test('leaves the application its rows of the migrations table that both have used', async () => {
    await client.query(`INSERT INTO migrations (timestamp, name) VALUES (1, 'Theirs0000000000001')`);
    await migrate(database.url, DEFAULT_SCHEMA);
    expect(await rows('SELECT name FROM public.migrations')).toEqual([{ name: 'Theirs0000000000001' }]);
    expect(await tablesOf('public')).toEqual(['migrations']);
  });

  test('leaves the application its own tables', async () => {
    await client.query(`CREATE TABLE orders (id integer); INSERT INTO orders VALUES (1)`);
    await migrate(database.url, DEFAULT_SCHEMA);
    expect(await tablesOf('public')).toEqual(['orders']);
  });

  test('may stay in public', async () => {
    expect(await migrate(database.url, 'public')).toEqual({ moved: 'public', applied: FROM_PUBLIC });
    await withDatabase(requireSchema, 'public');
    expect(await rows(`SELECT id FROM public.jobs WHERE id = '${JOB}'`)).toHaveLength(1);
  });

  test('is moved as a whole or not at all', async () => {
    await client.query('CREATE SCHEMA longhaul; CREATE TABLE longhaul.workers (theirs text)');
    await expect(migrate(database.url, DEFAULT_SCHEMA)).rejects.toThrow('relation "workers" already exists in schema "longhaul"; set LONGHAUL_SCHEMA');
    expect(await tablesOf('public')).toContain('jobs');
    expect(await rows('SELECT count(*)::integer AS n FROM public.migrations')).toEqual([{ n: 11 }]);
  });

  test('is not what a process of this version starts on', async () => {
    await expect(withDatabase(requireSchema)).rejects.toThrow('run: npm run migrate');
  });
});

describe('an installation whose role has put its tables elsewhere', () => {
  test('is found where search_path leads, and moved', async () => {
    await client.query(`CREATE SCHEMA app; ALTER DATABASE "${database.name}" SET search_path = app`);
    await formerInstallation('app');
    expect(await migrate(database.url, DEFAULT_SCHEMA)).toEqual({ moved: 'app', applied: FROM_PUBLIC });
    expect(await tablesOf('app')).toEqual([]);
    expect(await rows(`SELECT id FROM longhaul.jobs WHERE id = '${JOB}'`)).toHaveLength(1);
  });
});

describe("the schema's number", () => {
  beforeEach(() => migrate(database.url, DEFAULT_SCHEMA));

  test('keeps a process from a schema that is newer than it knows', async () => {
    await client.query(`INSERT INTO longhaul.schema_version VALUES (${SCHEMA_NUMBER + 1}, false)`);
    await expect(withDatabase(requireSchema)).rejects.toThrow(
      `expected the schema "longhaul" of the database to have number ${SCHEMA_NUMBER} at most, got ${SCHEMA_NUMBER + 1}; install a newer Longhaul`,
    );
  });

  test('is told to a worker by its heartbeat, and to every process with the time, when a migration breaks what it does', async () => {
    await withDatabase(async (db) => {
      const seen: (number | null)[] = [];
      db.schemaSeen = (breaking) => seen.push(breaking);
      await client.query(`INSERT INTO longhaul.schema_version VALUES (${SCHEMA_NUMBER + 1}, false)`);
      await db.time();
      await client.query(`INSERT INTO longhaul.schema_version VALUES (${SCHEMA_NUMBER + 2}, true)`);
      const workers = new PostgresWorkers(db);
      const about = { name: 'w', concurrency: 1, queues: [] };
      await workers.heartbeat(await workers.register(about, 30), about, { leaseSeconds: 30, held: [], events: [] });
      // 19 is the last that breaks older versions.
      expect(seen).toEqual([19, SCHEMA_NUMBER + 2]);
    });
  });

  test('is not changed by a breaking migration while a worker lives', async () => {
    const presence = new Presence(database.url, DEFAULT_SCHEMA, new RecordingLogger());
    await withDatabase(async (db) => {
      const worker = await new PostgresWorkers(db).register({ name: 'busy:1', concurrency: 1, queues: [] }, 60);
      await presence.start(worker);
      await client.query(`DELETE FROM longhaul.longhaul_migrations WHERE name = 'OwnSchema1700000000150'`);
      await expect(migrate(database.url, DEFAULT_SCHEMA)).rejects.toThrow('got 1 that may be running jobs: busy:1');
      await presence.close();
    });
  });
});
