import { isScope, type Scope } from '@app/contracts';
import { ALL_TENANTS, KIND_OR_PREFIX, PRINTABLE, TENANT_PATTERN } from '@app/core';
import type { JwtConfig } from './jwt.config.js';
import { isOfKinds, type Principal, tenantOfScopes } from './principal.js';

/** The claims of a token whose signature, issuer, audience and times are right. */
export type Claims = Record<string, unknown>;

/** OpenID Connect Core, 2: `sub` has at most 255 characters. */
const LONGEST = 255;
/** The end of the year 9999: a later one is no date. */
const LAST_SECOND = 253_402_300_799;

/**
 * What a token allows. What Longhaul does not know is left out: a scope of another API, a kind that cannot be one. A claim with kinds narrows, whatever is in it: scopes that
 * cannot be narrowed are left out then, and with no valid kind nothing is allowed. Undefined for a token without a subject that can be written down, without an end, or without a tenant where the claim of one is set: nobody is to see more
 * for lack of a claim.
 */
export function principalOfClaims(
  claims: Claims,
  config: Pick<JwtConfig, 'scopeClaims' | 'kindsClaim' | 'tenantClaim'>,
  skewSeconds: number,
): Principal | undefined {
  const { sub, exp } = claims;
  if (!isName(sub) || typeof exp !== 'number') return undefined;
  const named = ['preferred_username', 'client_id', 'azp'].map((claim) => claims[claim]).find(isName);
  const scopes = config.scopeClaims.map((name) => scopesIn(claimAt(claims, name))).find((found) => found.length > 0) ?? [];
  const kinds = kindsIn(claimAt(claims, config.kindsClaim));
  const tenant = config.tenantClaim === null ? tenantOfScopes(scopes) : tenantNamed(claimAt(claims, config.tenantClaim));
  if (tenant === undefined) return undefined;
  return {
    tenant,
    subject: `jwt:${sub}`,
    via: 'jwt',
    name: named ?? sub,
    scopes: kinds === null ? scopes : scopes.filter(isOfKinds),
    kinds,
    until: Math.min(exp + skewSeconds, LAST_SECOND) * 1_000,
  };
}

/** A claim by its name, which may have dots itself, or by its path: `realm_access.roles`. */
function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split('.').reduce<unknown>((value, part) => (isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined), claims);
}

/** Undefined for what is no name of a tenant. `*` stands for all tenants, and is no name of one. */
function tenantNamed(claim: unknown): string | null | undefined {
  if (claim === ALL_TENANTS) return null;
  return typeof claim === 'string' && TENANT_PATTERN.test(claim) ? claim : undefined;
}

function scopesIn(claim: unknown): Scope[] {
  return [...new Set(words(claim).filter(isScope))];
}

function kindsIn(claim: unknown): string[] | null {
  return claim === undefined ? null : words(claim).filter((kind) => kind.length <= LONGEST && KIND_OR_PREFIX.test(kind));
}

/** RFC 6749, 3.3: a text with spaces between its words. Other providers send a list. */
function words(claim: unknown): string[] {
  return [claim].flat().flatMap((item) => (typeof item === 'string' ? item.split(' ') : []));
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST && PRINTABLE.test(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
