import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * Sessions of people who have signed in with an account of an identity provider: they rest on no key, so `holder` says who it is and what they may do. The
 * version before finds none of them. `id` names a session to whoever lists and revokes it, which its hash does not.
 */
export class SignIn1700000000440 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `ALTER TABLE lh.sessions ALTER key_id DROP NOT NULL;
       ALTER TABLE lh.sessions ADD holder jsonb;
       ALTER TABLE lh.sessions ADD id uuid NOT NULL DEFAULT gen_random_uuid();
       ALTER TABLE lh.sessions ADD CONSTRAINT sessions_rest CHECK ((key_id IS NULL) <> (holder IS NULL));
       CREATE UNIQUE INDEX sessions_id ON lh.sessions (id)`,
    );
    await numbered(runner, 44);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `DELETE FROM lh.sessions WHERE key_id IS NULL;
       DROP INDEX lh.sessions_id;
       ALTER TABLE lh.sessions DROP CONSTRAINT sessions_rest;
       ALTER TABLE lh.sessions DROP id;
       ALTER TABLE lh.sessions DROP holder;
       ALTER TABLE lh.sessions ALTER key_id SET NOT NULL;
       DELETE FROM lh.schema_version WHERE number = 44`,
    );
  }
}
