import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * Flow control. `waiting_room` has the jobs that wait for their turn, so that RabbitMQ's queues stay short: ordered by queue, priority and virtual
 * time; `parked_on` names the limit that has no room for a job. `flow_slots` says which job holds a place under which limit, `flow_rates` when a rate
 * allows its next start, `unique_jobs` which job that has not started has a unique key.
 * A row of the outbox of type `turn` goes to the waiting room when it is due, and not to RabbitMQ: its job has limits.
 * Versions before this one would run a limited job without its slot.
 */
export class FlowControl1700000000190 implements MigrationInterface {
  readonly breaking = true;

  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `CREATE TABLE lh.waiting_room (
         job_id       uuid PRIMARY KEY,
         queue        text NOT NULL,
         kind         text NOT NULL,
         priority     smallint NOT NULL,
         virtual_time float8 NOT NULL,
         flow_key     text,
         limit_keys   text[],
         parked_on    text,
         suspect      boolean NOT NULL DEFAULT false,
         start_before timestamptz,
         entered_at   timestamptz NOT NULL DEFAULT now()
       ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
       CREATE INDEX waiting_room_ready ON lh.waiting_room (queue, priority, virtual_time, job_id) WHERE parked_on IS NULL;
       CREATE INDEX waiting_room_flow_key ON lh.waiting_room (queue, priority, flow_key, virtual_time) WHERE flow_key IS NOT NULL;
       CREATE INDEX waiting_room_parked ON lh.waiting_room (parked_on, priority, virtual_time, job_id) WHERE parked_on IS NOT NULL;
       CREATE INDEX waiting_room_start_before ON lh.waiting_room (start_before) WHERE start_before IS NOT NULL;
       ALTER TABLE lh.outbox DROP CONSTRAINT outbox_type_check, ADD CONSTRAINT outbox_type_check CHECK (type IN ('job', 'event', 'turn'));
       ALTER TABLE lh.jobs ADD COLUMN flow_key text, ADD COLUMN limit_keys text[], ADD COLUMN start_before timestamptz, ADD COLUMN unique_key text;
       CREATE TABLE lh.flow_limits (
         tenant         text NOT NULL DEFAULT 'default',
         name           text NOT NULL,
         match          jsonb NOT NULL,
         per            text,
         concurrency    integer CHECK (concurrency >= 1),
         rate_count     integer CHECK (rate_count >= 1),
         rate_ms        bigint CHECK (rate_ms >= 1),
         burst          integer CHECK (burst >= 1),
         strict         boolean NOT NULL DEFAULT false,
         origin         text NOT NULL DEFAULT 'api',
         override       jsonb,
         override_until timestamptz,
         updated_by     text,
         updated_at     timestamptz NOT NULL DEFAULT now(),
         PRIMARY KEY (tenant, name)
       );
       CREATE TABLE lh.flow_revision (one boolean PRIMARY KEY DEFAULT true CHECK (one), number bigint NOT NULL);
       INSERT INTO lh.flow_revision (number) VALUES (1);
       CREATE TABLE lh.flow_slots (limit_key text, job_id uuid, taken_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (limit_key, job_id));
       CREATE INDEX flow_slots_job ON lh.flow_slots (job_id);
       CREATE TABLE lh.flow_rates (limit_key text PRIMARY KEY, next_at timestamptz NOT NULL);
       CREATE TABLE lh.unique_jobs (unique_key text PRIMARY KEY, job_id uuid NOT NULL);
       ALTER TABLE lh.queues ADD COLUMN paused_by text, ADD COLUMN pause_reason text,
         ADD COLUMN fair_by text, ADD COLUMN fair_cost text CHECK (fair_cost IN ('count', 'time')), ADD COLUMN fair_weights jsonb;
       CREATE TABLE lh.paused_kinds (kind text PRIMARY KEY, paused_at timestamptz NOT NULL DEFAULT now(), paused_by text, pause_reason text)`,
    );
    await numbered(runner, 19, { breaking: this.breaking });
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `INSERT INTO lh.outbox (id, type, job_ids, queue, priority, suspect, available_at)
         SELECT gen_random_uuid(), 'job', ARRAY[job_id], queue, priority, suspect, now() FROM lh.waiting_room;
       UPDATE lh.outbox SET type = 'job' WHERE type = 'turn';
       ALTER TABLE lh.outbox DROP CONSTRAINT outbox_type_check, ADD CONSTRAINT outbox_type_check CHECK (type IN ('job', 'event'));
       DROP TABLE lh.waiting_room, lh.flow_limits, lh.flow_revision, lh.flow_slots, lh.flow_rates, lh.unique_jobs, lh.paused_kinds;
       ALTER TABLE lh.jobs DROP COLUMN flow_key, DROP COLUMN limit_keys, DROP COLUMN start_before, DROP COLUMN unique_key;
       ALTER TABLE lh.queues DROP COLUMN paused_by, DROP COLUMN pause_reason, DROP COLUMN fair_by, DROP COLUMN fair_cost, DROP COLUMN fair_weights;
       DELETE FROM lh.schema_version WHERE number = 19`,
    );
  }
}
