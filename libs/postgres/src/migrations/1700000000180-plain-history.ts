import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * The history of a job that was queued, claimed and has succeeded is not written any more: its times tell it, see `run/history.ts`. What an older process
 * adds to a history that is NULL would be lost, which the constraint refuses. With half of each page left free, a claim of all jobs of a page finds
 * room for their new versions there, and writes no index (HOT).
 */
export class PlainHistory1700000000180 implements MigrationInterface {
  readonly breaking = true;

  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `ALTER TABLE lh.jobs ALTER COLUMN history DROP NOT NULL,
         SET (fillfactor = 50),
         ADD CONSTRAINT jobs_plain CHECK (
           history IS NOT NULL OR events = CASE state WHEN 'queued' THEN 1 WHEN 'running' THEN 2 WHEN 'succeeded' THEN 3 ELSE -1 END
         )`,
    );
    await numbered(runner, 18, { breaking: this.breaking });
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `UPDATE lh.jobs j SET history = (
         SELECT jsonb_agg(jsonb_build_array(e.seq, e.state, e.attempt, round(extract(epoch FROM e.at), 3)) ORDER BY e.seq)
         FROM (VALUES (1, 'queued', 0, j.queued_at), (2, 'running', 1, j.started_at), (3, j.state, 1, j.finished_at)) AS e (seq, state, attempt, at)
         WHERE e.at IS NOT NULL
       ) WHERE j.history IS NULL;
       ALTER TABLE lh.jobs SET (fillfactor = 60), DROP CONSTRAINT jobs_plain, ALTER COLUMN history SET NOT NULL;
       DELETE FROM lh.schema_version WHERE number = 18`,
    );
  }
}
