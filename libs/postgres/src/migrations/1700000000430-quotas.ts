import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * What a tenant may have. `tenant_quotas` has those that an operator has set; `rights.quotas` grows with each change, and every process reads it once a second.
 * `quota_shares` has what processes have reserved, each until a time of its own; `quota_rates` when the bucket of a tenant's submissions is full again. No row of
 * either is needed: one that is missing says that nothing is reserved. A key may have a limit on requests of its own.
 */
export class Quotas1700000000430 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `CREATE TABLE lh.tenant_quotas (
         tenant     text PRIMARY KEY,
         quotas     jsonb NOT NULL,
         updated_at timestamptz NOT NULL DEFAULT now(),
         updated_by text NOT NULL
       );
       CREATE TABLE lh.quota_shares (
         tenant  text NOT NULL,
         quota   text NOT NULL,
         process uuid NOT NULL,
         amount  bigint NOT NULL,
         until   timestamptz NOT NULL,
         PRIMARY KEY (tenant, quota, process)
       );
       CREATE TABLE lh.quota_rates (
         tenant  text PRIMARY KEY,
         full_at timestamptz NOT NULL,
         given   integer NOT NULL
       );
       CREATE INDEX files_of_tenant ON lh.files (tenant) INCLUDE (size) WHERE tenant <> 'default';
       ALTER TABLE lh.rights ADD quotas bigint NOT NULL DEFAULT 0;
       ALTER TABLE lh.api_keys ADD requests_per_second integer`,
    );
    await numbered(runner, 43);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `DROP TABLE lh.tenant_quotas; DROP TABLE lh.quota_shares; DROP TABLE lh.quota_rates;
       DROP INDEX lh.files_of_tenant;
       ALTER TABLE lh.rights DROP quotas;
       ALTER TABLE lh.api_keys DROP requests_per_second;
       DELETE FROM lh.schema_version WHERE number = 43`,
    );
  }
}
