import type { Clock, Logger } from '@app/core';
import type { jwtVerify } from 'jose';
import { nameOf } from './api-key.js';
import type { JwtConfig } from './jwt.config.js';
import { JwtKeys, type KeySource } from './jwt-keys.js';
import { principalOfClaims } from './jwt-rights.js';
import { KeptPrincipals } from './kept-principals.js';
import type { Principal } from './principal.js';
import { RightsUnknown } from './principals.js';
import { addressIn, discover } from './provider-document.js';

/** By how much the clocks of the provider and of the database may differ. */
export const SKEW_SECONDS = 30;
/** RFC 7515, 3.1, with a signature. */
const SIGNED = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Finds out who sends a request, by a JSON Web Token of an identity provider.
 *
 * A token is checked once and then known by its hash until its end, or until the provider has other keys: a key that was taken away holds no more. Nobody
 * can revoke one token before its end, for that is what such tokens are. Algorithms come from the settings, keys from the provider, and neither from the
 * token (RFC 8725, 3.1): `jku`, `x5u`, `x5c` and `jwk` are not looked at, and a token with `crit` is refused.
 */
export class JwtTokens {
  private readonly kept: KeptPrincipals;
  private checker: { keys: JwtKeys; verify: typeof jwtVerify } | undefined;

  constructor(
    /** Null: no token is a valid one. */
    private readonly config: JwtConfig | null,
    private readonly clock: Clock,
    private readonly time: { now(): number },
    private readonly logger: Logger,
  ) {
    this.kept = new KeptPrincipals(time);
  }

  /** Rejects with a `ConfigError` where the provider's answer shows a wrong setting. */
  async start(): Promise<void> {
    if (!this.config) return;
    // Only where it is needed: it takes longer to load than most of what a gateway is made of.
    const jose = await import('jose');
    const keys = new JwtKeys(sourceOf(this.config), jose.createLocalJWKSet, () => this.kept.forget(), this.clock, this.logger);
    await keys.start();
    this.checker = { keys, verify: jose.jwtVerify };
  }

  async close(): Promise<void> {
    await this.checker?.keys.close();
  }

  /** Of a token that was checked before; undefined for any other. `name`: the token's, where it is known. */
  known(text: string, name = nameOf(text)): Principal | undefined {
    // What is no token was never kept.
    return this.config ? this.kept.get(name) : undefined;
  }

  /** Of `Authorization: Bearer <token>`; undefined when it is no valid one. Rejects with `RightsUnknown`. */
  of(text: string): Principal | undefined | Promise<Principal | undefined> {
    if (!this.config || !SIGNED.test(text)) return undefined;
    const name = nameOf(text);
    return this.kept.get(name) ?? this.kept.ask(name, () => this.check(text, this.config as JwtConfig));
  }

  private async check(text: string, config: JwtConfig): Promise<Principal | undefined> {
    if (!this.checker) throw new RightsUnknown('this gateway is starting; try again');
    const { issuer, audience, algorithms, type } = config;
    try {
      const { payload } = await this.checker.verify(text, this.checker.keys.keyFor, {
        issuer,
        audience,
        algorithms,
        ...(type === null ? {} : { typ: type }),
        requiredClaims: ['exp', 'sub'],
        clockTolerance: SKEW_SECONDS,
        currentDate: new Date(this.time.now()),
      });
      const principal = principalOfClaims(payload, config, SKEW_SECONDS);
      if (!principal) this.logger.debug({}, 'a JWT was refused: its sub is not a printable text of 1 to 255 characters');
      return principal;
    } catch (error) {
      if (error instanceof RightsUnknown) throw error;
      // The caller is not told which. The error itself may have the claims, so it is not logged whole.
      const { code, message } = error as Error & { code?: unknown };
      this.logger.debug({ code, reason: message }, 'a JWT was refused');
      return undefined;
    }
  }
}

function sourceOf({ issuer, jwksUrl }: JwtConfig): KeySource {
  if (jwksUrl !== null) return { variable: 'JWT_JWKS_URL', find: () => jwksUrl };
  const variable = 'JWT_ISSUER';
  return { variable, find: async () => addressIn(await discover(issuer, variable), 'jwks_uri', variable, '; set JWT_JWKS_URL otherwise') };
}
