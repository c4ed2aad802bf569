import { createHmac } from 'node:crypto';
import { systemClock } from '@app/core';
import { RecordingLogger } from '@app/core/testing';
import { Environment } from '../environment.js';
import { IdentityProvider, joined, newSigningKey } from '../testing/identity-provider.js';
import { SignInDesk } from '../testing/sign-in-desk.js';
import { oidcConfig } from './oidc.config.js';
import { OidcProvider, SignInRefused } from './oidc-provider.js';
import { RightsUnknown } from './principals.js';

const REDIRECT = 'http://127.0.0.1:3000/session/oidc/callback';
const PROOF = { redirectUri: REDIRECT, nonce: 'n'.repeat(43), verifier: 'v'.repeat(43) };
/** S256 of the verifier. */
const CHALLENGE = '7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM';
const ADA = { sub: 'ada', preferred_username: 'Ada', permissions: ['jobs:read', 'queues:read', 'another:api'] };

/** Made once: it takes longer than the rest of a test. */
const RSA = newSigningKey('RS256');

let provider: IdentityProvider;
let desk: SignInDesk;
let oidc: OidcProvider;
let logger: RecordingLogger;

async function signInDesk(secret?: string): Promise<void> {
  desk = new SignInDesk(provider, {
    id: 'long haul',
    ...(secret === undefined ? {} : { secret }),
    redirects: /^http:\/\/127\.0\.0\.1:3000\/session\/oidc\/callback$/,
  });
  desk.people = { Ada: ADA };
}

async function start(env: NodeJS.ProcessEnv = {}): Promise<void> {
  logger = new RecordingLogger();
  const config = oidcConfig(new Environment({ OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: 'long haul', ...env }), null, '127.0.0.1');
  oidc = new OidcProvider(config, systemClock, { now: () => Date.now() }, logger);
  await oidc.start();
}

beforeEach(async () => {
  provider = await IdentityProvider.start();
  provider.keys = [RSA];
  await signInDesk();
});
afterEach(async () => {
  await oidc.close();
  await provider.stop();
});

/** Goes to the provider as Ada, and comes back with a code. */
async function codeFor(proof = PROOF): Promise<{ code: string; iss: string | undefined }> {
  const address = await oidc.addressFor({ ...proof, challenge: CHALLENGE, state: 's'.repeat(43) });
  const { searchParams } = new URL(desk.signIn(address, 'Ada'));
  return { code: searchParams.get('code') ?? '', iss: searchParams.get('iss') ?? undefined };
}

async function holder(): Promise<unknown> {
  const { code, iss } = await codeFor();
  return oidc.holderOf(code, iss, PROOF);
}

/** What is said to the person, and what to the operator. */
async function refusal(of: Promise<unknown> = holder()): Promise<string> {
  const error = await of.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof SignInRefused)) throw new Error(`expected a refusal, got: ${String(error)}`);
  return `${error.message} | ${error.reason}`;
}

test.each([['RS256'], ['ES256'], ['EdDSA']] as const)(
  'a person is known by an ID token that is signed with %s, with the scopes that its claims name',
  async (alg) => {
    provider.addKey(alg);
    await start();
    expect(await holder()).toEqual({ subject: 'oidc:ada', name: 'Ada', tenant: 'default', scopes: ['jobs:read', 'queues:read'], kinds: null });
  },
);

test('the browser is sent with a code challenge, a state and a nonce, and never with the verifier or the secret', async () => {
  await signInDesk('s%cr/t');
  await start({ OIDC_CLIENT_SECRET: 's%cr/t', OIDC_SCOPES: 'email' });
  const url = new URL(await oidc.addressFor({ ...PROOF, challenge: CHALLENGE, state: 's'.repeat(43) }));
  expect(url.origin + url.pathname).toBe(`${provider.issuer}/authorize`);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    ...{ response_type: 'code', client_id: 'long haul', redirect_uri: REDIRECT, scope: 'openid email' },
    ...{ state: 's'.repeat(43), nonce: PROOF.nonce, code_challenge: CHALLENGE, code_challenge_method: 'S256' },
  });
});

test('a client with a secret shows it, encoded as a form is, and one with another secret or without is not served', async () => {
  await signInDesk('s%cr/t');
  await start({ OIDC_CLIENT_SECRET: 's%cr/t' });
  expect(await holder()).toMatchObject({ subject: 'oidc:ada' });
  for (const env of [{}, { OIDC_CLIENT_SECRET: 'another' }]) {
    await oidc.close();
    await start(env);
    expect(await refusal()).toContain('the token endpoint answered 401, "invalid_client"');
  }
});

test('a code is good once, and with the verifier of its challenge alone', async () => {
  await start();
  const { code } = await codeFor();
  await oidc.holderOf(code, undefined, PROOF);
  expect(await refusal(oidc.holderOf(code, undefined, PROOF))).toContain('answered 400, "invalid_grant"');
  const another = await codeFor();
  expect(await refusal(oidc.holderOf(another.code, undefined, { ...PROOF, verifier: 'w'.repeat(43) }))).toContain('invalid_grant');
});

