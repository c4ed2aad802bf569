import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/** The queues that somebody has assigned to a worker, and who and why. The version before leaves it alone, and its workers obey none. */
export class AssignedQueues1700000000460 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(runner, 'ALTER TABLE lh.workers ADD assigned jsonb');
    await numbered(runner, 46);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, 'ALTER TABLE lh.workers DROP assigned; DELETE FROM lh.schema_version WHERE number = 46');
  }
}
