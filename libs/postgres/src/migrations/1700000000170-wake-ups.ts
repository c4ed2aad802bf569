import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * A row of the outbox wakes up to 64 jobs of one kind, queue and priority, so that a broker's message, its confirm and its ack are paid once for them.
 * Rows that wait for their time, and events, have one. `kinds` says how many jobs of a kind one message may hold, as workers measure it.
 */
export class WakeUps1700000000170 implements MigrationInterface {
  readonly breaking = true;

  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `ALTER TABLE lh.outbox ADD COLUMN job_ids uuid[];
       UPDATE lh.outbox SET job_ids = ARRAY[job_id];
       ALTER TABLE lh.outbox ALTER COLUMN job_ids SET NOT NULL, DROP COLUMN job_id,
         ADD CONSTRAINT outbox_job_ids CHECK (cardinality(job_ids) BETWEEN 1 AND 64 AND (type = 'job' OR cardinality(job_ids) = 1));
       CREATE TABLE lh.kinds (
         name         text PRIMARY KEY,
         wake_up_size smallint NOT NULL CHECK (wake_up_size BETWEEN 1 AND 64),
         measured_at  timestamptz NOT NULL DEFAULT now()
       )`,
    );
    await numbered(runner, 17, { breaking: this.breaking });
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `DROP TABLE lh.kinds;
       ALTER TABLE lh.outbox ADD COLUMN job_id uuid, DROP CONSTRAINT outbox_job_ids;
       INSERT INTO lh.outbox (id, type, job_ids, job_id, queue, priority, suspect, attempts, available_at)
         SELECT gen_random_uuid(), type, job_ids[1:1], more.id, queue, priority, suspect, attempts, available_at
         FROM lh.outbox, unnest(job_ids[2:]) AS more (id);
       UPDATE lh.outbox SET job_id = job_ids[1] WHERE job_id IS NULL;
       ALTER TABLE lh.outbox ALTER COLUMN job_id SET NOT NULL, DROP COLUMN job_ids;
       DELETE FROM lh.schema_version WHERE number = 17`,
    );
  }
}
