import type { JobId, Sees } from '@app/core';
import { type Database, type Joined, statement } from '../pool/database.js';
import { seen } from '../pool/of-tenant.js';

/** Of which kind a job is, and whose. Neither changes while there is the job. */
export interface Owner {
  kind: string;
  tenant: string;
}

const OWNERS = statement('job:owners', `SELECT id, kind, tenant FROM lh.jobs WHERE id = ANY ($1::uuid[]) AND ${seen('tenant', '$2')}`);

/** For the few statements that are not told; only where data are sealed. */
export async function ownersOf(db: Database, ids: JobId[], sees: Sees = null, transaction?: Joined): Promise<Map<string, Owner>> {
  const rows = await db.run<Owner & { id: string }>(OWNERS, [ids, sees], transaction);
  return new Map(rows.map(({ id, kind, tenant }) => [id, { kind, tenant }]));
}
