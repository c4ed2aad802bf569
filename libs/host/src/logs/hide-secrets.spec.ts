import { hideSecrets, secretsOf } from './hide-secrets.js';

const KEY = `lh_q4xk2m7paz3dbe5v_${'a2b3'.repeat(13)}0a1b2c3d`;

describe('a text without its credentials', () => {
  test.each([
    ['a key keeps its id', `refused ${KEY}`, 'refused lh_q4xk2m7paz3dbe5v_[redacted]'],
    ['the secret of a webhook', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_[redacted]'],
    ['the link of a status page', 'GET /jobs/p/one.Ab_-23cd45Ef67gh89/files/1: 500', 'GET /jobs/p/[redacted]/files/1: 500'],
    ['a JWT', 'got eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.sig now', 'got [redacted] now'],
    ['the cookie of a session', 'Cookie __Host-lh=abc_DEF-123; a=b', 'Cookie __Host-lh=[redacted]; a=b'],
    ['a header of authorization', 'authorization: Bearer abc', 'authorization: [redacted]'],
    ['a bearer without its header', 'sent Bearer abc123def', 'sent Bearer [redacted]'],
    ['the password of a URL', 'amqp://guest:s3cr$t@mq:5672/vh', 'amqp://guest:[redacted]@mq:5672/vh'],
    ['a URL without a password', 'postgres://app@db:5432/longhaul', 'postgres://app@db:5432/longhaul'],
    ['the query of a URL', 'https://a.example/hook?token=x&b=1: 500', 'https://a.example/hook?[redacted]: 500'],
    ['a path that is a credential', 'https://hooks.example/services/T0/B1/XXab12cd34ef56gh78: 500', 'https://hooks.example/services/T0/B1/[redacted]: 500'],
    ['the id of a job in a path', 'http://lh/jobs/01890000-0000-7000-8000-000000000000', 'http://lh/jobs/01890000-0000-7000-8000-000000000000'],
    ['a token in a path and query', 'GET /files/1?access_token=abc&x=1', 'GET /files/1?access_token=[redacted]&x=1'],
    ['an object as Node shows it', "{ headers: { authorization: 'Basic dTpw', 'x-a': '1' } }", "{ headers: { authorization: '[redacted]', 'x-a': '1' } }"],
    ['words about passwords', 'password authentication failed for user "app"', 'password authentication failed for user "app"'],
    ['a usual line', 'the gateway listens', 'the gateway listens'],
  ])('%s', (_, text, shown) => {
    expect(hideSecrets(text)).toBe(shown);
  });

  test('is JSON where it was JSON, at any depth and within texts', () => {
    const inner = { password: 'p"w\\d', authorization: 'Bearer q' };
    const line = {
      secret: null,
      token: 5,
      cookie: 'a=b',
      headers: { 'set-cookie': 'x=y; "z"', cookie: { a: 1 } },
      body: JSON.stringify(inner),
      url: 'amqps://u:p@h',
    };
    const shown = JSON.parse(hideSecrets(JSON.stringify(line))) as typeof line;
    expect(shown).toMatchObject({
      secret: null,
      token: 5,
      cookie: '[redacted]',
      headers: { 'set-cookie': '[redacted]', cookie: { a: 1 } },
      url: 'amqps://u:[redacted]@h',
    });
    expect(shown.body).not.toMatch(/p"w|Bearer q/);
  });

  test('takes no longer for a text that is made to be slow', () => {
    for (const piece of ['/a1', '://a:', 'Bearer ', 'secret"', '\\\\"', '?a=', 'eyJaaaaa.']) {
      const began = performance.now();
      hideSecrets(piece.repeat(8_000 / piece.length));
      expect(performance.now() - began).toBeLessThan(2_000);
    }
  });
});

test('the credentials of an environment are the passwords of its URLs and what is called a secret', () => {
  const found = secretsOf({
    DATABASE_URL: 'postgres://u:long%24password@h/d',
    AMQP_URL: 'amqp://guest:guest@h',
    LONGHAUL_SECRET_KEYS: 'a:AAAAAAAAAAAAAAAAAAAA=,b:BBBBBBBBBBBBBBBBBBBB=',
    STRIPE_API_KEY: 'sk_live_123',
    LOG_LEVEL: 'something long',
  });
  expect(found).toEqual(expect.arrayContaining(['long%24password', 'long$password', 'AAAAAAAAAAAAAAAAAAAA=', 'BBBBBBBBBBBBBBBBBBBB=', 'sk_live_123']));
  expect(found).not.toEqual(expect.arrayContaining(['guest']));
  expect(found).not.toEqual(expect.arrayContaining(['something long']));
});
