import { inSchema, schemaOf } from '@app/sdk';
import type { DataSource } from 'typeorm';

/** The books of these kinds. No unique constraints, so that doubling shows. */
const TABLES = {
  debug_effects: `
    key        text NOT NULL,
    job_id     uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()`,
  debug_ledger: `
    key        text NOT NULL,
    job_id     uuid NOT NULL,
    attempt    integer NOT NULL,
    fence      integer NOT NULL,
    place      text NOT NULL CHECK (place IN ('inside', 'outside')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()`,
};

/**
 * Makes the tables of these kinds in Longhaul's schema. Safe to run at once from many processes. Where the tables are there, it asks for no
 * right to make any.
 */
export async function makeDebugTables(dataSource: DataSource): Promise<void> {
  for (const [name, columns] of Object.entries(TABLES)) await dataSource.query(inSchema(schemaOf(dataSource), creation(name, columns)));
}

/** Another process may make the table between the look and the creation; it is there then. */
function creation(name: string, columns: string): string {
  return `DO $body$ BEGIN
    IF to_regclass('lh.${name}') IS NULL THEN CREATE TABLE lh.${name} (${columns}); END IF;
  EXCEPTION WHEN duplicate_table OR duplicate_object OR unique_violation THEN NULL; END $body$`;
}
