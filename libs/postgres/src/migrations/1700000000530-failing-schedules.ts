import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/** Schedules of all tenants that Longhaul has paused are looked for each minute: few of many. */
export class FailingSchedules1700000000530 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(runner, `CREATE INDEX schedules_failing ON lh.schedules (paused_at) WHERE paused_by = 'longhaul' AND failures > 0`);
    await numbered(runner, 53);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, 'DROP INDEX lh.schedules_failing; DELETE FROM lh.schema_version WHERE number = 53');
  }
}
