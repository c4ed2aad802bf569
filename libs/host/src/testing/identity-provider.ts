import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';

export type Algorithm = 'RS256' | 'ES256' | 'EdDSA';

/** A key pair whose public half a provider shows. */
export interface SigningKey {
  kid: string;
  alg: Algorithm;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

const MAKE: Record<Algorithm, () => { privateKey: KeyObject; publicKey: KeyObject }> = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

export function newSigningKey(alg: Algorithm, kid: string = randomUUID()): SigningKey {
  return { kid, alg, ...MAKE[alg]() };
}

/** An identity provider that answers over HTTP: its discovery document and its keys. Tokens are made without the library that checks them. */
export class IdentityProvider {
  keys: SigningKey[] = [];
  /** While it is true each connection is cut off. */
  away = false;
  /** What it answers in place of the document or the keys, by path. */
  instead: Record<string, { status?: number; body?: unknown }> = {};
  /** How often its keys were read. */
  reads = 0;
  /** Answers what is neither its document nor its keys, and what more the document says. */
  desk: { document: (issuer: string) => object; answer: (request: IncomingMessage, response: ServerResponse) => void } | undefined;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<IdentityProvider> {
    const server = createServer();
    const provider = new IdentityProvider(server);
    server.on('request', (request, response) => {
      if (provider.away) return void request.socket.destroy();
      const path = request.url ?? '';
      if (path === '/keys') provider.reads++;
      if (provider.desk && !(path in provider.answers()) && !(path in provider.instead)) return provider.desk.answer(request, response);
      const { status = 200, body } = { body: provider.answers()[path], ...provider.instead[path] };
      response.writeHead(body === undefined ? 404 : status, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  addKey(alg: Algorithm, kid?: string): SigningKey {
    const key = newSigningKey(alg, kid);
    this.keys.push(key);
    return key;
  }

  /** A token by its last key, good for ten minutes. What is undefined in `claims` or `header` is left out. */
  token(claims: object = {}, { key = this.keys.at(-1), header = {} }: { key?: SigningKey | undefined; header?: object } = {}): string {
    if (!key) throw new Error('expected a key, got none; call addKey');
    const now = Math.floor(Date.now() / 1_000);
    const all = { iss: this.issuer, aud: 'longhaul', sub: 'ada', iat: now, exp: now + 600, scope: 'openid jobs:read', ...claims };
    return joined({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header }, all, (input) => signed(key, input));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await promisify(this.server.close.bind(this.server))();
  }

  private answers(): Record<string, unknown> {
    return {
      '/.well-known/openid-configuration': { issuer: this.issuer, jwks_uri: `${this.issuer}/keys`, ...this.desk?.document(this.issuer) },
      '/keys': { keys: this.keys.map(({ kid, alg, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' })) },
    };
  }
}

/** RFC 7515, 7.1. */
export function joined(header: object, claims: object, signature: (input: Buffer) => Buffer): string {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${input}.${signature(Buffer.from(input)).toString('base64url')}`;
}

export function signed({ alg, privateKey }: SigningKey, input: Buffer): Buffer {
  if (alg === 'EdDSA') return sign(null, input, privateKey);
  return sign('sha256', input, alg === 'ES256' ? { key: privateKey, dsaEncoding: 'ieee-p1363' } : privateKey);
}
