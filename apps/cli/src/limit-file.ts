import type { Limit, LimitSettings } from '@app/client';
import { ask, type Gateway } from './ask.js';
import { type Became, exportSettings, importSettings } from './setting-file.js';
import type { Tools } from './tools.js';

const LIMITS = { of: 'limits', one: 'limit', key: 'name' } as const;

/** The limits that were set through the API, without their overrides, which are for a time. Those in code are beside the code already. */
export async function exportLimits(file: string, tools: Tools): Promise<number> {
  const { items } = await tools.longhaul.listLimits({ signal: tools.signal });
  const set = items.filter(({ origin }) => origin === 'api').map((limit) => [limit.name, settingsOf(limit)]);
  return exportSettings(LIMITS, Object.fromEntries(set) as object, file, tools);
}

function settingsOf({ match, per, concurrency, rate, burst, strict }: Limit): LimitSettings {
  return {
    match,
    ...(per === null ? {} : { per }),
    ...(concurrency === null ? {} : { concurrency }),
    ...(rate === null ? {} : { rate }),
    ...(burst === null ? {} : { burst }),
    ...(strict ? { strict } : {}),
  };
}

export function importLimits(file: string, dryRun: boolean, gateway: Gateway, tools: Tools): Promise<number> {
  const { longhaul, signal } = tools;
  const set = async (name: string, settings: LimitSettings, dryRun: boolean): Promise<Became> => {
    const path = `/limits/${encodeURIComponent(name)}/dry-run`;
    const { outcome } = await ask<{ outcome: Became }>(gateway, 'POST', path, { body: settings, signal });
    if (!dryRun && outcome !== 'unchanged') await longhaul.putLimit(name, settings, { signal });
    return outcome;
  };
  return importSettings({ ...LIMITS, set }, file, dryRun, tools);
}
