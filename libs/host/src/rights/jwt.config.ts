import { parseUrl } from '@app/core';
import { ConfigError, type Environment } from '../environment.js';
import { isLoopbackHost } from '../web/host-rule.js';

/** Which JSON Web Tokens are taken for credentials, and what they allow. */
export interface JwtConfig {
  /** What `iss` must be, character by character. */
  issuer: string;
  /** `aud` must have one of them. */
  audience: string[];
  /** Where the provider's public keys are; null: its discovery document says so. */
  jwksUrl: string | null;
  algorithms: string[];
  /** What the header's `typ` must be, such as `at+jwt` (RFC 9068); null for any. */
  type: string | null;
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

/** Reads `JWT_…`; null where `JWT_ISSUER` is not set. Throws a `ConfigError`. */
export function jwtConfig(env: Environment): JwtConfig | null {
  const issuer = env.text('JWT_ISSUER', '');
  const audience = env.list('JWT_AUDIENCE', /./);
  const jwksUrl = env.text('JWT_JWKS_URL', '');
  const algorithms = env.list('JWT_ALGORITHMS', /./);
  const type = env.text('JWT_TYPE', '');
  const scopeClaims = env.list('JWT_SCOPE_CLAIMS', /./);
  const kindsClaim = env.text('JWT_KINDS_CLAIM', DEFAULT_KINDS_CLAIM);
  const tenantClaim = env.text('JWT_TENANT_CLAIM', '');
  if (issuer === '') {
    if (audience.length > 0 || jwksUrl !== '' || tenantClaim !== '')
      throw new ConfigError('JWT_ISSUER', 'set beside JWT_AUDIENCE, JWT_JWKS_URL and JWT_TENANT_CLAIM', undefined);
    return null;
  }
  if (!parseUrl(issuer) || /[?#]/.test(issuer)) throw new ConfigError('JWT_ISSUER', "the URL that is the tokens' iss, without ? and #", issuer);
  if (audience.length === 0) throw new ConfigError('JWT_AUDIENCE', 'the name of this API in the aud of tokens, beside JWT_ISSUER', undefined);
  if (jwksUrl !== '' && !isTrustworthy(jwksUrl)) throw new ConfigError('JWT_JWKS_URL', SECURE, jwksUrl);
  if (jwksUrl === '' && !isTrustworthy(issuer)) throw new ConfigError('JWT_ISSUER', `${SECURE}, unless JWT_JWKS_URL is set`, issuer);
  for (const algorithm of algorithms) if (!ALGORITHMS.includes(algorithm)) throw new ConfigError('JWT_ALGORITHMS', expectedAlgorithms(algorithm), algorithm);
  if (!/^[\w.+/-]{0,100}$/.test(type)) throw new ConfigError('JWT_TYPE', 'a media type such as at+jwt', type);
  return {
    issuer,
    audience,
    jwksUrl: jwksUrl === '' ? null : jwksUrl,
    algorithms: algorithms.length === 0 ? DEFAULT_ALGORITHMS : algorithms,
    type: type === '' ? null : type,
    scopeClaims: scopeClaims.length === 0 ? DEFAULT_SCOPE_CLAIMS : scopeClaims,
    kindsClaim,
    tenantClaim: tenantClaim === '' ? null : tenantClaim,
  };
}

const SECURE = 'an https:// URL (http:// on loopback alone), for whoever can change the keys on their way can sign tokens';

/** Whether what is read from the URL is what its host has sent. */
export function isTrustworthy(text: string): boolean {
  const url = parseUrl(text);
  if (!url) return false;
  const { protocol, hostname, username, password } = url;
  return username === '' && password === '' && (protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname)));
}

function expectedAlgorithms(algorithm: string): string {
  const known = `a comma list of ${ALGORITHMS.join(', ')}`;
  if (algorithm.toLowerCase() === 'none') return `${known}; a token without a signature proves nothing`;
  if (/^HS\d/i.test(algorithm)) return `${known}; with ${algorithm} whoever can check tokens can make them`;
  return known;
}
