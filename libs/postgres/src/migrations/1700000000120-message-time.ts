import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `queued_at` says since when a job waits for a worker, and nothing that repairs changes it. `messaged_at` says when its newest
 * message was made, where that was later: a message is taken for lost by its own age.
 */
export class MessageTime1700000000120 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE jobs ADD COLUMN messaged_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE jobs DROP COLUMN messaged_at');
  }
}
