import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * What is not well, for as long as it is not: one open alert for each rule and place. `seen_at` is when a gateway has found it last, `told_at` when the jobs
 * that tell operators were stored. A webhook that tells of an alert tells of no job.
 */
export class Alerts1700000000400 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `CREATE TABLE lh.alerts (
         id        uuid PRIMARY KEY,
         rule      text NOT NULL,
         link      text NOT NULL,
         level     text NOT NULL,
         message   text NOT NULL,
         fix       text NOT NULL,
         opened_at timestamptz NOT NULL DEFAULT now(),
         seen_at   timestamptz NOT NULL DEFAULT now(),
         told_at   timestamptz,
         ended_at  timestamptz
       );
       CREATE UNIQUE INDEX alerts_open ON lh.alerts (rule, link) WHERE ended_at IS NULL;
       ALTER TABLE lh.webhook_deliveries ALTER COLUMN job_id DROP NOT NULL`,
    );
    await numbered(runner, 40);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `DROP TABLE lh.alerts; DELETE FROM lh.webhook_deliveries WHERE job_id IS NULL;
       ALTER TABLE lh.webhook_deliveries ALTER COLUMN job_id SET NOT NULL; DELETE FROM lh.schema_version WHERE number = 40`,
    );
  }
}
