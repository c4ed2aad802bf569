import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Environment } from '../environment.js';
import { publicUrl } from '../web/public-url.js';
import { oidcConfig } from './oidc.config.js';

const config = (values: NodeJS.ProcessEnv, host = '127.0.0.1') => {
  const env = new Environment(values);
  return oidcConfig(env, publicUrl(env), host);
};
const GOOD = { OIDC_ISSUER: 'https://id.example.org/realms/acme', OIDC_CLIENT_ID: 'longhaul' };
const SECRET = 'a-secret-of-the-client';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'oidc-'))));
afterAll(() => rmSync(folder, { recursive: true }));

test('without an issuer nobody signs in so, and with one a client is enough on loopback', () => {
  expect(config({})).toBeNull();
  expect(config(GOOD)).toEqual({
    issuer: 'https://id.example.org/realms/acme',
    clientId: 'longhaul',
    clientSecret: null,
    scopes: 'openid profile',
    name: 'id.example.org',
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    scopeClaims: ['scope', 'scp', 'permissions'],
    groupsClaim: 'groups',
    groupScopes: new Map(),
    kindsClaim: 'longhaul_kinds',
    tenantClaim: null,
  });
});

test('each setting is taken as it is given, those of claims as for tokens of programs, and openid is always asked for', () => {
  const more = { OIDC_SCOPES: 'email,profile', OIDC_NAME: 'Acme', JWT_SCOPE_CLAIMS: 'roles', JWT_TENANT_CLAIM: 'org', JWT_ALGORITHMS: 'PS256' };
  const given = config({ ...GOOD, ...more, OIDC_CLIENT_SECRET: SECRET, PUBLIC_URL: 'https://jobs.example.org/longhaul' }, '0.0.0.0');
  expect(given).toMatchObject({
    clientSecret: SECRET,
    scopes: 'openid email profile',
    name: 'Acme',
    scopeClaims: ['roles'],
    tenantClaim: 'org',
    algorithms: ['PS256'],
  });
});

test('the secret is read from a file, without the line break at its end', () => {
  const file = join(folder, 'secret');
  writeFileSync(file, `${SECRET}\n`);
  expect(config({ ...GOOD, OIDC_CLIENT_SECRET_FILE: file })?.clientSecret).toBe(SECRET);
});

test.each<[NodeJS.ProcessEnv, RegExp]>([
  [{ OIDC_CLIENT_ID: 'longhaul' }, /^expected OIDC_ISSUER to be set beside OIDC_CLIENT_ID, [^\n]+, got: nothing$/],
  [{ OIDC_CLIENT_SECRET: SECRET }, /^expected OIDC_ISSUER to be set beside OIDC_CLIENT_ID, OIDC_CLIENT_SECRET [^\n]+, got: nothing$/],
  [{ OIDC_ISSUER: GOOD.OIDC_ISSUER }, /^expected OIDC_CLIENT_ID to be [^\n]+, got: nothing$/],
  [{ ...GOOD, OIDC_ISSUER: 'id.example.org' }, /^expected OIDC_ISSUER to be the URL [^\n]+$/],
  [{ ...GOOD, OIDC_ISSUER: 'http://id.example.org' }, /^expected OIDC_ISSUER to be an https:\/\/ URL [^\n]+$/],
  [{ ...GOOD, OIDC_SCOPES: 'openid a"b' }, /^expected OIDC_SCOPES to be words with spaces between, got: "a\\"b"$/],
  [{ ...GOOD, OIDC_NAME: 'x'.repeat(61) }, /^expected OIDC_NAME to be at most 60 characters, got: "x+"$/],
  [
    { ...GOOD, OIDC_CLIENT_SECRET_FILE: '/nowhere/secret' },
    /^expected OIDC_CLIENT_SECRET_FILE to be a file that can be read, got: "\/nowhere\/secret \(ENOENT\)"$/,
  ],
  [
    { ...GOOD, OIDC_CLIENT_SECRET: SECRET, OIDC_CLIENT_SECRET_FILE: '/x' },
    /^expected OIDC_CLIENT_SECRET to be left out where OIDC_CLIENT_SECRET_FILE is set, got: "both"$/,
  ],
  [{ ...GOOD, PUBLIC_URL: 'http://jobs.example.org' }, /^expected PUBLIC_URL to be an https:\/\/ URL beside OIDC_ISSUER [^\n]+$/],
  [{ ...GOOD, JWT_ALGORITHMS: 'none' }, /^expected JWT_ALGORITHMS to be [^\n]+; a token without a signature proves nothing, got: "none"$/],
])('%j is refused at the start, in one line', (values, message) => expect(() => config(values)).toThrow(message));

test('no refusal has the secret in it', () => {
  let said = '';
  try {
    config({ OIDC_CLIENT_SECRET: SECRET });
  } catch (error) {
    said = String(error);
  }
  expect(said).toContain('OIDC_ISSUER');
  expect(said).not.toContain(SECRET);
});

test('a gateway that others reach needs PUBLIC_URL, for the provider has to send browsers back', () => {
  expect(() => config(GOOD, '0.0.0.0')).toThrow(/^expected PUBLIC_URL to be set beside OIDC_ISSUER[^\n]+, got: nothing$/);
});
