import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/** Who cancelled a job, why, and what became of it. NULL for all others, which then pay nothing for the column. */
export class Cancel1700000000300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(runner, 'ALTER TABLE lh.jobs ADD cancel jsonb');
    await numbered(runner, 30);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, 'ALTER TABLE lh.jobs DROP cancel; DELETE FROM lh.schema_version WHERE number = 30');
  }
}
