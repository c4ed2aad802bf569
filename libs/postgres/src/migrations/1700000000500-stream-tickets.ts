import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/** Tickets that let a browser open a stream without a header. The version before leaves them alone. */
export class StreamTickets1700000000500 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `CREATE TABLE lh.stream_tickets (
         hash bytea PRIMARY KEY,
         tenant text NOT NULL,
         target text NOT NULL,
         sealed bytea NOT NULL,
         expires_at timestamptz NOT NULL
       )`,
    );
    await numbered(runner, 50);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, 'DROP TABLE lh.stream_tickets; DELETE FROM lh.schema_version WHERE number = 50');
  }
}
