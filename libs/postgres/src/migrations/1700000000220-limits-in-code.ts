import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/** What code says of a limit, beside what holds: the API may have set it otherwise, and when that is taken away the code holds again. */
export class LimitsInCode1700000000220 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(runner, `ALTER TABLE lh.flow_limits ADD COLUMN code jsonb`);
    await numbered(runner, 22);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `ALTER TABLE lh.flow_limits DROP COLUMN code;
       DELETE FROM lh.schema_version WHERE number = 22`,
    );
  }
}
