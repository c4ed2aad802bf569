import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * A row of the outbox tells the outcomes of up to 64 jobs, as it wakes up so many: an act on 100,000 jobs writes, takes and deletes a sixtieth of the rows.
 * The version before tells one outcome of such a row only, so such rows are written by acts alone, and of jobs alone whose outcome nobody is sent.
 */
export class SharedOutcomes1700000000510 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `ALTER TABLE lh.outbox DROP CONSTRAINT outbox_job_ids,
         ADD CONSTRAINT outbox_job_ids CHECK (cardinality(job_ids) BETWEEN 1 AND 64 AND (type <> 'turn' OR cardinality(job_ids) = 1))`,
    );
    await numbered(runner, 51);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `WITH shared AS (DELETE FROM lh.outbox WHERE type = 'event' AND cardinality(job_ids) > 1 RETURNING job_ids, queue, priority, available_at)
       INSERT INTO lh.outbox (id, type, job_ids, queue, priority, available_at)
       SELECT gen_random_uuid(), 'event', ARRAY[i.job_id], queue, priority, available_at FROM shared, unnest(job_ids) AS i (job_id);
       ALTER TABLE lh.outbox DROP CONSTRAINT outbox_job_ids,
         ADD CONSTRAINT outbox_job_ids CHECK (cardinality(job_ids) BETWEEN 1 AND 64 AND (type = 'job' OR cardinality(job_ids) = 1));
       DELETE FROM lh.schema_version WHERE number = 51`,
    );
  }
}
