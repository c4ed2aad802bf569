import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * What happened to jobs, in buckets of ten seconds and of a minute, by queue and kind and (both empty) of all; how far each process has come with
 * writing that; and how many jobs waited.
 */
export class Stats1700000000320 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `CREATE TABLE lh.stats (
         step      smallint NOT NULL,
         at        timestamptz NOT NULL,
         queue     text NOT NULL,
         kind      text NOT NULL,
         accepted  integer NOT NULL,
         started   integer NOT NULL,
         succeeded integer NOT NULL,
         failed    integer NOT NULL,
         cancelled integer NOT NULL,
         retried   integer NOT NULL,
         run_ms    double precision NOT NULL,
         wait_ms   double precision NOT NULL,
         run       integer[] NOT NULL,
         wait      integer[] NOT NULL,
         PRIMARY KEY (step, at, queue, kind)
       ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
       CREATE TABLE lh.stats_writers (
         process uuid NOT NULL PRIMARY KEY,
         number  integer NOT NULL,
         at      timestamptz NOT NULL DEFAULT now()
       ) WITH (fillfactor = 50);
       CREATE TABLE lh.stats_queues (
         step      smallint NOT NULL,
         at        timestamptz NOT NULL,
         queue     text NOT NULL,
         queued    integer NOT NULL,
         scheduled integer NOT NULL,
         running   integer NOT NULL,
         oldest_ms double precision,
         PRIMARY KEY (step, at, queue)
       )`,
    );
    await numbered(runner, 32);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `DROP TABLE lh.stats, lh.stats_writers, lh.stats_queues;
       DELETE FROM lh.schema_version WHERE number = 32`,
    );
  }
}
