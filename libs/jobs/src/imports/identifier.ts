import { escapeIdentifier } from 'pg';

/** Where finished tables are, and where half-done ones are until they are published. */
export const IMPORTS_SCHEMA = 'imports';
export const STAGING_SCHEMA = 'imports_staging';

/** What a caller may call a table: a plain lower-case name of at most 63 characters. */
export const TABLE_PATTERN = /^[a-z_][a-z0-9_]{0,62}$/;
export const TABLE_HINT = 'table must be a plain name: lower-case letters, digits and _, at most 63, not starting with a digit';

export const quoteIdentifier: (name: string) => string = escapeIdentifier;

/** `"imports"."name"`: whatever the name holds, it is read as a name. */
export function importedTableName(table: string): string {
  return `${quoteIdentifier(IMPORTS_SCHEMA)}.${quoteIdentifier(table)}`;
}
