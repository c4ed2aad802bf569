import { NonRetryableError } from '@app/sdk';
import { IMPORTS_SCHEMA } from './identifier.js';
import { meant } from './meant.js';

export interface ImportedColumn {
  name: string;
  /** PostgreSQL's name of its type, e.g. `timestamp with time zone`. */
  sqlType: string;
  /** The header as the file had it; the name where there was none. */
  label: string;
}

export interface ImportedTable {
  name: string;
  columns: ImportedColumn[];
}

/** What runs a statement: a DataSource, an EntityManager or a QueryRunner. */
export interface Queries {
  query<Result>(sql: string, parameters?: unknown[]): Promise<Result>;
}

const COLUMNS_SQL = `/* imports:columns */
  select a.attname as name, format_type(a.atttypid, a.atttypmod) as "sqlType", coalesce(col_description(c.oid, a.attnum), a.attname) as label
    from pg_class c join pg_attribute a on a.attrelid = c.oid
   where c.relnamespace = to_regnamespace($1) and c.relname = $2 and c.relkind in ('r', 'p')
     and a.attnum > 0 and not a.attisdropped
   order by a.attnum`;

const NAMES_SQL = `/* imports:names */
  select relname as name from pg_class where relnamespace = to_regnamespace($1) and relkind in ('r', 'p') order by relname limit 1000`;

/** The imported table of this name, or undefined. */
export async function findImportedTable(queries: Queries, name: string): Promise<ImportedTable | undefined> {
  const columns = await queries.query<ImportedColumn[]>(COLUMNS_SQL, [IMPORTS_SCHEMA, name]);
  return columns.length === 0 ? undefined : { name, columns };
}

/** The imported table of this name. Throws a NonRetryableError that names the nearest one when there is none. */
export async function importedTable(queries: Queries, name: string): Promise<ImportedTable> {
  const table = await findImportedTable(queries, name);
  if (table) return table;
  const names = (await queries.query<{ name: string }[]>(NAMES_SQL, [IMPORTS_SCHEMA])).map((row) => row.name);
  throw new NonRetryableError(
    `expected the name of an imported table, got: ${JSON.stringify(name)}; ${meant(name, names, 'import it with csv.import first')}`,
    {
      code: 'unknown_table',
    },
  );
}

/** The column with this name or this header. Throws a NonRetryableError that names the nearest one when there is none. */
export function importedColumn(table: ImportedTable, name: string): ImportedColumn {
  const found = table.columns.find((column) => column.name === name) ?? table.columns.find((column) => column.label === name);
  if (found) return found;
  const names = table.columns.map((column) => column.name);
  throw new NonRetryableError(
    `expected a column of table ${table.name}, got: ${JSON.stringify(name.slice(0, 200))}; ${meant(name, names, 'the table has no columns')}`,
    {
      code: 'unknown_column',
    },
  );
}
