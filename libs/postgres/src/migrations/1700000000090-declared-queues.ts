import type { MigrationInterface, QueryRunner } from 'typeorm';
import { run } from './run.js';

/** Queues that are on their way out; see `PostgresQueues.remove`. Those that exist count as declared. */
export class DeclaredQueues1700000000090 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(runner, 'ALTER TABLE lh.queues ADD COLUMN deleted_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, 'ALTER TABLE lh.queues DROP COLUMN deleted_at');
  }
}
