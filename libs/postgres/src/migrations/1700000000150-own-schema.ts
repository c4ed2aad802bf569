import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

const OF_TENANTS = ['jobs', 'idempotency_keys', 'dead_letters', 'files', 'webhook_endpoints'];

/**
 * The one step that every installation stops for (ADR 13): the tables are in a schema of Longhaul's own (`move-tables.ts` has moved them),
 * which has a number from here on. Every table with a caller's data says whose it is; until there are rights it is always `default`.
 */
export class OwnSchema1700000000150 implements MigrationInterface {
  readonly breaking = true;

  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `CREATE TABLE lh.schema_version (
         number     integer PRIMARY KEY,
         breaking   boolean NOT NULL,
         applied_at timestamptz NOT NULL DEFAULT now()
       )`,
    );
    // A constant default is written to no row: the tables are not read, however large they are.
    for (const table of OF_TENANTS) await run(runner, `ALTER TABLE lh.${table} ADD COLUMN tenant text NOT NULL DEFAULT 'default'`);
    await numbered(runner, 15, { breaking: this.breaking });
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of OF_TENANTS) await run(runner, `ALTER TABLE lh.${table} DROP COLUMN tenant`);
    await run(runner, 'DROP TABLE lh.schema_version');
  }
}
