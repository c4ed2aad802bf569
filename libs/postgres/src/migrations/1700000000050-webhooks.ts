import type { MigrationInterface, QueryRunner } from 'typeorm';
import { run } from './run.js';

/**
 * How callers are told: `notices`, the outcomes that are still to be told (a row lives for a second); endpoints; deliveries,
 * whose `body` is the text that is signed, so that every attempt sends the same.
 */
export class Webhooks1700000000050 implements MigrationInterface {
  name = 'Webhooks1700000000050';

  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `
      CREATE TABLE lh.notices (
        job_id       uuid NOT NULL,
        redrives     integer NOT NULL,
        state        text NOT NULL CHECK (state IN ('succeeded', 'failed', 'cancelled')),
        available_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (job_id, redrives)
      ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
      CREATE INDEX notices_due ON lh.notices (available_at);

      CREATE TABLE lh.webhook_endpoints (
        id              uuid PRIMARY KEY,
        url             text NOT NULL,
        description     text NOT NULL,
        events          text[] NOT NULL,
        kinds           text[] NOT NULL,
        tags            text[] NOT NULL,
        secrets         jsonb NOT NULL,
        disabled_at     timestamptz,
        disabled_reason text,
        created_at      timestamptz NOT NULL DEFAULT now()
      );

      CREATE TABLE lh.webhook_deliveries (
        id              uuid PRIMARY KEY,
        webhook_id      text NOT NULL UNIQUE,
        endpoint_id     uuid,
        job_id          uuid NOT NULL,
        type            text NOT NULL,
        url             text NOT NULL,
        body            text NOT NULL,
        state           text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'succeeded', 'failed')),
        attempts        jsonb NOT NULL DEFAULT '[]',
        delivery_job_id uuid NOT NULL,
        next_attempt_at timestamptz,
        created_at      timestamptz NOT NULL DEFAULT now(),
        finished_at     timestamptz,
        CONSTRAINT webhook_deliveries_finished CHECK ((finished_at IS NULL) = (state = 'pending'))
      );
      CREATE INDEX webhook_deliveries_job ON lh.webhook_deliveries (job_id);
      CREATE INDEX webhook_deliveries_endpoint ON lh.webhook_deliveries (endpoint_id, id);

      -- Of callback URLs, made when none is configured. One row.
      CREATE TABLE lh.webhook_callback_secret (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        secret   text NOT NULL
      );
    `,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, 'DROP TABLE lh.webhook_callback_secret, lh.webhook_deliveries, lh.webhook_endpoints, lh.notices');
  }
}
