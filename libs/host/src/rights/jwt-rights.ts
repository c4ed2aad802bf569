import { isScope, type Scope } from '@app/contracts';
import type { SessionHolder } from '@app/postgres';
import { ALL_TENANTS, KIND_OR_PREFIX, PRINTABLE, TENANT_PATTERN } from '@app/core';
import type { ClaimsConfig } from './claims.config.js';
import { isOfKinds, OIDC_SUBJECT, type Principal, storedTenant, tenantOfScopes } from './principal.js';

/** The claims of a token whose signature, issuer, audience and times are right. */
export type Claims = Record<string, unknown>;

/** OpenID Connect Core, 2: `sub` has at most 255 characters. */
const LONGEST = 255;
/** The end of the year 9999: a later one is no date. */
const LAST_SECOND = 253_402_300_799;

/** Where the rights are, of those who show claims. */
export type ClaimNames = Pick<ClaimsConfig, 'scopeClaims' | 'groupsClaim' | 'groupScopes' | 'kindsClaim' | 'tenantClaim'>;

/**
 * What a token allows. Undefined for a token without a subject that can be written down, without an end, or without a tenant where the claim of one is set: nobody is to see more
 * for lack of a claim.
 */
export function principalOfClaims(claims: Claims, names: ClaimNames, skewSeconds: number): Principal | undefined {
  const { sub, exp } = claims;
  const rights = rightsOfClaims(claims, names);
  if (!isName(sub) || typeof exp !== 'number' || !rights) return undefined;
  const name = nameIn(claims, ['preferred_username', 'client_id', 'azp']) ?? sub;
  return { ...rights, subject: `jwt:${sub}`, via: 'jwt', name, until: Math.min(exp + skewSeconds, LAST_SECOND) * 1_000 };
}

/** Who has signed in by an ID token, as their session keeps it. Undefined as with {@link principalOfClaims}. */
export function holderOfClaims(claims: Claims, names: ClaimNames): SessionHolder | undefined {
  const { sub } = claims;
  const rights = rightsOfClaims(claims, names);
  if (!isName(sub) || !rights) return undefined;
  // `azp` and `client_id` of an ID token name Longhaul itself.
  const name = nameIn(claims, ['preferred_username', 'name', 'email']) ?? sub;
  const { tenant, scopes, kinds } = rights;
  return { subject: `${OIDC_SUBJECT}${sub}`, name, tenant: storedTenant(tenant), scopes: [...scopes], kinds: kinds && [...kinds] };
}

/**
 * What Longhaul does not know is left out: a scope of another API, a kind that cannot be one. A claim with kinds narrows, whatever is in it: scopes that
 * cannot be narrowed are left out then, and with no valid kind nothing is allowed.
 */
function rightsOfClaims(claims: Claims, names: ClaimNames): Pick<Principal, 'tenant' | 'scopes' | 'kinds'> | undefined {
  const { scopeClaims, kindsClaim, tenantClaim } = names;
  const named = scopeClaims.map((name) => scopesIn(claimAt(claims, name))).find((found) => found.length > 0) ?? [];
  const scopes = [...new Set([...named, ...scopesOfGroups(claimAt(claims, names.groupsClaim), names.groupScopes)])];
  const kinds = kindsIn(claimAt(claims, kindsClaim));
  const tenant = tenantClaim === null ? tenantOfScopes(scopes) : tenantNamed(claimAt(claims, tenantClaim));
  return tenant === undefined ? undefined : { tenant, scopes: kinds === null ? scopes : scopes.filter(isOfKinds), kinds };
}

function nameIn(claims: Claims, names: string[]): string | undefined {
  return names.map((claim) => claims[claim]).find(isName);
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

/** Groups as they are: their names may have spaces, and a text is the name of one. */
function scopesOfGroups(claim: unknown, groupScopes: ClaimNames['groupScopes']): Scope[] {
  return [claim].flat().flatMap((group) => (typeof group === 'string' ? (groupScopes.get(group) ?? []) : []));
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
