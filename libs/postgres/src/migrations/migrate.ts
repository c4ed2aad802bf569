import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { lockKey } from '../locks.js';
import { createMigrationSource } from '../pool/data-source.js';
import { moveTables, refuseLive } from './move-tables.js';

export interface Migrated {
  /** The schema that an installation from before there was one of its own was moved from. */
  moved: string | null;
  applied: string[];
}

/** Brings the schema to this version. Safe to run at once from many places: one does it, the others wait. */
export async function migrate(url: string, schema: string): Promise<Migrated> {
  const dataSource = await createMigrationSource({ url, schema, poolSize: 2, applicationName: 'longhaul migrate' }).initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SET lock_timeout = 0');
    await runner.query('SELECT pg_advisory_lock($1, 0)', [lockKey('migrations', schema)]);
    await makeSchema(runner, schema);
    const moved = await moveTables(runner, schema);
    if (moved === null && (await breaks(dataSource))) await refuseLive(runner, schema);
    const applied = await dataSource.runMigrations();
    return { moved, applied: applied.map(({ name }) => name) };
  } catch (error) {
    throw (error as { code?: string }).code === '42P07' ? new SchemaTaken(schema, error as Error) : error;
  } finally {
    await runner.release();
    await dataSource.destroy();
  }
}

/** Asked for first: `CREATE SCHEMA IF NOT EXISTS` wants the right to make one though it is there. */
async function makeSchema(runner: QueryRunner, schema: string): Promise<void> {
  const [row] = (await runner.query('SELECT pg_catalog.to_regnamespace($1) IS NULL AS missing', [`"${schema}"`])) as { missing: boolean }[];
  if (row?.missing) await runner.query(`CREATE SCHEMA "${schema}"`);
}

/** Whether something is going to run that older versions cannot work with. */
async function breaks(dataSource: DataSource): Promise<boolean> {
  const pending = await new MigrationExecutor(dataSource).getPendingMigrations();
  return pending.some(({ instance }) => (instance as { breaking?: boolean } | undefined)?.breaking === true);
}

export class SchemaTaken extends Error {
  constructor(schema: string, cause: Error) {
    super(`expected the schema "${schema}" to have no tables but Longhaul's, got: ${cause.message}; set LONGHAUL_SCHEMA to another name`, { cause });
    this.name = 'SchemaTaken';
  }
}
