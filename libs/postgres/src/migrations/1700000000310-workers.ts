import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/** What a worker tells of itself, and who has asked it to drain, and why. */
export class Workers1700000000310 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(runner, 'ALTER TABLE lh.workers ADD details jsonb, ADD drain jsonb');
    await numbered(runner, 31);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, 'ALTER TABLE lh.workers DROP details, DROP drain; DELETE FROM lh.schema_version WHERE number = 31');
  }
}
