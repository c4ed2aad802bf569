import type { Clock, Logger } from '@app/core';
import type { SessionHolder } from '@app/postgres';
import type { JWTPayload, jwtVerify } from 'jose';
import { JwtKeys } from './jwt-keys.js';
import { holderOfClaims } from './jwt-rights.js';
import { SKEW_SECONDS } from './jwt-tokens.js';
import type { OidcConfig } from './oidc.config.js';
import { RightsUnknown } from './principals.js';
import { addressIn, bodyOf, discover, jsonOf, PROVIDER_MS, type ProviderDocument } from './provider-document.js';

const VARIABLE = 'OIDC_ISSUER';
const AWAY = 'the identity provider does not answer now; try again';

/** Somebody is not signed in. The message is for them, and says nothing that only an operator should know. */
export class SignInRefused extends Error {
  constructor(
    message: string,
    /** For the log. */
    readonly reason: string = message,
    /** Whether the provider knows them, and they may do nothing here. */
    readonly hasNoRights = false,
  ) {
    super(message);
  }
}

/** What only the browser that began to sign in can show again. */
export interface SignInProof {
  redirectUri: string;
  nonce: string;
  /** RFC 7636, 4.1. */
  verifier: string;
}

interface Endpoints {
  authorize: string;
  token: string;
  /** Whether the secret goes into the body, because the provider takes it nowhere else. */
  secretInBody: boolean;
  /** RFC 9207: whether it says in each answer who it is. */
  namesItself: boolean;
}

/**
 * The identity provider of people, by the authorization code flow with PKCE (OpenID Connect Core, 3.1; RFC 7636; RFC 9700).
 *
 * Authority: the provider says who somebody is, and by claims of the ID token what they may; the session that follows is ours. Its document and keys are
 * read as those of access tokens are. The ID token comes over TLS from the provider itself and is checked all the same: signature, issuer, audience,
 * times, and the nonce that binds it to one browser. Its access token is not looked at. While the provider does not answer nobody new is signed in; open
 * sessions and keys go on.
 */
export class OidcProvider {
  private endpoints: Endpoints | undefined;
  private checker: { keys: JwtKeys; verify: typeof jwtVerify } | undefined;

  constructor(
    /** Null: nobody signs in so. */
    readonly config: OidcConfig | null,
    private readonly clock: Clock,
    private readonly time: { now(): number },
    private readonly logger: Logger,
  ) {}

  /** Rejects with a `ConfigError` where the provider's answer shows a wrong setting. */
  async start(): Promise<void> {
    const { config } = this;
    if (!config) return;
    const jose = await import('jose');
    const find = async (): Promise<string> => {
      const document = await discover(config.issuer, VARIABLE);
      this.endpoints = endpointsIn(document);
      return addressIn(document, 'jwks_uri', VARIABLE);
    };
    const keys = new JwtKeys({ variable: VARIABLE, find }, jose.createLocalJWKSet, () => undefined, this.clock, this.logger);
    await keys.start();
    this.checker = { keys, verify: jose.jwtVerify };
  }

  async close(): Promise<void> {
    await this.checker?.keys.close();
  }

  /** Where a browser goes to sign in. Rejects with `RightsUnknown` while the provider does not answer. */
  async addressFor({ redirectUri, nonce, challenge, state }: Omit<SignInProof, 'verifier'> & { challenge: string; state: string }): Promise<string> {
    const { clientId, scopes } = this.needed();
    const { authorize } = await this.reached();
    const url = new URL(authorize);
    const asked = {
      ...{ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope: scopes, state, nonce },
      ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    };
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
    return url.href;
  }

  /** Who has come back with this code. `issuer`: who the answer says that it is from. Rejects with `SignInRefused` and `RightsUnknown`. */
  async holderOf(code: string, issuer: string | undefined, proof: SignInProof): Promise<SessionHolder> {
    const config = this.needed();
    const endpoints = await this.reached();
    if (issuer === undefined ? endpoints.namesItself : issuer !== config.issuer)
      throw new SignInRefused('the answer is not from the identity provider of this gateway', `iss of the answer is ${String(issuer)}`);
    const claims = await this.checked(await this.idTokenFor(code, endpoints, config, proof), config, proof.nonce);
    const holder = holderOfClaims(claims, config);
    if (!holder)
      throw new SignInRefused('your account has no tenant here', 'there is no valid claim of the tenant (JWT_TENANT_CLAIM), or of the subject', true);
    if (holder.scopes.length === 0)
      throw new SignInRefused(
        `your account has no rights here: whoever runs the identity provider gives them`,
        `none of the claims ${config.scopeClaims.join(', ')} (JWT_SCOPE_CLAIMS) of the ID token names a scope, and no group of ${config.groupsClaim} (JWT_GROUP_SCOPES) has one; it has ${Object.keys(claims).join(', ')}`,
        true,
      );
    return holder;
  }

