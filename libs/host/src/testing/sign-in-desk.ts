import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { IdentityProvider } from './identity-provider.js';

/** A code that was given out. */
interface Given {
  redirectUri: string;
  nonce: string;
  challenge: string;
}

interface Client {
  id: string;
  /** Left out: a public client. */
  secret?: string;
  /** As registered: beginnings, for a gateway's port is not known before it starts. */
  redirects: RegExp;
}

/**
 * The part of a provider at which people sign in: the authorization endpoint, whose page has one button for each of its people, and the token endpoint. It is
 * as strict as a real one: the redirect URI is a registered one, a code is good once, for the client, the URI and the verifier of its challenge.
 */
export class SignInDesk {
  /** Whose claims the ID token has, by the name on the button. */
  people: Record<string, object> = {};
  /** What the token endpoint makes of the claims, in place of signing them as they are. */
  token: (claims: object) => unknown = (claims) => this.provider.token(claims, { header: { typ: 'JWT' } });
  /** While it is true the token endpoint takes the request and says nothing. */
  silent = false;
  /** Adds `iss` to its answers (RFC 9207). */
  namesItself = false;
  private readonly codes = new Map<string, Given & { claims: object }>();

  constructor(
    private readonly provider: IdentityProvider,
    private readonly client: Client,
  ) {
    provider.desk = {
      document: (issuer) => ({
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        ...(this.namesItself ? { authorization_response_iss_parameter_supported: true } : {}),
      }),
      answer: (request, response) => void this.answer(request, response),
    };
  }

  /** Does what a person does at its page, without a browser: the address to which it is sent back. */
  signIn(authorizationUrl: string, name: string): string {
    const { searchParams } = new URL(authorizationUrl);
    return this.backTo(searchParams, this.people[name] as object);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.provider.issuer);
    const wrong = pathname === '/authorize' ? this.wrongIn(searchParams) : undefined;
    if (wrong !== undefined) return void response.writeHead(400, { 'content-type': 'text/plain' }).end(wrong);
    if (pathname === '/authorize') {
      const chosen = searchParams.get('who');
      const claims = chosen === null ? undefined : this.people[chosen];
      if (claims) return void response.writeHead(303, { location: this.backTo(searchParams, claims) }).end();
      return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(this.page(searchParams));
    }
    if (pathname !== '/token') return void response.writeHead(404).end();
    const form = new URLSearchParams(await text(request));
    if (this.silent) return;
    const { status, body } = this.exchanged(form, request.headers.authorization);
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body));
  }

  private wrongIn(asked: URLSearchParams): string | undefined {
    if (asked.get('client_id') !== this.client.id) return 'unknown client_id';
    if (!this.client.redirects.test(asked.get('redirect_uri') ?? '')) return `redirect_uri ${String(asked.get('redirect_uri'))} is not registered`;
    if (asked.get('response_type') !== 'code' || asked.get('code_challenge_method') !== 'S256') return 'expected a code, with PKCE';
    if (!(asked.get('scope') ?? '').split(' ').includes('openid')) return 'expected the scope openid';
    return (asked.get('state') ?? '').length < 20 || (asked.get('nonce') ?? '').length < 20 ? 'expected state and nonce that nobody can guess' : undefined;
  }

  private backTo(asked: URLSearchParams, claims: object): string {
    const code = randomUUID();
    const [redirectUri, nonce, challenge] = ['redirect_uri', 'nonce', 'code_challenge'].map((name) => asked.get(name) ?? '') as [string, string, string];
    this.codes.set(code, { redirectUri, nonce, challenge, claims });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', asked.get('state') ?? '');
    if (this.namesItself) back.searchParams.set('iss', this.provider.issuer);
    return back.href;
  }

  private page(asked: URLSearchParams): string {
    const buttons = Object.keys(this.people).map((name) => `<button name="who" value="${name}">${name}</button>`);
    const hidden = [...asked].map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
    return `<!doctype html><html lang="en"><title>Accounts</title><h1>Who are you?</h1><form action="/authorize">${[...hidden, ...buttons].join('')}</form></html>`;
  }

  private exchanged(form: URLSearchParams, authorization: string | undefined): { status: number; body: object } {
    const given = this.codes.get(form.get('code') ?? '');
    this.codes.delete(form.get('code') ?? '');
    const { id, secret } = this.client;
    // RFC 6749, 2.3.1.
    const encoded = [id, secret ?? ''].map((part) => encodeURIComponent(part).replaceAll('%20', '+')).join(':');
    const basic = `Basic ${Buffer.from(encoded).toString('base64')}`;
    if (secret === undefined ? form.get('client_id') !== id : authorization !== basic) return { status: 401, body: { error: 'invalid_client' } };
    const proven = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (form.get('grant_type') !== 'authorization_code' || !given || given.redirectUri !== form.get('redirect_uri') || given.challenge !== proven)
      return { status: 400, body: { error: 'invalid_grant' } };
    const idToken = this.token({ aud: id, nonce: given.nonce, scope: undefined, ...given.claims });
    return { status: 200, body: { access_token: randomUUID(), token_type: 'Bearer', expires_in: 300, id_token: idToken } };
  }
}
