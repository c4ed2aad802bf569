import { Environment } from '../environment.js';
import { jwtConfig } from './jwt.config.js';

const config = (values: NodeJS.ProcessEnv) => jwtConfig(new Environment(values));
const GOOD = { JWT_ISSUER: 'https://id.example.org/realms/acme', JWT_AUDIENCE: 'longhaul' };

test('without an issuer there are no tokens, and with one it needs an audience alone', () => {
  expect(config({})).toBeNull();
  expect(config(GOOD)).toEqual({
    issuer: 'https://id.example.org/realms/acme',
    audience: ['longhaul'],
    jwksUrl: null,
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    type: null,
    scopeClaims: ['scope', 'scp', 'permissions'],
    groupsClaim: 'groups',
    groupScopes: new Map(),
    kindsClaim: 'longhaul_kinds',
    tenantClaim: null,
  });
});

test('each setting is taken as it is given', () => {
  expect(
    config({
      ...GOOD,
      JWT_AUDIENCE: 'longhaul, https://api.example.org',
      JWT_JWKS_URL: 'http://[::1]:8080/keys',
      JWT_ALGORITHMS: 'PS256',
      JWT_TYPE: 'at+jwt',
      JWT_SCOPE_CLAIMS: 'realm_access.roles',
      JWT_KINDS_CLAIM: 'https://example.org/kinds',
      JWT_GROUPS_CLAIM: 'org.groups',
      JWT_GROUP_SCOPES: '{"/ops, a=b": " admin ", "support": "jobs:read  jobs:control"}',
      JWT_TENANT_CLAIM: 'org.id',
    }),
  ).toMatchObject({
    audience: ['longhaul', 'https://api.example.org'],
    jwksUrl: 'http://[::1]:8080/keys',
    algorithms: ['PS256'],
    type: 'at+jwt',
    scopeClaims: ['realm_access.roles'],
    kindsClaim: 'https://example.org/kinds',
    groupsClaim: 'org.groups',
    groupScopes: new Map([
      ['/ops, a=b', ['admin']],
      ['support', ['jobs:read', 'jobs:control']],
    ]),
    tenantClaim: 'org.id',
  });
});

test.each<[NodeJS.ProcessEnv, RegExp]>([
  [{ ...GOOD, JWT_GROUP_SCOPES: 'ops=admin' }, /^expected JWT_GROUP_SCOPES to be a JSON object [^\n]+, got: "ops=admin"$/],
  [{ ...GOOD, JWT_GROUP_SCOPES: '["admin"]' }, /^expected JWT_GROUP_SCOPES to be a JSON object [^\n]+$/],
  [{ ...GOOD, JWT_GROUP_SCOPES: '{"ops":["admin"]}' }, /^expected JWT_GROUP_SCOPES to be a JSON object [^\n]+$/],
  [{ ...GOOD, JWT_GROUP_SCOPES: '{"ops":" "}' }, /^expected JWT_GROUP_SCOPES to be a JSON object [^\n]+$/],
  [{ ...GOOD, JWT_GROUP_SCOPES: '{"ops":"jobs:reed"}' }, /^expected JWT_GROUP_SCOPES to be scopes of Longhaul, such as jobs:read, got: "jobs:reed"$/],
  [{ JWT_AUDIENCE: 'longhaul' }, /^expected JWT_ISSUER to be set beside JWT_AUDIENCE and JWT_JWKS_URL, got: nothing$/],
  [{ JWT_ISSUER: GOOD.JWT_ISSUER }, /^expected JWT_AUDIENCE to be [^\n]+, got: nothing$/],
  [{ ...GOOD, JWT_ISSUER: 'id.example.org' }, /^expected JWT_ISSUER to be the URL [^\n]+$/],
  [{ ...GOOD, JWT_ISSUER: 'https://id.example.org/?a=b' }, /^expected JWT_ISSUER to be the URL [^\n]+$/],
  [{ ...GOOD, JWT_ISSUER: 'http://id.example.org' }, /^expected JWT_ISSUER to be an https:\/\/ URL [^\n]+$/],
  [{ ...GOOD, JWT_JWKS_URL: 'http://id.example.org/keys' }, /^expected JWT_JWKS_URL to be an https:\/\/ URL [^\n]+$/],
  [{ ...GOOD, JWT_JWKS_URL: 'file:///etc/keys.json' }, /^expected JWT_JWKS_URL to be an https:\/\/ URL [^\n]+$/],
  [{ ...GOOD, JWT_ALGORITHMS: 'RS256,none' }, /^expected JWT_ALGORITHMS to be [^\n]+; a token without a signature proves nothing, got: "none"$/],
  [{ ...GOOD, JWT_ALGORITHMS: 'HS256' }, /^expected JWT_ALGORITHMS to be [^\n]+; with HS256 whoever can check tokens can make them, got: "HS256"$/],
  [{ ...GOOD, JWT_ALGORITHMS: 'rs256' }, /^expected JWT_ALGORITHMS to be a comma list of RS256[^\n]+, got: "rs256"$/],
  [{ ...GOOD, JWT_TYPE: 'at jwt' }, /^expected JWT_TYPE to be a media type such as at\+jwt, got: "at jwt"$/],
])('%j is refused at the start, in one line', (values, message) => expect(() => config(values)).toThrow(message));

test('an issuer without TLS is a name only where the keys come from elsewhere', () => {
  expect(config({ ...GOOD, JWT_ISSUER: 'http://keycloak:8080/realms/a', JWT_JWKS_URL: 'https://keycloak/keys' })).toMatchObject({
    issuer: 'http://keycloak:8080/realms/a',
  });
});
