import type { KeyList, KeyView, OpenSessionList } from '@app/contracts';
import type { Sees } from '@app/core';
import { IDLE_SECONDS, readTenant, type Store } from '@app/host';
import type { ApiKey } from '@app/postgres';
import { stateOf } from './key-ring.js';

/** `now`: by the store's clock. */
export function keyView(key: ApiKey, now: number): KeyView {
  return {
    id: key.id,
    name: key.name,
    tenant: readTenant(key.tenant),
    state: stateOf(key, now),
    scopes: key.scopes,
    kinds: key.kinds,
    requestsPerSecond: key.requestsPerSecond,
    createdAt: key.createdAt.toISOString(),
    createdBy: key.createdBy,
    expiresAt: key.expiresAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
    revokedBy: key.revokedBy,
  };
}

export async function keysView({ keys, time }: Pick<Store, 'keys' | 'time'>, sees: Sees): Promise<KeyList> {
  return { items: (await keys.list(sees)).map((key) => keyView(key, time.now())) };
}

export async function sessionsView({ sessions }: Pick<Store, 'sessions'>, sees: Sees): Promise<OpenSessionList> {
  const items = await sessions.list(IDLE_SECONDS, sees);
  return {
    items: items.map(({ tenant, openedAt, lastUsedAt, until, ...session }) => ({
      ...session,
      tenant: readTenant(tenant),
      openedAt: openedAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
      until: until.toISOString(),
    })),
  };
}