const now = () => Math.floor(Date.now() / 1_000);
test.each<[string, (claims: object) => unknown, string]>([
  ['of another issuer', (claims) => provider.token({ ...claims, iss: 'https://evil.example' }), '"iss"'],
  ['for another client', (claims) => provider.token({ ...claims, aud: 'shop' }), '"aud"'],
  ['for several clients without a word for whom', (claims) => provider.token({ ...claims, aud: ['long haul', 'shop'] }), 'azp'],
  ['that was made for another client', (claims) => provider.token({ ...claims, azp: 'shop' }), 'azp'],
  ['that is over', (claims) => provider.token({ ...claims, exp: now() - 31 }), '"exp"'],
  ['without an end', (claims) => provider.token({ ...claims, exp: undefined }), '"exp"'],
  ['without a time', (claims) => provider.token({ ...claims, iat: undefined }), '"iat"'],
  ['of another sign-in', (claims) => provider.token({ ...claims, nonce: 'another' }), 'nonce'],
  ['without a nonce', (claims) => provider.token({ ...claims, nonce: undefined }), '"nonce"'],
  [
    'that nobody has signed',
    (claims) => joined({ alg: 'none' }, { iss: provider.issuer, exp: now() + 60, iat: now(), ...claims }, () => Buffer.from('x')),
    'alg',
  ],
  ['that is signed with the public key', (claims) => hmac(claims), 'alg'],
  [
    'by a key of another',
    (claims) => provider.token(claims, { key: { ...newSigningKey('RS256'), kid: provider.keys[0]?.kid ?? '' } }),
    'signature verification failed',
  ],
  ['that is no token', () => 'x.y.z', 'an ID token was refused'],
  ['that is missing', () => undefined, '"without an id_token"'],
])('an ID token %s is refused, and the person is not told why', async (_, make, reason) => {
  await start();
  desk.token = make;
  const said = await refusal();
  expect(said.split(' | ')[1]).toContain(reason);
  expect(said.split(' | ')[0]).toMatch(/^the identity provider has .*; begin again$/);
});

function hmac(claims: object): string {
  const key = provider.keys[0]?.publicKey.export({ type: 'spki', format: 'pem' }) ?? '';
  const all = { iss: provider.issuer, exp: now() + 60, iat: now(), ...claims };
  return joined({ alg: 'HS256', kid: provider.keys[0]?.kid }, all, (input) => createHmac('sha256', key).update(input).digest());
}

test('an account whose claims name no scope is refused, and the log says which claims it has', async () => {
  desk.people = { Ada: { sub: 'ada', groups: ['staff'] } };
  await start();
  const [said, reason] = (await refusal()).split(' | ');
  expect(said).toBe('your account has no rights here: whoever runs the identity provider gives them');
  expect(reason).toMatch(/none of the claims scope, scp, permissions .* it has .*groups/);
});

test('where the tenant is a claim, an account without one is refused, and one with it is of that tenant', async () => {
  await start({ JWT_TENANT_CLAIM: 'org' });
  expect(await refusal()).toContain('your account has no tenant here');
  desk.people = { Ada: { ...ADA, org: 'acme' } };
  expect(await holder()).toMatchObject({ tenant: 'acme' });
});

test('an answer of another provider is refused, and one without a name where the provider says that it names itself', async () => {
  desk.namesItself = true;
  await start();
  expect(await holder()).toMatchObject({ subject: 'oidc:ada' });
  const { code } = await codeFor();
  expect(await refusal(oidc.holderOf(code, 'https://evil.example', PROOF))).toContain('iss of the answer is https://evil.example');
  expect(await refusal(oidc.holderOf(code, undefined, PROOF))).toContain('iss of the answer is undefined');
});

test('a provider that is away at the start keeps no gateway from starting, and says so to those who sign in', async () => {
  provider.away = true;
  await start();
  await expect(codeFor()).rejects.toBeInstanceOf(RightsUnknown);
});

test('a provider that falls silent at the token is given up, so that nobody waits for ever', async () => {
  await start();
  const { code } = await codeFor();
  desk.silent = true;
  await expect(oidc.holderOf(code, undefined, PROOF)).rejects.toThrow('the identity provider does not answer now; try again');
});

test.each<[string, object, RegExp]>([
  ['another issuer', { issuer: 'https://evil.example' }, /^expected OIDC_ISSUER to be the issuer that [^\n]+, got: "https:\/\/evil.example"$/],
  [
    'a token endpoint without TLS',
    { token_endpoint: 'http://id.example.org/token' },
    /^expected OIDC_ISSUER to be an issuer whose token_endpoint is an https:\/\/ URL[^\n]+$/,
  ],
  [
    'no authorization endpoint',
    { authorization_endpoint: undefined },
    /^expected OIDC_ISSUER to be an issuer whose authorization_endpoint [^\n]+, got: "undefined"$/,
  ],
])('a provider whose document names %s keeps the gateway from starting, in one line', async (_, document, message) => {
  const { issuer } = provider;
  const whole = { issuer, jwks_uri: `${issuer}/keys`, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, ...document };
  provider.instead['/.well-known/openid-configuration'] = { body: whole };
  await expect(start()).rejects.toThrow(message);
});
