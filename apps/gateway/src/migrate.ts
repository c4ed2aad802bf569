import 'reflect-metadata';
import { connectionOf, databaseFault, findTls, migrate, requireSessions } from '@app/postgres';
import { DatabaseError, Environment, failStart, runtimeConfig } from '@app/host';
import { readCommandLine } from '@app/host/processes';

async function bringUpToDate(databaseUrl: string, schema: string): Promise<void> {
  await findTls(databaseUrl);
  await requireSessions({ connectionTimeoutMillis: 5_000, ...connectionOf(databaseUrl), application_name: 'longhaul migrate' });
  const { moved, applied } = await migrate(databaseUrl, schema);
  if (moved !== null) console.log(`moved: Longhaul's tables, from the schema "${moved}" to "${schema}"`);
  console.log(applied.length === 0 ? 'the database is up to date' : `applied: ${applied.join(', ')}`);
}

readCommandLine({ command: 'npm run migrate', does: 'Brings the schema LONGHAUL_SCHEMA of the database of DATABASE_URL up to date.' });
try {
  const { databaseUrl, schema } = runtimeConfig(new Environment(process.env));
  await bringUpToDate(databaseUrl, schema).catch((error: unknown) => {
    const fault = databaseFault(error, databaseUrl);
    throw fault ? new DatabaseError(fault.line, { cause: error }) : error;
  });
} catch (error) {
  failStart(error);
}
