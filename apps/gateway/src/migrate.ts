import 'reflect-metadata';
import { connectionOf, createDataSource, databaseFault, findTls, requireSessions } from '@app/postgres';
import { DatabaseError, Environment, failStart, runtimeConfig } from '@app/host';
import { readCommandLine } from '@app/host/processes';

/** Brings the database to this version's schema. Safe to run at once from many places: one does it, the others wait. */
const MIGRATION_LOCK = 0x4c48_4d49;

async function migrate(databaseUrl: string): Promise<void> {
  await findTls(databaseUrl);
  await requireSessions({ connectionTimeoutMillis: 5_000, ...connectionOf(databaseUrl), application_name: 'longhaul migrate' });
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
try {
  const { databaseUrl } = runtimeConfig(new Environment(process.env));
  await migrate(databaseUrl).catch((error: unknown) => {
    const fault = databaseFault(error, databaseUrl);
    throw fault ? new DatabaseError(fault.line, { cause: error }) : error;
  });
} catch (error) {
  failStart(error);
}
