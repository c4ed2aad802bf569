import { isScope, type Scope, SCOPES } from '@app/contracts';
import { type Fault, got, isIntegerIn, KIND_OR_PREFIX, PRINTABLE, parseTime, Refusal, TENANT_PATTERN } from '@app/core';
import { isOfKinds, tenantOfScopes } from '@app/host';
import { bodyFields } from '../http/body-fields.js';

const MOST_KINDS = 100;
const LONGEST_NAME = 100;
const MOST_REQUESTS = 1_000_000;
const DAY_SECONDS = 86_400;
const MOST_OVERLAP_SECONDS = 30 * DAY_SECONDS;

export interface KeyRequest {
  /** Null: for all tenants. */
  tenant: string | null;
  name: string;
  scopes: string[];
  kinds: string[] | null;
  requestsPerSecond: number | null;
  expiresAt: Date | null;
}

/**
 * Reads the body of a new key. Refuses with a pointer for each fault. `maker`: the tenant of whoever makes it, which makes keys of its own tenant alone; null:
 * it makes keys of any tenant, and for all.
 */
export function readNewKey(body: unknown, now: number, maker: string | null): KeyRequest {
  const { name, tenant, scopes, kinds, requestsPerSecond, expiresAt } = bodyFields(body, [
    'name',
    'tenant',
    'scopes',
    'kinds',
    'requestsPerSecond',
    'expiresAt',
  ]);
  const ends = expiresAt === undefined ? null : typeof expiresAt === 'string' ? (parseTime(expiresAt) ?? undefined) : undefined;
  const faults = [
    ...nameFaults(name),
    ...tenantFaults(tenant, scopes, maker),
    ...scopeFaults(scopes),
    ...kindFaults(kinds, scopes),
    ...rateFaults(requestsPerSecond),
    ...endFaults(ends, now),
  ];
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the key is not valid', faults);
  const given = [...new Set(scopes as Scope[])];
  const whose = tenant === undefined ? (maker ?? tenantOfScopes(given)) : (tenant as string | null);
  const own = (requestsPerSecond as number | undefined) ?? null;
  return {
    name: name as string,
    tenant: whose,
    scopes: given,
    kinds: (kinds as string[] | undefined) ?? null,
    requestsPerSecond: own,
    expiresAt: ends ?? null,
  };
}

/** Reads the optional body of a rotation. */
export function readOverlap(body: unknown): number {
  const { overlapSeconds = DAY_SECONDS } = bodyFields(body, ['overlapSeconds']);
  if (isIntegerIn(overlapSeconds, 0, MOST_OVERLAP_SECONDS)) return overlapSeconds;
  throw new Refusal('invalid_payload', 'the rotation is not valid', [
    { pointer: '/overlapSeconds', detail: `must be a whole number of seconds from 0 to ${MOST_OVERLAP_SECONDS}` },
  ]);
}

function nameFaults(name: unknown): Fault[] {
  if (typeof name === 'string' && name.length >= 1 && name.length <= LONGEST_NAME && PRINTABLE.test(name)) return [];
  return [{ pointer: '/name', detail: `must be a printable text of 1 to ${LONGEST_NAME} characters, which says who has the key` }];
}

/** What it could do nothing with is refused, so that nobody believes that it could. */
function tenantFaults(tenant: unknown, scopes: unknown, maker: string | null): Fault[] {
  const sound = tenant === undefined || tenant === null || (typeof tenant === 'string' && TENANT_PATTERN.test(tenant));
  if (!sound) return [{ pointer: '/tenant', detail: `must match ${TENANT_PATTERN.source}, or be null for all tenants` }];
  if (maker !== null && tenant !== undefined && tenant !== maker)
    return [{ pointer: '/tenant', detail: `must be ${maker}, for which the key is that makes it` }];
  if ((tenant ?? maker) === null || tenant === null || !Array.isArray(scopes)) return [];
  const useless = scopes.filter((scope) => typeof scope === 'string' && isScope(scope) && scope !== 'admin' && tenantOfScopes([scope]) === null);
  if (useless.length === 0) return [];
  return [{ pointer: '/scopes', detail: `must not have ${useless.join(', ')} beside a tenant: what they allow belongs to the whole installation` }];
}

function scopeFaults(scopes: unknown): Fault[] {
  if (!Array.isArray(scopes) || scopes.length === 0) return [{ pointer: '/scopes', detail: 'must be an array of one scope at least' }];
  return scopes.flatMap((scope: unknown, index) =>
    typeof scope === 'string' && isScope(scope) ? [] : [{ pointer: `/scopes/${index}`, detail: `must be one of ${Object.keys(SCOPES).join(', ')}` }],
  );
}

function kindFaults(kinds: unknown, scopes: unknown): Fault[] {
  if (kinds === undefined) return [];
  if (!Array.isArray(kinds) || kinds.length === 0 || kinds.length > MOST_KINDS)
    return [{ pointer: '/kinds', detail: `must be an array of 1 to ${MOST_KINDS} kinds; leave it out for all` }];
  const wrong = kinds.flatMap((kind: unknown, index) =>
    typeof kind === 'string' && KIND_OR_PREFIX.test(kind) ? [] : [{ pointer: `/kinds/${index}`, detail: 'must be a kind, or a prefix such as "report.*"' }],
  );
  const wide = Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === 'string' && isScope(scope) && !isOfKinds(scope)) : [];
  if (wide.length === 0) return wrong;
  return [...wrong, { pointer: '/kinds', detail: `must be left out beside ${wide.join(', ')}, which cannot be narrowed to kinds; make two keys` }];
}

function rateFaults(requestsPerSecond: unknown): Fault[] {
  if (requestsPerSecond === undefined || isIntegerIn(requestsPerSecond, 0, MOST_REQUESTS)) return [];
  return [{ pointer: '/requestsPerSecond', detail: `must be a whole number from 0 (no limit) to ${MOST_REQUESTS}${got(requestsPerSecond)}` }];
}

function endFaults(expiresAt: Date | null | undefined, now: number): Fault[] {
  if (expiresAt === undefined) return [{ pointer: '/expiresAt', detail: 'must be an RFC 3339 time with its offset, such as 2030-01-31T08:00:00Z' }];
  return expiresAt === null || expiresAt.getTime() > now ? [] : [{ pointer: '/expiresAt', detail: 'must be in the future' }];
}
