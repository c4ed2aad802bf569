import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * `erasures` has what was erased of whom, and is the proof of it: no row is ever deleted. `erasure_items` has, until an erasure has ended, which jobs it has removed and
 * which files it still has to: the content of a file is removed after the transaction that removes its job, and a crash must not forget it.
 */
export class Erasures1700000000470 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `CREATE TABLE lh.erasures (
         id          uuid PRIMARY KEY,
         tenant      text NOT NULL DEFAULT 'default',
         tag         text NOT NULL,
         keep_files  boolean NOT NULL DEFAULT false,
         reason      text,
         subject     text NOT NULL,
         via         text NOT NULL,
         ip          text NOT NULL,
         asked_at    timestamptz NOT NULL DEFAULT now(),
         removed     jsonb NOT NULL DEFAULT '{}',
         jobs_sha256 text,
         remaining   jsonb,
         finished_at timestamptz
       );
       CREATE TABLE lh.erasure_items (
         erasure_id uuid NOT NULL REFERENCES lh.erasures (id) ON DELETE CASCADE,
         thing      text NOT NULL CHECK (thing IN ('jobs', 'notifications', 'delivery', 'telling', 'file')),
         id         uuid NOT NULL,
         PRIMARY KEY (erasure_id, thing, id)
       )`,
    );
    await numbered(runner, 47);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(runner, 'DROP TABLE lh.erasure_items; DROP TABLE lh.erasures; DELETE FROM lh.schema_version WHERE number = 47');
  }
}
