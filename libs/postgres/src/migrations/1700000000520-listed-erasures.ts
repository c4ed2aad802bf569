import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/** Erasures are kept for ever, and listed by tenant, the newest first. */
export class ListedErasures1700000000520 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(runner, 'CREATE INDEX erasures_list ON lh.erasures (tenant, id)');
    await numbered(runner, 52);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, 'DROP INDEX lh.erasures_list; DELETE FROM lh.schema_version WHERE number = 52');
  }
}
