import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * Dead letters in groups of one cause. `fingerprint` names the group; letters that are older get theirs in batches, later: `dead_letters_ungrouped` has them. `error` and
 * `frame` are the class of a job's error and the first frame of the project's own code, `producer` is the account or the program that sent a message, and
 * `properties` has what else its message had. A letter that was discarded is kept, and is nobody's work any more; `discard` says by whom and why.
 * `dead_letter_groups` has the groups that somebody has acknowledged.
 */
export class LetterGroups1700000000330 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `ALTER TABLE lh.dead_letters
         ADD fingerprint text, ADD error text, ADD frame text, ADD producer text, ADD properties jsonb, ADD discarded_at timestamptz, ADD discard jsonb;
       CREATE INDEX dead_letters_group ON lh.dead_letters (fingerprint, created_at DESC, id DESC) WHERE redriven_at IS NULL AND discarded_at IS NULL;
       CREATE INDEX dead_letters_group_jobs ON lh.dead_letters (fingerprint, job_id) WHERE redriven_at IS NULL AND discarded_at IS NULL AND source = 'job';
       CREATE INDEX dead_letters_ungrouped ON lh.dead_letters (id) WHERE fingerprint IS NULL;
       CREATE TABLE lh.dead_letter_groups (
         tenant          text NOT NULL DEFAULT 'default',
         fingerprint     text NOT NULL,
         acknowledged_at timestamptz NOT NULL DEFAULT now(),
         reason          text,
         by              text,
         PRIMARY KEY (tenant, fingerprint)
       )`,
    );
    await numbered(runner, 33);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `DROP TABLE lh.dead_letter_groups;
       DROP INDEX lh.dead_letters_group, lh.dead_letters_group_jobs, lh.dead_letters_ungrouped;
       ALTER TABLE lh.dead_letters DROP fingerprint, DROP error, DROP frame, DROP producer, DROP properties, DROP discarded_at, DROP discard;
       DELETE FROM lh.schema_version WHERE number = 33`,
    );
  }
}
