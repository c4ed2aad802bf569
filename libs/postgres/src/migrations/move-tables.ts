import type { QueryRunner } from 'typeorm';
import { MIGRATIONS, MIGRATIONS_TABLE } from './index.js';

/** What stood in `public`, or where else `search_path` led, before Longhaul had a schema of its own. Sequences and indexes go with their tables. */
// Those of the kinds for trying things out were made by migrations then.
const TABLES = [
  'claims',
  'dead_letters',
  'debug_effects',
  'debug_ledger',
  'email_counts',
  'files',
  'idempotency_keys',
  'job_events',
  'job_steps',
  'jobs',
  'notices',
  'outbox',
  'queues',
  'webhook_callback_secret',
  'webhook_deliveries',
  'webhook_endpoints',
  'workers',
];

/** An application that uses TypeORM has its own rows in this table; ours are known by their names. */
const FORMER_TABLE = 'migrations';

const names = MIGRATIONS.map(({ name }) => name);

/**
 * Moves an installation from before there was a schema of its own into `schema`: its tables, and what its migrations table says of it.
 * All or nothing, in one transaction. Returns the schema that it was in; null when there was none, or it was moved before.
 */
export async function moveTables(runner: QueryRunner, schema: string): Promise<string | null> {
  if (await exists(runner, schema, MIGRATIONS_TABLE)) return null;
  const former = await formerSchema(runner);
  if (former === null) return null;
  await runner.startTransaction();
  try {
    await runner.query(`LOCK TABLE "${former}".${FORMER_TABLE}, "${former}".workers IN ACCESS EXCLUSIVE MODE`);
    await refuseLive(runner, former);
    if (former !== schema) {
      for (const table of TABLES) await runner.query(`ALTER TABLE IF EXISTS "${former}".${table} SET SCHEMA "${schema}"`);
    }
    // As TypeORM makes it.
    await runner.query(`CREATE TABLE "${schema}".${MIGRATIONS_TABLE} (id serial PRIMARY KEY, timestamp bigint NOT NULL, name varchar NOT NULL)`);
    await runner.query(
      `WITH ours AS (DELETE FROM "${former}".${FORMER_TABLE} WHERE name = ANY ($1) RETURNING timestamp, name)
       INSERT INTO "${schema}".${MIGRATIONS_TABLE} (timestamp, name) SELECT timestamp, name FROM ours ORDER BY timestamp`,
      [names],
    );
    const others = (await runner.query(`SELECT FROM "${former}".${FORMER_TABLE} LIMIT 1`)) as unknown[];
    if (others.length === 0) await runner.query(`DROP TABLE "${former}".${FORMER_TABLE}`);
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  }
  return former;
}

/** Rejects while a worker lives: its statements would fail from one moment to the next, and its jobs with them. */
export async function refuseLive(runner: QueryRunner, schema: string): Promise<void> {
  if (!(await exists(runner, schema, 'workers'))) return;
  const rows = (await runner.query(`SELECT name FROM "${schema}".workers WHERE lease_until > now() ORDER BY id`)) as { name: string }[];
  if (rows.length > 0) throw new LiveWorkers(rows.map(({ name }) => name));
}

export class LiveWorkers extends Error {
  constructor(workers: string[]) {
    super(
      `expected all processes of Longhaul to be stopped, got ${workers.length} that may be running jobs: ${workers.slice(0, 5).join(', ')}; ` +
        'stop gateways and workers, wait LEASE_SECONDS for those that were killed, then run this again',
    );
    this.name = 'LiveWorkers';
  }
}

/** Where the tables were made: the first schema of `search_path`, which mostly is `public`. */
async function formerSchema(runner: QueryRunner): Promise<string | null> {
  const schemas = (await runner.query(
    `SELECT n.nspname AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = $1 AND c.relkind = 'r' AND n.nspname = ANY (pg_catalog.current_schemas(false) || '{public}')`,
    [FORMER_TABLE],
  )) as { name: string }[];
  for (const { name } of schemas) {
    if (!(await exists(runner, name, 'workers'))) continue;
    const ours = (await runner.query(`SELECT FROM "${name}".${FORMER_TABLE} WHERE name = $1`, [names[0]])) as unknown[];
    if (ours.length > 0) return name;
  }
  return null;
}

async function exists(runner: QueryRunner, schema: string, table: string): Promise<boolean> {
  const [row] = (await runner.query('SELECT pg_catalog.to_regclass($1) IS NOT NULL AS exists', [`"${schema}".${table}`])) as { exists: boolean }[];
  return row?.exists ?? false;
}
