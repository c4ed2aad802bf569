import type { KeyView } from '@app/contracts';
import { newApiKey, readTenant, storedTenant } from '@app/host';
import type { ApiKey, PostgresKeys } from '@app/postgres';
import type { KeyRequest } from './key-requests.js';

// What the API and `longhaul keys` do alike.

export function stateOf({ revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>, now: number): KeyView['state'] {
  if (revokedAt) return 'revoked';
  return expiresAt && expiresAt.getTime() <= now ? 'expired' : 'valid';
}

/** Makes a key. Its text is not stored: it is there this once. */
export async function makeKey(keys: PostgresKeys, wanted: KeyRequest, createdBy: string): Promise<{ key: ApiKey; text: string }> {
  const { id, hash, text } = newApiKey();
  return { key: await keys.create({ ...wanted, tenant: storedTenant(wanted.tenant), id, hash, createdBy }), text };
}

/** Makes a key with the rights of the former one, which ends when the overlap is over. */
export async function rotateKey(keys: PostgresKeys, former: ApiKey, overlapSeconds: number, createdBy: string): Promise<{ key: ApiKey; text: string }> {
  const { name, tenant, scopes, kinds, requestsPerSecond, expiresAt } = former;
  const made = await makeKey(keys, { name, tenant: readTenant(tenant), scopes, kinds, requestsPerSecond, expiresAt }, createdBy);
  await keys.expireIn(former.id, overlapSeconds);
  return made;
}
