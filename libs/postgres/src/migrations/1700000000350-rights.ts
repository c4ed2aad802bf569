import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * Who may do what, and who did. Of a key and a session only a SHA-256 is stored: they are random, so no slow hash is needed. `rights.revision` grows with
 * each change of a key or a session that takes something away; every process reads it once a second and forgets what it knew.
 * `audit` is only ever inserted into.
 */
export class Rights1700000000350 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `CREATE TABLE lh.api_keys (
         id           text PRIMARY KEY,
         tenant       text NOT NULL DEFAULT 'default',
         name         text NOT NULL,
         hash         bytea NOT NULL UNIQUE,
         scopes       text[] NOT NULL,
         kinds        text[],
         expires_at   timestamptz,
         last_used_at timestamptz,
         created_at   timestamptz NOT NULL DEFAULT now(),
         created_by   text NOT NULL,
         revoked_at   timestamptz,
         revoked_by   text
       );
       CREATE TABLE lh.sessions (
         hash       bytea PRIMARY KEY,
         key_id     text NOT NULL REFERENCES lh.api_keys ON DELETE CASCADE,
         created_at timestamptz NOT NULL DEFAULT now(),
         seen_at    timestamptz NOT NULL DEFAULT now(),
         expires_at timestamptz NOT NULL
       );
       CREATE INDEX sessions_expiry ON lh.sessions (expires_at);
       CREATE TABLE lh.rights (one boolean PRIMARY KEY DEFAULT true CHECK (one), revision bigint NOT NULL DEFAULT 0);
       INSERT INTO lh.rights DEFAULT VALUES;
       CREATE TABLE lh.audit (
         id         uuid PRIMARY KEY,
         at         timestamptz NOT NULL DEFAULT now(),
         tenant     text NOT NULL DEFAULT 'default',
         subject    text NOT NULL,
         via        text NOT NULL,
         action     text NOT NULL,
         target     text NOT NULL,
         outcome    smallint NOT NULL,
         ip         text NOT NULL,
         detail     jsonb NOT NULL
       );
       CREATE INDEX audit_list ON lh.audit (tenant, id);
       CREATE INDEX audit_subject ON lh.audit (tenant, subject, id);
       CREATE INDEX audit_action ON lh.audit (tenant, action, id)`,
    );
    await numbered(runner, 35);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `DROP TABLE lh.audit; DROP TABLE lh.rights; DROP TABLE lh.sessions; DROP TABLE lh.api_keys; DELETE FROM lh.schema_version WHERE number = 35`,
    );
  }
}
