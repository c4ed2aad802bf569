import { type Database, statement } from '../pool/database.js';
import { MIGRATIONS, MIGRATIONS_TABLE, SCHEMA_NUMBER } from './index.js';

const APPLIED = statement('schema:applied', `SELECT name FROM lh.${MIGRATIONS_TABLE}`);
const NUMBER = statement('schema:number', 'SELECT max(number) AS number FROM lh.schema_version');

/** Rejects unless this version can work with the schema: no migration is missing, and it is no newer one's. */
export async function requireSchema(db: Database): Promise<void> {
  const applied = new Set((await unlessMissing(db.run<{ name: string }>(APPLIED, []))).map(({ name }) => name));
  const [{ number } = { number: null }] = await unlessMissing(db.run<{ number: number | null }>(NUMBER, []));
  if (number !== null && number > SCHEMA_NUMBER) throw new NewerSchema(db.schema, number);
  if (!MIGRATIONS.every(({ name }) => applied.has(name))) throw new PendingMigrations(db.schema);
}

/** No rows where the table or the whole schema is not there. */
async function unlessMissing<Row>(rows: Promise<Row[]>): Promise<Row[]> {
  return rows.catch((error: unknown) => {
    if (['42P01', '3F000'].includes(String((error as { code?: unknown }).code))) return [];
    throw error;
  });
}

export class PendingMigrations extends Error {
  constructor(schema: string) {
    super(
      `expected the schema "${schema}" of the database to have all migrations of this version, got fewer; run: npm run migrate (installed from npm: npx longhaul migrate)`,
    );
    this.name = 'PendingMigrations';
  }
}

export class NewerSchema extends Error {
  constructor(schema: string, number: number) {
    super(`expected the schema "${schema}" of the database to have number ${SCHEMA_NUMBER} at most, got ${number}; install a newer Longhaul`);
    this.name = 'NewerSchema';
  }
}
