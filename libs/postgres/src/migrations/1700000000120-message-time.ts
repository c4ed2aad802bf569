import type { MigrationInterface, QueryRunner } from 'typeorm';
import { run } from './run.js';

/**
 * `queued_at` says since when a job waits for a worker, and nothing that repairs changes it. `messaged_at` says when its newest
 * message was made, where that was later: a message is taken for lost by its own age.
 */
export class MessageTime1700000000120 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(runner, 'ALTER TABLE lh.jobs ADD COLUMN messaged_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, 'ALTER TABLE lh.jobs DROP COLUMN messaged_at');
  }
}
