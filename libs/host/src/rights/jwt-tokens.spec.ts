import { createHmac } from 'node:crypto';
import { systemClock } from '@app/core';
import { ManualClock, RecordingLogger } from '@app/core/testing';
import { Environment } from '../environment.js';
import { IdentityProvider, joined, newSigningKey, signed, type SigningKey } from '../testing/identity-provider.js';
import { jwtConfig } from './jwt.config.js';
import { JwtTokens } from './jwt-tokens.js';
import { RightsUnknown } from './principals.js';

let provider: IdentityProvider;
let key: SigningKey;
const open: JwtTokens[] = [];
beforeAll(async () => {
  provider = await IdentityProvider.start();
  key = provider.addKey('RS256', 'first');
});
afterEach(async () => {
  provider.away = false;
  provider.keys = [key];
  provider.instead = {};
  await Promise.all(open.splice(0).map((tokens) => tokens.close()));
});
afterAll(() => provider.stop());

const NOW = Math.floor(Date.now() / 1_000);

/** `now`: the database's clock, in ms. */
async function tokensWith(env: NodeJS.ProcessEnv = {}, time = { now: () => NOW * 1_000 }) {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const config = jwtConfig(new Environment({ JWT_ISSUER: provider.issuer, JWT_AUDIENCE: 'longhaul', ...env }));
  const tokens = new JwtTokens(config, clock, time, logger);
  await tokens.start();
  open.push(tokens);
  return { tokens, clock, logger };
}

const flipped = (token: string) => {
  const [header, claims = '', signature] = token.split('.');
  const changed = { ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object), scope: 'admin' };
  return [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
};
/** The claims and, unless it is given, the header of a good token, by another signature. */
const forged = (header: object, signature: (input: Buffer) => Buffer, claims: object = {}) =>
  joined(header, { iss: provider.issuer, aud: 'longhaul', sub: 'ada', exp: NOW + 600, scope: 'admin', ...claims }, signature);

test.each(['RS256', 'ES256', 'EdDSA'] as const)('a token that is signed with %s is good, is checked once, and is known afterwards', async (alg) => {
  provider.addKey(alg, `by ${alg}`);
  const { tokens } = await tokensWith();
  const token = provider.token();
  expect(tokens.known(token)).toBeUndefined();
  const checked = tokens.of(token);
  expect(checked).toBeInstanceOf(Promise);
  expect(await checked).toMatchObject({ subject: 'jwt:ada', scopes: ['jobs:read'], kinds: null });
  expect(tokens.known(token)).toBe(await checked);
  expect(tokens.of(token)).toBe(tokens.known(token));
});

const secrets = (): [string, string | Buffer][] => [
  ['PEM', key.publicKey.export({ type: 'spki', format: 'pem' })],
  ['DER', key.publicKey.export({ type: 'spki', format: 'der' })],
  ['JWK', JSON.stringify(key.publicKey.export({ format: 'jwk' }))],
];

