import type { MigrationInterface, QueryRunner } from 'typeorm';
import { run } from './run.js';

/**
 * Stored files' descriptions, and the places of `csv.import`: schema `imports` holds the finished tables,
 * `imports_staging` the half-done ones, with one row for each so that what a dead worker left can be found.
 */
export class Files1700000000020 implements MigrationInterface {
  name = 'Files1700000000020';

  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `
      create table lh.files (
        id uuid primary key,
        name text not null,
        media_type text not null,
        size bigint not null check (size >= 0),
        sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
        key text unique,
        created_at timestamptz not null default now()
      )`,
    );
    // Installations in one database share these. What is there already needs no right to make it.
    await run(
      runner,
      `do $$ begin
         if to_regnamespace('imports') is null then create schema imports; end if;
         if to_regnamespace('imports_staging') is null then create schema imports_staging; end if;
         if to_regclass('imports_staging.attempts') is null then
           create table imports_staging.attempts (
             staging text primary key,
             job_id uuid not null,
             fence bigint not null,
             touched_at timestamptz not null default now()
           );
         end if;
       end $$`,
    );
  }

  /** Imported tables are users' data: `imports` stays when it holds any, and then the statement says so. */
  async down(runner: QueryRunner): Promise<void> {
    await run(runner, `drop schema imports_staging cascade`);
    await run(runner, `drop schema imports`);
    await run(runner, `drop table lh.files`);
  }
}
