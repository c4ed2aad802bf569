import type { QuotaState, TenantQuotas, TenantView } from '@app/client';
import { type Invocation, numeric } from './arguments.js';
import { COMMANDS } from './commands.js';
import { aligned } from './table.js';
import { QUOTA_FLAGS } from './tenant-flags.js';
import { given, type Tools } from './tools.js';
import { EXIT, UsageError } from './usage.js';

const ACTIONS = COMMANDS.tenants.actions;

/** `tenants`, `tenants list`, `tenants show [name]`, `tenants set|reset <name>`. What a value may be is said by the gateway. */
export async function tenants({ operands, values }: Pick<Invocation, 'operands' | 'values'>, { longhaul, terminal, json, signal }: Tools): Promise<number> {
  const [action = 'list', name] = operands;
  if (!(ACTIONS as readonly string[]).includes(action)) throw new UsageError(`expected tenants ${ACTIONS.join('|')}, got: tenants ${action}`);
  const show = (quotas: TenantQuotas): number => {
    if (json) terminal.json(quotas);
    else for (const line of [quotas.tenant, ...quotaTable(quotas)]) terminal.print(line);
    return EXIT.ok;
  };
  if (action === 'list') {
    if (name !== undefined) throw new UsageError(`expected nothing more, got: tenants list ${name}; tenants show <name> shows one`);
    const { cursor } = values as Record<string, string | undefined>;
    const page = await longhaul.tenants.list(given({ cursor, limit: numeric(values, 'limit') }), { signal });
    if (json) terminal.json(page);
    else for (const line of tenantTable(page.items)) terminal.print(line);
    if (!json && page.nextCursor !== null) terminal.say(`there are more: --cursor ${page.nextCursor}`);
    return EXIT.ok;
  }
  if (action === 'show') return show(name === undefined ? await longhaul.tenants.own({ signal }) : await longhaul.tenants.quotas(name, { signal }));
  if (name === undefined) throw new UsageError(`expected the name of a tenant: longhaul tenants ${action} <name>`);
  if (action === 'reset') return show(await longhaul.tenants.resetQuotas(name, { signal }));
  const asked = settings(values);
  if (asked.length === 0) throw new UsageError(`expected one of --${Object.keys(QUOTA_FLAGS).join(', --')}`);
  const quotas = new Map<string, number | null>(ownOf(await longhaul.tenants.quotas(name, { signal })));
  for (const [quota, value] of asked) {
    if (value === undefined) quotas.delete(quota);
    else quotas.set(quota, value);
  }
  return show(await longhaul.tenants.setQuotas(name, Object.fromEntries(quotas), { signal }));
}

/** Those that were set for the tenant itself: the others stay as the settings have them. */
function ownOf({ quotas }: TenantQuotas): [string, number | null][] {
  return Object.entries(quotas as unknown as Record<string, QuotaState>).flatMap(([name, { limit, from }]) => (from === 'tenant' ? [[name, limit]] : []));
}

/** `none`: without a bound; `default`: as the settings have it, which is undefined here. */
function settings(values: Invocation['values']): [quota: string, value: number | null | undefined][] {
  return Object.entries(QUOTA_FLAGS).flatMap(([flag, quota]): [string, number | null | undefined][] => {
    const value = values[flag];
    if (value === undefined) return [];
    if (value === 'none') return [[quota, null]];
    if (value === 'default') return [[quota, undefined]];
    if (typeof value !== 'string' || !/^\d{1,16}$/.test(value))
      throw new UsageError(`expected --${flag} to be a whole number, none or default, got: ${String(value)}`);
    return [[quota, Number(value)]];
  });
}

function tenantTable(items: readonly TenantView[]): string[] {
  const text = (quotas: TenantView['quotas']) =>
    Object.entries(quotas ?? {})
      .map(([name, value]) => `${name} ${value === null ? 'none' : String(value)}`)
      .join(', ');
  return aligned([['TENANT', 'QUOTAS OF ITS OWN'], ...items.map(({ tenant, quotas }) => [tenant, text(quotas) || '-'])]);
}

function quotaTable({ quotas }: TenantQuotas): string[] {
  const rows = Object.entries(quotas as unknown as Record<string, QuotaState>).map(([name, { limit, used, from }]) => [
    name,
    limit === null ? 'none' : String(limit),
    used === null ? '-' : String(used),
    from,
  ]);
  return aligned([['QUOTA', 'LIMIT', 'USED', 'FROM'], ...rows]);
}
