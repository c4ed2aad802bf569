import { readFileSync } from 'node:fs';
import { parseUrl } from '@app/core';
import { ConfigError, type Environment } from '../environment.js';
import { isLoopbackHost } from '../web/host-rule.js';
import type { PublicUrl } from '../web/public-url.js';
import { type ClaimsConfig, claimsConfig } from './claims.config.js';
import { isIssuer, ISSUER, isTrustworthy, SECURE } from './jwt.config.js';

/** The identity provider with whose accounts people sign in to the console, and what their ID tokens allow. */
export interface OidcConfig extends ClaimsConfig {
  /** What `iss` of ID tokens must be, character by character. */
  issuer: string;
  /** What the provider calls this installation; `aud` of ID tokens. */
  clientId: string;
  /** Null for a public client: PKCE alone binds a code to who has asked for it. */
  clientSecret: string | null;
  /** What is asked for, `openid` among it. */
  scopes: string;
  /** What the button of the console calls the provider. */
  name: string;
}

/**
 * Reads `OIDC_…`; null where `OIDC_ISSUER` is not set. Browsers keep the cookie of a session on https and on loopback alone, and a provider sends them
 * back only to an address that it was told: so `PUBLIC_URL` must say one, unless the gateway is on loopback. Throws a `ConfigError`.
 */
export function oidcConfig(env: Environment, publicUrl: PublicUrl | null, host: string): OidcConfig | null {
  const issuer = env.text('OIDC_ISSUER', '');
  const clientId = env.text('OIDC_CLIENT_ID', '');
  const secret = env.text('OIDC_CLIENT_SECRET', '');
  const file = env.text('OIDC_CLIENT_SECRET_FILE', '');
  const scopes = env.text('OIDC_SCOPES', 'openid profile').split(/[\s,]+/);
  const given = env.text('OIDC_NAME', '');
  if (issuer === '') {
    if (clientId !== '' || secret !== '' || file !== '')
      throw new ConfigError('OIDC_ISSUER', 'set beside OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and OIDC_CLIENT_SECRET_FILE', undefined);
    return null;
  }
  if (!isIssuer(issuer)) throw new ConfigError('OIDC_ISSUER', ISSUER, issuer);
  if (!isTrustworthy(issuer)) throw new ConfigError('OIDC_ISSUER', SECURE, issuer);
  if (clientId === '') throw new ConfigError('OIDC_CLIENT_ID', 'what the provider calls this installation, beside OIDC_ISSUER', undefined);
  for (const scope of scopes) if (!/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(scope)) throw new ConfigError('OIDC_SCOPES', 'words with spaces between', scope);
  if (given.length > 60) throw new ConfigError('OIDC_NAME', 'at most 60 characters', given);
  if (!publicUrl && !isLoopbackHost(host))
    throw new ConfigError('PUBLIC_URL', 'set beside OIDC_ISSUER: the provider sends browsers back to an address below it', undefined);
  if (publicUrl && !isTrustworthy(publicUrl.href))
    throw new ConfigError('PUBLIC_URL', 'an https:// URL beside OIDC_ISSUER (http:// on loopback alone): browsers keep no session elsewhere', publicUrl.href);
  return {
    ...claimsConfig(env),
    issuer,
    clientId,
    clientSecret: secretOf(secret, file),
    scopes: [...new Set(['openid', ...scopes])].join(' '),
    name: given === '' ? (parseUrl(issuer)?.host ?? issuer) : given,
  };
}

/** The value is in no message. */
function secretOf(secret: string, file: string): string | null {
  if (secret !== '' && file !== '') throw new ConfigError('OIDC_CLIENT_SECRET', 'left out where OIDC_CLIENT_SECRET_FILE is set', 'both');
  if (file === '') return secret === '' ? null : secret;
  const read = textOf(file).trim();
  if (read === '') throw new ConfigError('OIDC_CLIENT_SECRET_FILE', 'a file with the secret of the client', `an empty one, ${file}`);
  return read;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError('OIDC_CLIENT_SECRET_FILE', 'a file that can be read', `${file} (${String((error as NodeJS.ErrnoException).code)})`);
  }
}
