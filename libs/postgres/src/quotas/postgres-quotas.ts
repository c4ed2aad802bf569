import {
  type KeptShare,
  type QuotaReader,
  type Quotas,
  type QuotaStore,
  type ShareAnswer,
  type SharedQuota,
  type ShareRequest,
  type TokenAnswer,
  type TokenRequest,
} from '@app/core';
import type { Database } from '../pool/database.js';
import { hasIndexes } from '../pool/of-tenant.js';
import { transact } from '../pool/transact.js';
import {
  ALL_QUOTAS,
  FIND_QUOTAS,
  KEEP_SHARES,
  LIST_TENANTS,
  LOCK_QUOTA,
  PUT_QUOTAS,
  QUOTA_REVISION,
  REMOVE_QUOTAS,
  RESERVE,
  TAKE_TOKENS,
  USED_BY,
} from './quota-statements.js';

/** What a tenant uses of what is counted here. */
export type QuotaUsage = Record<SharedQuota | 'schedules' | 'webhookEndpoints', number>;

export interface Tenant {
  tenant: string;
  /** Null: it has none of its own. */
  quotas: Quotas | null;
}

/** The quotas of tenants, and what processes have reserved of them. */
export class PostgresQuotas implements QuotaStore, QuotaReader {
  constructor(
    private readonly db: Database,
    /** For counts and lists. */
    private readonly reads: Database = db,
  ) {}

  /** The count is a statement after the lock: only then it sees what the one before has stored. */
  reserve({ tenant, quota, process, limit, has, needs, block }: ShareRequest): Promise<ShareAnswer> {
    const [named, byDefault] = RESERVE[quota];
    return transact(this.db, async (within) => {
      await this.db.run(LOCK_QUOTA, [tenant, quota], within);
      const [row] = await this.db.run<{ given: number; used: number }>(
        hasIndexes(tenant) ? named : byDefault,
        [tenant, quota, process, has, limit, needs, block],
        within,
      );
      if (!row) throw new Error('expected one row of a share, got none');
      return row;
    });
  }

  async keep(process: string, shares: readonly KeptShare[]): Promise<void> {
    const column = <Value>(pick: (share: KeptShare) => Value) => shares.map(pick);
    await this.db.run(KEEP_SHARES, [process, column(({ tenant }) => tenant), column(({ quota }) => quota), column(({ amount }) => amount)]);
  }

  async takeTokens({ tenant, perSecond, burst, back, needs, block }: TokenRequest): Promise<TokenAnswer> {
    if (perSecond === 0) return { given: 0, waitMs: 60_000 };
    const [row] = await this.db.run<{ given: number; full_in: number }>(TAKE_TOKENS, [tenant, perSecond, burst, back, needs, block]);
    if (!row) throw new Error('expected one row of a bucket, got none');
    const missing = needs - row.given;
    return { given: row.given, waitMs: missing <= 0 ? 0 : Math.max(1, (row.full_in - (burst - missing) / perSecond) * 1_000) };
  }

  async revision(): Promise<string> {
    const [row] = await this.db.run<{ revision: string }>(QUOTA_REVISION, []);
    return row?.revision ?? '0';
  }

  async all(): Promise<Map<string, Quotas>> {
    return new Map((await this.db.run<{ tenant: string; quotas: Quotas }>(ALL_QUOTAS, [])).map(({ tenant, quotas }) => [tenant, quotas]));
  }

  /** Null where the tenant has none of its own. */
  async find(tenant: string): Promise<Quotas | null> {
    const [row] = await this.db.run<{ quotas: Quotas }>(FIND_QUOTAS, [tenant]);
    return row?.quotas ?? null;
  }

  /** In place of those that it had. */
  async put(tenant: string, quotas: Quotas, by: string): Promise<void> {
    await this.db.run(PUT_QUOTAS, [tenant, JSON.stringify(quotas), by]);
  }

  /** False when it had none of its own. */
  async remove(tenant: string): Promise<boolean> {
    return (await this.db.run(REMOVE_QUOTAS, [tenant])).length > 0;
  }

  async used(tenant: string): Promise<QuotaUsage> {
    const [own, byDefault] = USED_BY;
    type Row = Omit<QuotaUsage, 'waits' | 'streams' | 'uploads'> & { shares: Partial<Record<'waits' | 'streams' | 'uploads', number>> };
    const [row] = await this.reads.run<Row>(hasIndexes(tenant) ? own : byDefault, [tenant]);
    if (!row) throw new Error('expected one row of what a tenant uses, got none');
    const { shares, ...counts } = row;
    return { waits: 0, streams: 0, uploads: 0, ...counts, ...shares };
  }

  /** Those of which there is something, by name. */
  list(after: string, limit: number): Promise<Tenant[]> {
    return this.reads.run<{ tenant: string; quotas: Quotas | null }>(LIST_TENANTS, [after, limit]);
  }
}
