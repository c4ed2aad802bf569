import type { LimitDetail, LimitSettingsView, LimitView } from '@app/contracts';
import { capacityOf, type LimitSettings, publicPath, rateText, type UsedLimit } from '@app/core';

export function limitView(limit: UsedLimit, rekey?: string): LimitView {
  const { name, origin, code, override, held, parked, draining, nextStartAt, updatedAt } = limit;
  const self = publicPath(`/limits/${name}`);
  return {
    name,
    ...settingsView(limit),
    origin,
    code: code && { ...settingsView(code), origin: code.origin },
    override: override && { concurrency: override.concurrency, until: override.until.toISOString() },
    capacity: capacityOf(limit),
    ...{ held, parked, draining },
    nextStartAt: nextStartAt?.toISOString() ?? null,
    updatedAt: updatedAt.toISOString(),
    links: { self, override: `${self}/override`, ...(rekey === undefined ? {} : { rekey: publicPath(`/jobs/${rekey}`) }) },
  };
}

export function limitDetail(limit: UsedLimit, rekey?: string): LimitDetail {
  const keys = limit.keys.map(({ nextStartAt, ...use }) => ({ ...use, nextStartAt: nextStartAt?.toISOString() ?? null }));
  return { ...limitView(limit, rekey), keys };
}

function settingsView({ match, per, concurrency, rate, burst, strict }: LimitSettings): LimitSettingsView {
  return { match, per, concurrency, rate: rate && rateText(rate), burst, strict };
}
