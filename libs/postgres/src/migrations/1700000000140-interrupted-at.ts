import type { MigrationInterface, QueryRunner } from 'typeorm';
import { run } from './run.js';

/** Since when the platform has ended each attempt of a job: an attempt that ends in another way clears it. */
export class InterruptedAt1700000000140 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(runner, 'ALTER TABLE lh.jobs ADD COLUMN interrupted_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, 'ALTER TABLE lh.jobs DROP COLUMN interrupted_at');
  }
}
