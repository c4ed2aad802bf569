import { MIGRATIONS_TABLE } from '../migrations/index.js';
import { type Database, statement } from '../pool/database.js';

const TABLE_RIGHTS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];

/** A process only reads which migrations have run. */
const MISSING_RIGHTS = statement(
  'doctor:rights',
  `SELECT n.nspname || '.' || c.relname || ' (' || string_agg(CASE c.relkind WHEN 'S' THEN 'USAGE' ELSE r.needed END, ', ' ORDER BY r.place) || ')' AS missing
   FROM pg_catalog.pg_class c
   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   CROSS JOIN unnest($2::text[]) WITH ORDINALITY AS r (needed, place)
   WHERE n.nspname = $1 AND CASE c.relkind
     WHEN 'S' THEN r.place = 1 AND NOT has_sequence_privilege(c.oid, 'USAGE')
     WHEN 'r' THEN (r.place = 1 OR c.relname NOT IN ('${MIGRATIONS_TABLE}', 'schema_version')) AND NOT has_table_privilege(c.oid, r.needed)
     ELSE false END
   GROUP BY n.nspname, c.relname ORDER BY 1`,
);

/** Tables and sequences of the schema of which the role lacks a right that a gateway or a worker needs, each with those rights. It reads the catalogue alone. */
export async function missingRights(db: Database): Promise<string[]> {
  const rows = await db.run<{ missing: string }>(MISSING_RIGHTS, [db.schema, TABLE_RIGHTS]);
  return rows.map(({ missing }) => missing);
}
