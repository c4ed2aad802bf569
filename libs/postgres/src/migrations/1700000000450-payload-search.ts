import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * What searches by payload compare, and what the index of a kind is made of: the payload under `p`, and its tenant under `t`, so that one index serves
 * searches of one tenant and of all. NULL, which matches nothing, for a payload that `jsonb` cannot hold (U+0000, half a surrogate pair, a number beyond
 * `numeric`) or that is longer than 64 KiB: neither may fail a submission into a kind with an index, or a search of other jobs, and a look at one row has to
 * stay cheap. Not safe in parallel plans, for they may begin no subtransaction. Its cost is what it takes: left at 100, PostgreSQL would rather call it
 * for every job of a kind than ask the index.
 */
export class PayloadSearch1700000000450 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `CREATE FUNCTION lh.searchable_payload(payload json, tenant text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL UNSAFE COST 5000 AS $$
       BEGIN
         IF octet_length(payload::text) > 65536 THEN RETURN NULL; END IF;
         RETURN jsonb_build_object('p', payload::jsonb, 't', tenant);
       EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
         RETURN NULL;
       END $$`,
    );
    await numbered(runner, 45);
  }

  /** The indexes of kinds go with it. */
  async down(runner: QueryRunner): Promise<void> {
    await run(runner, `DROP FUNCTION lh.searchable_payload(json, text) CASCADE; DELETE FROM lh.schema_version WHERE number = 45`);
  }
}
