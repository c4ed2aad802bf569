import 'reflect-metadata';
import { createDataSource } from '@app/postgres';
import { ConfigError, Environment, runtimeConfig } from '@app/runtime';
import { readCommandLine } from '@app/runtime/processes';

/** Brings the database to this version's schema. Safe to run at once from many places: one does it, the others wait. */
const MIGRATION_LOCK = 0x4c48_4d49;

async function migrate(): Promise<void> {
  const { databaseUrl } = runtimeConfig(new Environment(process.env));
  const dataSource = await createDataSource({ url: databaseUrl, poolSize: 2, applicationName: 'longhaul migrate' }).initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SET lock_timeout = 0');
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const applied = await dataSource.runMigrations();
    console.log(applied.length === 0 ? 'the database is up to date' : `applied: ${applied.map(({ name }) => name).join(', ')}`);
  } finally {
    await runner.release();
    await dataSource.destroy();
  }
}

readCommandLine({ command: 'npm run migrate', does: 'Brings the database of DATABASE_URL up to date.' });
migrate().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 1;
});
