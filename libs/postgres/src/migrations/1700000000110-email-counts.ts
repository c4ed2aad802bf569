import type { MigrationInterface, QueryRunner } from 'typeorm';
import { run } from './run.js';

/** How many e-mails an address got in an hour. Rows of past hours are removed by retention. */
export class EmailCounts1700000000110 implements MigrationInterface {
  name = 'EmailCounts1700000000110';

  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `
      CREATE TABLE lh.email_counts (
        recipient text NOT NULL,
        hour      timestamptz NOT NULL,
        sent      integer NOT NULL,
        PRIMARY KEY (recipient, hour)
      )`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, 'DROP TABLE lh.email_counts');
  }
}
