import type { QuotaStates, TenantQuotas } from '@app/contracts';
import { QUOTA_NAMES, type QuotaName, type Quotas } from '@app/core';
import { Store } from '@app/host';
import { Injectable } from '@nestjs/common';

/** What tenants may have, and what they have. */
@Injectable()
export class QuotasOfTenants {
  constructor(private readonly store: Store) {}

  async view(tenant: string): Promise<TenantQuotas> {
    const { quotas, recipientCounts } = this.store;
    const [own, used, emails] = await Promise.all([quotas.find(tenant), quotas.used(tenant), recipientCounts.sent(`tenant:${tenant}`)]);
    const counts: Partial<Record<QuotaName, number>> = { ...used, emailsPerHour: emails };
    const states = QUOTA_NAMES.map((name) => [name, { ...this.limit(tenant, name, own ?? {}), used: counts[name] ?? null }]);
    return { tenant, quotas: Object.fromEntries(states) as QuotaStates };
  }

  /** Holds in this process when it resolves, and in all others within 2 s. */
  async put(tenant: string, quotas: Quotas, by: string): Promise<TenantQuotas> {
    await this.store.quotas.put(tenant, quotas, by);
    await this.store.knownQuotas.refresh();
    return this.view(tenant);
  }

  async reset(tenant: string): Promise<TenantQuotas> {
    await this.store.quotas.remove(tenant);
    await this.store.knownQuotas.refresh();
    return this.view(tenant);
  }

  private limit(tenant: string, name: QuotaName, own: Quotas): { limit: number | null; from: 'tenant' | 'setting' } {
    const { knownQuotas } = this.store;
    const limit = name === 'submissionsBurst' ? knownQuotas.burst(tenant) : knownQuotas.limit(tenant, name);
    return { limit, from: own[name] === undefined ? 'setting' : 'tenant' };
  }
}
