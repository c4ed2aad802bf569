import { parseUrl } from '@app/core';
import { ConfigError, type Environment } from '../environment.js';
import { isLoopbackHost } from '../web/host-rule.js';
import { type ClaimsConfig, claimsConfig } from './claims.config.js';

/** Which JSON Web Tokens are taken for credentials, and what they allow. */
export interface JwtConfig extends ClaimsConfig {
  /** What `iss` must be, character by character. */
  issuer: string;
  /** `aud` must have one of them. */
  audience: string[];
  /** Where the provider's public keys are; null: its discovery document says so. */
  jwksUrl: string | null;
  /** What the header's `typ` must be, such as `at+jwt` (RFC 9068); null for any. */
  type: string | null;
}

/** Reads `JWT_…`; null where `JWT_ISSUER` is not set. Throws a `ConfigError`. */
export function jwtConfig(env: Environment): JwtConfig | null {
  const issuer = env.text('JWT_ISSUER', '');
  const audience = env.list('JWT_AUDIENCE', /./);
  const jwksUrl = env.text('JWT_JWKS_URL', '');
  const type = env.text('JWT_TYPE', '');
  const claims = claimsConfig(env);
  if (issuer === '') {
    if (audience.length > 0 || jwksUrl !== '') throw new ConfigError('JWT_ISSUER', 'set beside JWT_AUDIENCE and JWT_JWKS_URL', undefined);
    if (claims.tenantClaim !== null && env.text('OIDC_ISSUER', '') === '')
      throw new ConfigError('JWT_ISSUER or OIDC_ISSUER', 'set beside JWT_TENANT_CLAIM', undefined);
    return null;
  }
  if (!isIssuer(issuer)) throw new ConfigError('JWT_ISSUER', ISSUER, issuer);
  if (audience.length === 0) throw new ConfigError('JWT_AUDIENCE', 'the name of this API in the aud of tokens, beside JWT_ISSUER', undefined);
  if (jwksUrl !== '' && !isTrustworthy(jwksUrl)) throw new ConfigError('JWT_JWKS_URL', SECURE, jwksUrl);
  if (jwksUrl === '' && !isTrustworthy(issuer)) throw new ConfigError('JWT_ISSUER', `${SECURE}, unless JWT_JWKS_URL is set`, issuer);
  if (!/^[\w.+/-]{0,100}$/.test(type)) throw new ConfigError('JWT_TYPE', 'a media type such as at+jwt', type);
  return { ...claims, issuer, audience, jwksUrl: jwksUrl === '' ? null : jwksUrl, type: type === '' ? null : type };
}

export const ISSUER = "the URL that is the tokens' iss, without ? and #";
export const SECURE = 'an https:// URL (http:// on loopback alone), for whoever can change the keys on their way can sign tokens';

export function isIssuer(text: string): boolean {
  return parseUrl(text) !== undefined && !/[?#]/.test(text);
}

/** Whether what is read from the URL is what its host has sent. */
export function isTrustworthy(text: string): boolean {
  const url = parseUrl(text);
  if (!url) return false;
  const { protocol, hostname, username, password } = url;
  return username === '' && password === '' && (protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname)));
}