test.each<[string, () => string]>([
  ['without a signature (none)', () => forged({ alg: 'none', kid: 'first' }, () => Buffer.alloc(0))],
  ['that says none and has a signature', () => forged({ alg: 'none', kid: 'first' }, () => Buffer.from('x'))],
  ['that says None', () => forged({ alg: 'None', kid: 'first' }, (input) => signed(key, input))],
  ['without an algorithm', () => forged({ kid: 'first' }, (input) => signed(key, input))],
  ['with an algorithm that the settings do not have', () => forged({ alg: 'PS256', kid: 'first' }, (input) => signed(key, input))],
  ['of another issuer', () => provider.token({ iss: 'https://evil.example' })],
  ['of the issuer with a slash more', () => provider.token({ iss: `${provider.issuer}/` })],
  ['without an issuer', () => provider.token({ iss: undefined })],
  ['for another audience', () => provider.token({ aud: 'another' })],
  ['for other audiences', () => provider.token({ aud: ['another', 'longhaul2'] })],
  ['without an audience', () => provider.token({ aud: undefined })],
  ['that is over', () => provider.token({ exp: NOW - 31 })],
  ['without an end', () => provider.token({ exp: undefined })],
  ['whose end is a text', () => provider.token({ exp: String(NOW + 600) })],
  ['that is not valid yet', () => provider.token({ nbf: NOW + 60 })],
  ['without a subject', () => provider.token({ sub: undefined })],
  ['that was changed', () => flipped(provider.token())],
  ["by a key that is not the provider's, under the name of one", () => provider.token({}, { key: newSigningKey('RS256', 'first') })],
  ['by a key with an unknown name', () => provider.token({}, { key: newSigningKey('RS256', 'unknown') })],
  ['whose key has a name that is no text', () => provider.token({}, { header: { kid: { $ne: null } } })],
  ['with extensions that must be understood', () => provider.token({}, { header: { crit: ['exp'], exp: 1 } })],
  ['with an unencoded payload', () => provider.token({}, { header: { crit: ['b64'], b64: false } })],
  ['with an empty list of extensions', () => provider.token({}, { header: { crit: [] } })],
  ['with its own key in the header (jwk)', () => inHeader((stranger) => ({ jwk: stranger.publicKey.export({ format: 'jwk' }) }))],
  ['that is encrypted (five parts)', () => `${provider.token()}.a.b`],
  ['whose claims are a list', () => joined({ alg: 'RS256', kid: 'first' }, ['longhaul'], (input) => signed(key, input))],
])('a token %s is refused', async (_, make) => {
  const { tokens } = await tokensWith();
  const token = make();
  expect(await tokens.of(token)).toBeUndefined();
  expect(tokens.known(token)).toBeUndefined();
});

const inHeader = (header: (stranger: SigningKey) => object) => {
  const stranger = newSigningKey('RS256', 'stranger');
  return provider.token({}, { key: stranger, header: { kid: undefined, ...header(stranger) } });
};

test('a token whose secret is the public key (HS256) is refused, in whichever form the key is taken', async () => {
  const { tokens } = await tokensWith();
  for (const [form, secret] of secrets()) {
    const token = forged({ alg: 'HS256', kid: 'first' }, (input) => createHmac('sha256', secret).update(input).digest());
    expect([form, await tokens.of(token)]).toEqual([form, undefined]);
  }
});

test('nothing is read from an address that a token names (jku, x5u)', async () => {
  const stranger = await IdentityProvider.start();
  const foreign = stranger.addKey('RS256', 'first');
  const { tokens } = await tokensWith();
  const url = `${stranger.issuer}/keys`;
  for (const header of [{ jku: url }, { x5u: url }, { jku: url, kid: 'other' }, { jku: url, kid: undefined }])
    expect(await tokens.of(provider.token({}, { key: foreign, header }))).toBeUndefined();
  expect(stranger.reads).toBe(0);
  // Good tokens may have such headers: they are not looked at.
  expect(await tokens.of(provider.token({}, { header: { jku: url, x5u: url } }))).toBeDefined();
  expect(stranger.reads).toBe(0);
  await stranger.stop();
});

test('the clocks of the provider and the database may differ by half a minute', async () => {
  const { tokens } = await tokensWith();
  expect(await tokens.of(provider.token({ exp: NOW - 20 }))).toBeDefined();
  expect(await tokens.of(provider.token({ nbf: NOW + 20 }))).toBeDefined();
});

test('a token that is known is over with its end', async () => {
  const time = { at: NOW * 1_000, now: () => time.at };
  const { tokens } = await tokensWith({}, time);
  const token = provider.token({ exp: NOW + 60 });
  expect(await tokens.of(token)).toBeDefined();
  time.at = (NOW + 90) * 1_000;
  expect(tokens.known(token)).toBeUndefined();
  expect(await tokens.of(token)).toBeUndefined();
});

test('where a type is told, tokens of another one are refused, such as ID tokens', async () => {
  const { tokens } = await tokensWith({ JWT_TYPE: 'at+jwt' });
  expect(await tokens.of(provider.token())).toBeDefined();
  expect(await tokens.of(provider.token({}, { header: { typ: 'application/at+JWT' } }))).toBeDefined();
  for (const typ of ['JWT', undefined, 7]) expect(await tokens.of(provider.token({}, { header: { typ } }))).toBeUndefined();
});

