import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * How long the jobs of a tenant and of some kinds are kept. NULL: the rule does not say; -1: for ever. The version before does not read it, and removes jobs by its settings
 * alone.
 */
export class RetentionRules1700000000540 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `CREATE TABLE lh.retention_rules (
         tenant            text NOT NULL,
         kinds             text NOT NULL,
         origin            text NOT NULL,
         succeeded_seconds bigint CHECK (succeeded_seconds >= -1),
         failed_seconds    bigint CHECK (failed_seconds >= -1),
         updated_at        timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant, kinds, origin)
       )`,
    );
    await numbered(runner, 54);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, 'DROP TABLE lh.retention_rules; DELETE FROM lh.schema_version WHERE number = 54');
  }
}
