/** Those of keys, tokens, accounts, tenants of producers, and reasons. They are a part of `VARIABLES`. */
export const RIGHTS_VARIABLES = [
  { names: ['AUTH'], text: '`on`: callers need a key, and may do what it says: [rights](../operate/rights.md)' },
  {
    names: ['LONGHAUL_BOOTSTRAP_KEY_HASH'],
    default: 'none',
    text: 'SHA-256, in hex, of a first key with the scope `admin`, where nobody can run `longhaul keys create` against the database',
  },
  {
    names: ['JWT_ISSUER', 'JWT_AUDIENCE'],
    default: 'none',
    text: 'With `AUTH=on`: tokens of this identity provider for this API are credentials too, beside keys: [JWT](../operate/jwt.md)',
  },
  { names: ['JWT_JWKS_URL'], default: "by the provider's discovery document", text: 'Where its public keys are' },
  {
    names: ['JWT_ALGORITHMS'],
    default: '`RS256,ES256,EdDSA`',
    text: 'With which tokens, also ID tokens, may be signed. `none` and `HS…` are refused',
  },
  { names: ['JWT_TYPE'], default: 'any', text: 'What `typ` of the header must be: `at+jwt` where the provider follows RFC 9068' },
  {
    names: ['JWT_SCOPE_CLAIMS'],
    default: '`scope,scp,permissions`',
    text: 'Claims with [scopes](../operate/rights.md#scopes), names or paths (`realm_access.roles`): the first counts that names one',
  },
  {
    names: ['JWT_GROUP_SCOPES', 'JWT_GROUPS_CLAIM'],
    default: 'none, `groups`',
    text: 'What groups may do, as JSON: `{"operators": "jobs:read jobs:control"}`, and the claim that they are in: [groups](../operate/jwt.md#groups)',
  },
  { names: ['JWT_KINDS_CLAIM'], text: 'A claim with kinds, to which it narrows the token' },
  {
    names: ['JWT_TENANT_CLAIM'],
    default: 'none',
    text: "A claim with the token's [tenant](../operate/tenants.md), `*` for all; a token without one is refused then",
  },
  {
    names: ['OIDC_ISSUER', 'OIDC_CLIENT_ID'],
    default: 'none',
    text: 'With `AUTH=on`: people sign in to the console with an account of this identity provider too: [OIDC](../operate/oidc.md)',
  },
  { names: ['OIDC_CLIENT_SECRET', 'OIDC_CLIENT_SECRET_FILE'], default: 'none', text: 'The secret of the client, or a file with it. None: a public client' },
  { names: ['OIDC_SCOPES'], default: '`openid profile`', text: 'What is asked of the provider; `openid` always is' },
  { names: ['OIDC_NAME'], default: 'the host of `OIDC_ISSUER`', text: 'What the button of the console calls the provider' },
  {
    names: ['AMQP_PRODUCERS'],
    default: 'none',
    text: 'With `AUTH=on`, the [tenants](../operate/tenants.md) of accounts of RabbitMQ: `billing=acme,shop=globex`. Messages of others are refused',
  },
  {
    names: ['REQUIRE_REASONS'],
    default: 'none',
    text: 'Operations that are refused without a reason, as `cancelJob,deleteQueue`, or `all` that change something: [the audit](../operate/rights.md#the-audit)',
  },
] as const;
