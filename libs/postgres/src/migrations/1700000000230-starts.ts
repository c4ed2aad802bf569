import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/** How many jobs began of each queue, and under each limit, in each five seconds of the last minutes: for estimates of when a job will start. */
export class Starts1700000000230 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `CREATE TABLE lh.starts (
         subject text NOT NULL,
         at      timestamptz NOT NULL,
         starts  integer NOT NULL,
         PRIMARY KEY (subject, at)
       ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)`,
    );
    await numbered(runner, 23);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `DROP TABLE lh.starts;
       DELETE FROM lh.schema_version WHERE number = 23`,
    );
  }
}