  private async idTokenFor(code: string, endpoints: Endpoints, config: OidcConfig, { redirectUri, verifier }: SignInProof): Promise<string> {
    const { clientId, clientSecret } = config;
    const body = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier });
    const headers: Record<string, string> = { accept: 'application/json' };
    if (clientSecret !== null && !endpoints.secretInBody) headers['authorization'] = basic(clientId, clientSecret);
    else body.set('client_id', clientId);
    if (clientSecret !== null && endpoints.secretInBody) body.set('client_secret', clientSecret);
    const { status, text } = await this.post(endpoints.token, body, headers);
    const answer = jsonOf(text) as { id_token?: unknown; error?: unknown } | null | undefined;
    if (status >= 500 || status === 408 || status === 429) throw this.away(`expected ${endpoints.token} to answer 200, got: ${status}`);
    if (status !== 200 || typeof answer?.id_token !== 'string')
      throw new SignInRefused(
        'the identity provider has not accepted this sign-in; begin again',
        `the token endpoint answered ${status}, ${JSON.stringify(answer?.error ?? 'without an id_token')}`,
      );
    return answer.id_token;
  }

  private async post(url: string, body: URLSearchParams, headers: Record<string, string>): Promise<{ status: number; text: string }> {
    try {
      const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal: AbortSignal.timeout(PROVIDER_MS) });
      return { status: response.status, text: await bodyOf(response) };
    } catch (error) {
      throw this.away(error);
    }
  }

  /** OpenID Connect Core, 3.1.3.7. */
  private async checked(idToken: string, { issuer, clientId, algorithms }: OidcConfig, nonce: string): Promise<JWTPayload> {
    const { verify, keys } = this.started();
    const payload = await verify(idToken, keys.keyFor, {
      ...{ issuer, audience: clientId, algorithms, clockTolerance: SKEW_SECONDS, currentDate: new Date(this.time.now()) },
      requiredClaims: ['exp', 'iat', 'sub', 'nonce'],
    }).then(
      (found) => found.payload,
      (error: unknown) => {
        if (error instanceof RightsUnknown) throw error;
        throw badToken((error as Error).message);
      },
    );
    if (payload['nonce'] !== nonce) throw badToken('it is of another sign-in (nonce)');
    const isOfMany = Array.isArray(payload.aud) && payload.aud.length > 1;
    if (payload['azp'] === undefined ? isOfMany : payload['azp'] !== clientId) throw badToken('it was made for another client (azp)');
    return payload;
  }

  private async reached(): Promise<Endpoints> {
    if (!(await this.started().keys.answers()) || !this.endpoints) throw new RightsUnknown(AWAY);
    return this.endpoints;
  }

  private away(error: unknown): RightsUnknown {
    this.logger.warn({ err: error }, 'the identity provider does not answer, so nobody can sign in');
    return new RightsUnknown(AWAY);
  }

  private started(): NonNullable<typeof this.checker> {
    if (!this.checker) throw new RightsUnknown('this gateway is starting; try again');
    return this.checker;
  }

  private needed(): OidcConfig {
    if (!this.config) throw new Error('expected OIDC to be set up, got no OIDC_ISSUER');
    return this.config;
  }
}

function endpointsIn(document: ProviderDocument): Endpoints {
  const methods = document['token_endpoint_auth_methods_supported'];
  return {
    authorize: addressIn(document, 'authorization_endpoint', VARIABLE),
    token: addressIn(document, 'token_endpoint', VARIABLE),
    // Discovery, 3: without a list it is client_secret_basic.
    secretInBody: Array.isArray(methods) && !methods.includes('client_secret_basic'),
    namesItself: document['authorization_response_iss_parameter_supported'] === true,
  };
}

function badToken(reason: string): SignInRefused {
  return new SignInRefused('the identity provider has answered with a token that is not valid here; begin again', `an ID token was refused: ${reason}`);
}

/** RFC 6749, 2.3.1: both parts are encoded as a form is. */
function basic(id: string, secret: string): string {
  const encoded = [id, secret].map((part) => new URLSearchParams({ part }).toString().slice('part='.length)).join(':');
  return `Basic ${Buffer.from(encoded).toString('base64')}`;
}
