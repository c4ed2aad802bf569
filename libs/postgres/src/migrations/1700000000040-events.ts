import type { MigrationInterface, QueryRunner } from 'typeorm';
import { run } from './run.js';

/**
 * One numbered sequence of events for each job. Changes of state are on the job's own row, written with the change itself;
 * progress and log lines have a table. Jobs that are there already begin with one event, the state they are in.
 */
export class Events1700000000040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `
      ALTER TABLE lh.jobs ADD COLUMN events integer NOT NULL DEFAULT 0, ADD COLUMN history jsonb NOT NULL DEFAULT '[]';
      UPDATE lh.jobs SET events = 1, history = jsonb_build_array(jsonb_build_array(
        1, state, attempt, round(extract(epoch FROM coalesce(finished_at, started_at, created_at)), 3)));

      CREATE TABLE lh.job_events (
        job_id uuid NOT NULL REFERENCES lh.jobs ON DELETE CASCADE,
        seq    integer NOT NULL,
        type   text NOT NULL,
        at     timestamptz NOT NULL,
        data   jsonb NOT NULL,
        PRIMARY KEY (job_id, seq),
        CONSTRAINT job_events_type CHECK (type IN ('progress', 'log'))
      );
    `,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, 'DROP TABLE lh.job_events; ALTER TABLE lh.jobs DROP COLUMN history, DROP COLUMN events');
  }
}
