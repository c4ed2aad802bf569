import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * Schedules, and what became of their ticks. `due_at` is when a schedule is looked at next: its next tick with its jitter, or sooner where a tick waits
 * in `buffered`; it is NULL while it is paused. A tick has one row, which names its job: the primary key is what keeps it from having two. `zone_data` is the version of
 * the time zone data that `next_tick` was worked out with. `jobs.origin` says what has made a job; NULL for most.
 */
export class Schedules1700000000290 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `CREATE TABLE lh.schedules (
         tenant               text NOT NULL DEFAULT 'default',
         id                   text NOT NULL,
         kind                 text NOT NULL,
         payload              json NOT NULL,
         options              jsonb NOT NULL DEFAULT '{}',
         description          text NOT NULL DEFAULT '',
         spec                 jsonb NOT NULL,
         overlap              text NOT NULL DEFAULT 'skip' CHECK (overlap IN ('skip', 'buffer', 'allow', 'cancel')),
         missed               text NOT NULL DEFAULT 'last' CHECK (missed IN ('skip', 'last', 'all')),
         missed_window_ms     bigint NOT NULL DEFAULT 86400000,
         jitter_ms            integer NOT NULL DEFAULT 0,
         starts_at            timestamptz,
         ends_at              timestamptz,
         pause_after_failures integer,
         next_tick            timestamptz,
         due_at               timestamptz,
         last_tick            timestamptz,
         last_job_id          uuid,
         buffered             timestamptz,
         buffered_previous    timestamptz,
         failures             integer NOT NULL DEFAULT 0,
         paused_at            timestamptz,
         paused_by            text,
         pause_reason         text,
         origin               text NOT NULL DEFAULT 'api',
         revision             integer NOT NULL DEFAULT 1,
         zone_data            text,
         created_at           timestamptz NOT NULL DEFAULT now(),
         updated_at           timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant, id),
         CHECK (paused_at IS NULL OR due_at IS NULL)
       ) WITH (fillfactor = 70);
       CREATE INDEX schedules_due ON lh.schedules (due_at) WHERE due_at IS NOT NULL;
       CREATE INDEX schedules_kind ON lh.schedules (tenant, kind, id);
       CREATE TABLE lh.schedule_ticks (
         tenant        text NOT NULL DEFAULT 'default',
         schedule_id   text NOT NULL,
         tick          timestamptz NOT NULL,
         previous_tick timestamptz,
         outcome       text NOT NULL CHECK (outcome IN ('submitted', 'skipped_overlap', 'buffered', 'coalesced', 'missed', 'refused')),
         source        text NOT NULL DEFAULT 'tick' CHECK (source IN ('tick', 'backfill', 'trigger')),
         job_id        uuid,
         detail        text,
         at            timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant, schedule_id, tick),
         FOREIGN KEY (tenant, schedule_id) REFERENCES lh.schedules ON DELETE CASCADE
       );
       CREATE INDEX schedule_ticks_at ON lh.schedule_ticks (at);
       ALTER TABLE lh.jobs ADD COLUMN origin jsonb`,
    );
    await numbered(runner, 29);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `DROP TABLE lh.schedule_ticks, lh.schedules;
       ALTER TABLE lh.jobs DROP COLUMN origin;
       DELETE FROM lh.schema_version WHERE number = 29`,
    );
  }
}
