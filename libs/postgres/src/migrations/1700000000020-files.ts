import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Stored files' descriptions, and the places of `csv.import`: schema `imports` holds the finished tables,
 * `imports_staging` the half-done ones, with one row for each so that what a dead worker left can be found.
 */
export class Files1700000000020 implements MigrationInterface {
  name = 'Files1700000000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table files (
        id uuid primary key,
        name text not null,
        media_type text not null,
        size bigint not null check (size >= 0),
        sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
        key text unique,
        created_at timestamptz not null default now()
      )`);
    await runner.query(`create schema if not exists imports`);
    await runner.query(`create schema if not exists imports_staging`);
    await runner.query(`
      create table imports_staging.attempts (
        staging text primary key,
        job_id uuid not null,
        fence bigint not null,
        touched_at timestamptz not null default now()
      )`);
  }

  /** Imported tables are users' data: `imports` stays when it holds any, and then the statement says so. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop schema imports_staging cascade`);
    await runner.query(`drop schema imports`);
    await runner.query(`drop table files`);
  }
}
