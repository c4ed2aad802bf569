import type { MigrationInterface, QueryRunner } from 'typeorm';
import { numbered, run } from './run.js';

/**
 * Tenants see their own rows alone. A list of one tenant goes by an index that begins with its name. These indexes leave the tenant `default` out, so an
 * installation without tenants pays nothing for them; its lists go by the indexes that were there, which is right while most rows are its own.
 * The last element of `jobs_of_tenant_tags` is the tenant behind a line break, which no tag has: one look finds the jobs of a tag and a tenant.
 *
 * A key that could change what belongs to the whole installation is for all tenants (`*`) from here on; until now there was one.
 */
export class Tenants1700000000410 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `CREATE INDEX jobs_of_tenant ON lh.jobs (tenant, id) WHERE tenant <> 'default';
       CREATE INDEX jobs_of_tenant_kind ON lh.jobs (tenant, kind, id) WHERE tenant <> 'default';
       CREATE INDEX jobs_of_tenant_outcome ON lh.jobs (tenant, outcome, id) WHERE outcome IS NOT NULL AND tenant <> 'default';
       CREATE INDEX jobs_of_tenant_unfinished ON lh.jobs (tenant, id) WHERE finished_at IS NULL AND tenant <> 'default';
       CREATE INDEX jobs_of_tenant_tags ON lh.jobs USING gin (array_append(tags, chr(10) || tenant)) WHERE tags <> '{}' AND tenant <> 'default';
       CREATE INDEX dead_letters_of_tenant ON lh.dead_letters (tenant, created_at DESC, id DESC) WHERE tenant <> 'default';
       CREATE INDEX dead_letters_of_tenant_group ON lh.dead_letters (tenant, fingerprint, created_at DESC, id DESC)
         WHERE redriven_at IS NULL AND discarded_at IS NULL AND tenant <> 'default';
       ALTER TABLE lh.webhook_deliveries ADD tenant text NOT NULL DEFAULT 'default';
       CREATE INDEX webhook_deliveries_of_tenant ON lh.webhook_deliveries (tenant, id) WHERE tenant <> 'default';
       UPDATE lh.api_keys SET tenant = '*' WHERE scopes && ARRAY['admin', 'queues:control', 'limits:read', 'limits:write', 'metrics:read']`,
    );
    await numbered(runner, 41);
  }

  async down(runner: QueryRunner): Promise<void> {
    await run(
      runner,
      `UPDATE lh.api_keys SET tenant = 'default' WHERE tenant = '*';
       ALTER TABLE lh.webhook_deliveries DROP tenant;
       DROP INDEX lh.dead_letters_of_tenant, lh.dead_letters_of_tenant_group;
       DROP INDEX lh.jobs_of_tenant, lh.jobs_of_tenant_kind, lh.jobs_of_tenant_outcome, lh.jobs_of_tenant_unfinished, lh.jobs_of_tenant_tags;
       DELETE FROM lh.schema_version WHERE number = 41`,
    );
  }
}
