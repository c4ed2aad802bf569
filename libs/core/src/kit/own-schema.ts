/**
 * Longhaul's tables are in a schema of their own, so that they never meet an application's. Every statement names it: `search_path`
 * belongs to the role, and handlers run on connections where it must stay as it is.
 */
export const DEFAULT_SCHEMA = 'longhaul';

const PATTERN = /^[a-z_][a-z0-9_]{0,40}$/;

/** Short enough for what is made of it, such as the name of a NOTIFY channel. Names that begin with `pg_` are PostgreSQL's own. */
export function isSchemaName(name: string): boolean {
  return PATTERN.test(name) && !name.startsWith('pg_') && name !== 'information_schema';
}

/** The mark in the text of statements that stands for the schema: `lh.jobs`. */
const MARK = /\blh\.(?=[a-z])/g;

/** Puts the schema in the place of each mark. Quoted, for a schema may be called `user`. */
export function inSchema(schema: string, text: string): string {
  return text.replaceAll(MARK, `"${schema}".`);
}

/** What a DataSource of ours has among its options for the driver, so that whoever is given it finds the tables. */
export const SCHEMA_OPTION = 'longhaulSchema';

/** The schema that a DataSource was made for; the default where it says nothing. */
export function schemaOf({ options }: { options: object }): string {
  const { extra } = options as { extra?: { [SCHEMA_OPTION]?: string } };
  return extra?.[SCHEMA_OPTION] ?? DEFAULT_SCHEMA;
}
