import { ConfigError, type Environment } from '../environment.js';

/** How a token of an identity provider is checked and what is read from it, whether a program or a person shows it. */
export interface ClaimsConfig {
  algorithms: string[];
  /** Claims with scopes. The first one counts that names a scope of Longhaul. */
  scopeClaims: string[];
  kindsClaim: string;
  /** Where the tenant is: a token without a valid one is refused then. Null: tokens say nothing of tenants. */
  tenantClaim: string | null;
}

/** RFC 7518 and 8037, those with a public key. The provider alone can sign with them; with HS256 every reader of the key could. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const DEFAULT_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
const DEFAULT_SCOPE_CLAIMS = ['scope', 'scp', 'permissions'];
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
