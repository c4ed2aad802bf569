import { isScope, type Scope, SCOPES } from '@app/contracts';
import { nearest } from '@app/core';
import { ConfigError, type Environment } from '../environment.js';

/** How a token of an identity provider is checked and what is read from it, whether a program or a person shows it. */
export interface ClaimsConfig {
  algorithms: string[];
  /** Claims with scopes. The first one counts that names a scope of Longhaul. */
  scopeClaims: string[];
  /** A claim with groups, and what each group may do beside that: providers have people in groups rather than scopes. */
  groupsClaim: string;
  groupScopes: ReadonlyMap<string, readonly Scope[]>;
  kindsClaim: string;
  /** Where the tenant is: a token without a valid one is refused then. Null: tokens say nothing of tenants. */
  tenantClaim: string | null;
}

/** RFC 7518 and 8037, those with a public key. The provider alone can sign with them; with HS256 every reader of the key could. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const DEFAULT_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
const DEFAULT_SCOPE_CLAIMS = ['scope', 'scp', 'permissions'];
const DEFAULT_GROUPS_CLAIM = 'groups';
const DEFAULT_KINDS_CLAIM = 'longhaul_kinds';

/** Reads the part of `JWT_…` that ID tokens share with access tokens. Throws a `ConfigError`. */
export function claimsConfig(env: Environment): ClaimsConfig {
  const algorithms = env.list('JWT_ALGORITHMS', /./);
  const scopeClaims = env.list('JWT_SCOPE_CLAIMS', /./);
  const tenantClaim = env.text('JWT_TENANT_CLAIM', '');
  for (const algorithm of algorithms) if (!ALGORITHMS.includes(algorithm)) throw new ConfigError('JWT_ALGORITHMS', expectedAlgorithms(algorithm), algorithm);
  return {
    algorithms: algorithms.length === 0 ? DEFAULT_ALGORITHMS : algorithms,
    scopeClaims: scopeClaims.length === 0 ? DEFAULT_SCOPE_CLAIMS : scopeClaims,
    groupsClaim: env.text('JWT_GROUPS_CLAIM', DEFAULT_GROUPS_CLAIM),
    groupScopes: groupScopes(env),
    kindsClaim: env.text('JWT_KINDS_CLAIM', DEFAULT_KINDS_CLAIM),
    tenantClaim: tenantClaim === '' ? null : tenantClaim,
  };
}

function expectedAlgorithms(algorithm: string): string {
  const known = `a comma list of ${ALGORITHMS.join(', ')}`;
  if (algorithm.toLowerCase() === 'none') return `${known}; a token without a signature proves nothing`;
  if (/^HS\d/i.test(algorithm)) return `${known}; with ${algorithm} whoever can check tokens can make them`;
  return known;
}

/** Reads `{"group": "scope scope"}`: names of groups may have spaces, commas and `=`. Throws a `ConfigError`, also for a scope that there is not. */
function groupScopes(env: Environment): Map<string, Scope[]> {
  const text = env.text('JWT_GROUP_SCOPES', '{}');
  const wanted = 'a JSON object of groups and their scopes, as {"operators": "jobs:read jobs:control"}';
  const groups = objectOf(text);
  if (!groups) throw new ConfigError('JWT_GROUP_SCOPES', wanted, text);
  return new Map(
    Object.entries(groups).map(([group, given]) => {
      if (typeof given !== 'string' || given.trim() === '') throw new ConfigError('JWT_GROUP_SCOPES', wanted, JSON.stringify({ [group]: given }));
      return [group, given.trim().split(/\s+/).map(scopeOf)];
    }),
  );
}

function scopeOf(text: string): Scope {
  if (isScope(text)) return text;
  const meant = nearest(text, Object.keys(SCOPES));
  throw new ConfigError('JWT_GROUP_SCOPES', meant === undefined ? 'scopes of Longhaul' : `scopes of Longhaul, such as ${meant}`, text);
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
