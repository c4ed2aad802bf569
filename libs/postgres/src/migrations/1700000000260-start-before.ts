import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * Finds the jobs that should have started by now, wherever they wait. The first claim of a job sets the column to NULL, as does whatever ends it before,
 * so the index has only jobs that wait; of a job without a bound the column never changes, and its updates stay on their page.
 */
export class StartBefore1700000000260 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(runner, `CREATE INDEX jobs_start_before ON lh.jobs (start_before) WHERE start_before IS NOT NULL`);
    await numbered(runner, 26);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, `DROP INDEX lh.jobs_start_before; DELETE FROM lh.schema_version WHERE number = 26`);
  }
}
