import type { MigrationInterface, QueryRunner } from 'typeorm';
import { run } from './run.js';

/** The books of the fault tests (kind debug.ledger). No unique constraint, so that doubling shows. */
export class DebugLedger1700000000030 implements MigrationInterface {
  name = 'DebugLedger1700000000030';

  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `
      CREATE TABLE lh.debug_ledger (
        key        text NOT NULL,
        job_id     uuid NOT NULL,
        attempt    integer NOT NULL,
        fence      integer NOT NULL,
        place      text NOT NULL CHECK (place IN ('inside', 'outside')),
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, 'DROP TABLE lh.debug_ledger');
  }
}