test('the keys are read again when a token names one that is not known, but at most once in ten seconds', async () => {
  const { tokens, clock } = await tokensWith();
  const before = provider.reads;
  const rotated = provider.addKey('RS256', 'second');
  const token = provider.token({}, { key: rotated });
  expect(await tokens.of(token)).toBeUndefined();
  expect(provider.reads).toBe(before);
  await clock.advance(10_000);
  expect(await tokens.of(token)).toBeDefined();
  for (const kid of ['a', 'b', 'c']) expect(await tokens.of(provider.token({}, { key: newSigningKey('RS256', kid) }))).toBeUndefined();
  expect(provider.reads).toBe(before + 1);
});

test('a key that the provider has taken away does not hold any more, nor what was known by it', async () => {
  const { tokens, clock } = await tokensWith();
  const token = provider.token();
  expect(await tokens.of(token)).toBeDefined();
  provider.keys = [];
  provider.addKey('ES256', 'new');
  await clock.advance(10_000);
  expect(await tokens.of(provider.token())).toBeDefined();
  expect(tokens.known(token)).toBeUndefined();
  expect(await tokens.of(token)).toBeUndefined();
});

test('while the provider is away known keys hold, and of a token by another one nobody can tell', async () => {
  const { tokens, clock, logger } = await tokensWith();
  provider.away = true;
  await clock.advance(10_000);
  await expect(tokens.of(provider.token({}, { key: newSigningKey('RS256', 'unknown') }))).rejects.toThrow(RightsUnknown);
  expect(await tokens.of(provider.token({ sub: 'eve' }))).toMatchObject({ subject: 'jwt:eve' });
  expect(logger.entries.filter(({ level }) => level === 'warn')).toHaveLength(1);
});

test('a provider that is away at the start stops nothing, and its tokens are good when it is back', async () => {
  provider.away = true;
  const { tokens, clock } = await tokensWith();
  await expect(tokens.of(provider.token())).rejects.toThrow(RightsUnknown);
  provider.away = false;
  await clock.advance(10_000);
  expect(await tokens.of(provider.token())).toBeDefined();
});

test.each<[string, Record<string, object>, NodeJS.ProcessEnv, RegExp]>([
  ['there is no document', { '/.well-known/openid-configuration': { status: 404, body: {} } }, {}, /JWT_ISSUER .*404 from http/],
  [
    'the document names another issuer',
    { '/.well-known/openid-configuration': { body: { issuer: 'https://other.example', jwks_uri: 'https://other.example/keys' } } },
    {},
    /JWT_ISSUER to be the issuer that .* names.*got: "https:\/\/other\.example"/,
  ],
  ['the answer is no set of keys', { '/keys': { body: '<html>' } }, {}, /JWT_ISSUER .*JSON Web Key Set/],
  ['there are no keys', { '/keys': { body: { keys: [] } } }, {}, /JWT_ISSUER .*JSON Web Key Set of one key at least/],
  ['the keys have moved', { '/keys': { status: 302, body: {} } }, {}, /JWT_ISSUER .*302 from http/],
])('a start is stopped in one line where %s', async (_, instead, env, message) => {
  Object.assign(provider.instead, instead);
  await expect(tokensWith(env)).rejects.toThrow(message);
  await expect(tokensWith(env)).rejects.toMatchObject({ name: 'ConfigError', message: expect.not.stringContaining('\n') });
});

test('a document may not send us to keys over a connection that others can change', async () => {
  provider.instead['/.well-known/openid-configuration'] = { body: { issuer: provider.issuer, jwks_uri: 'http://keys.example.org/' } };
  await expect(tokensWith()).rejects.toThrow(/jwks_uri is an https:\/\/ URL/);
});

test('where no issuer is set no token is good', async () => {
  const tokens = new JwtTokens(null, systemClock, { now: () => Date.now() }, new RecordingLogger());
  await tokens.start();
  expect([tokens.of(provider.token()), tokens.known(provider.token())]).toEqual([undefined, undefined]);
  await tokens.close();
});
