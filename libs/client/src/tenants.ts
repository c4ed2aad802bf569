import type { QuotaSettings, TenantPage, TenantQuery, TenantQuotas } from './model.js';
import { queryOf } from './query.js';
import type { CallOptions, Transport } from './transport.js';

/** What tenants may have. All but `own` is for keys for all tenants. Each call may be repeated: the second one changes nothing. */
export class Tenants {
  constructor(private readonly transport: Transport) {}

  /** What the tenant of this client's key may have, and what it has. */
  own(call?: CallOptions): Promise<TenantQuotas> {
    return this.transport.json({ method: 'GET', path: '/quotas' }, call);
  }

  /** A page of the tenants of which there is something, by name. */
  list(query: TenantQuery = {}, call?: CallOptions): Promise<TenantPage> {
    return this.transport.json({ method: 'GET', path: `/tenants${queryOf(query)}` }, call);
  }

  quotas(tenant: string, call?: CallOptions): Promise<TenantQuotas> {
    return this.transport.json({ method: 'GET', path: pathOf(tenant) }, call);
  }

  /** In place of all that was set for it: what is left out is as the settings have it, null is without a bound. */
  setQuotas(tenant: string, quotas: QuotaSettings, call?: CallOptions): Promise<TenantQuotas> {
    return this.transport.json({ method: 'PUT', path: pathOf(tenant), body: quotas }, call);
  }

  /** Takes away what was set for it. */
  resetQuotas(tenant: string, call?: CallOptions): Promise<TenantQuotas> {
    return this.transport.json({ method: 'DELETE', path: pathOf(tenant) }, call);
  }
}

function pathOf(tenant: string): string {
  return `/tenants/${encodeURIComponent(tenant)}/quotas`;
}
