import { NonRetryableError, type RawJson, rawJson } from '@app/sdk';
import { importedTableName, quoteIdentifier } from '../imports/identifier.js';
import { importedColumn, importedTable, type Queries } from '../imports/imported-table.js';
import { sqlState } from '../sql-state.js';

/**
 * The row of an imported table whose key is `key`, as the JSON that PostgreSQL writes: it is never parsed, so that each
 * number keeps its digits; the first by the order of the table when several have it.
 * Throws a NonRetryableError where there is no such table, column or row, or where `key` is not of the column's type.
 */
export async function findRow(queries: Queries, table: string, keyColumn: string | undefined, key: string): Promise<RawJson> {
  const known = await importedTable(queries, table);
  const column = keyColumn === undefined ? known.columns[0] : importedColumn(known, keyColumn);
  if (!column) throw new NonRetryableError(`expected table ${table} to have a column, got none`);
  const sql = `/* fanout:row */ select row_to_json(found)::text as row from ${importedTableName(table)} as found where ${quoteIdentifier(column.name)} = $1::${column.sqlType} limit 1`;
  const rows = await queries.query<{ row: string }[]>(sql, [key]).catch((error: unknown) => {
    if (!/^22/.test(sqlState(error) ?? '')) throw error;
    throw new NonRetryableError(`expected key to be of the type of column ${column.name}, ${column.sqlType}, got: ${JSON.stringify(key)}`, {
      cause: error,
      code: 'bad_key',
    });
  });
  if (!rows[0]) throw new NonRetryableError(`expected a row of table ${table} with ${column.name} ${JSON.stringify(key)}, got none`, { code: 'row_not_found' });
  return rawJson(rows[0].row);
}
