// Ring 2: .ci/run runs this file.
import { createHmac } from 'node:crypto';
import { IdentityProvider, joined, newSigningKey } from '@app/host/testing';
import { type Answer, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';

interface Problem {
  status: number;
  type: string;
  detail: string;
}

let provider: IdentityProvider;
let stack: Stack;
beforeAll(async () => {
  provider = await IdentityProvider.start();
  provider.addKey('RS256', 'first');
  stack = await startStack({
    mode: 'single-process',
    env: {
      AUTH: 'on',
      LOG_LEVEL: 'warn',
      ADMISSION_EVENT_LOOP_MS: '0',
      JWT_ISSUER: provider.issuer,
      JWT_AUDIENCE: 'longhaul',
      JWT_SCOPE_CLAIMS: 'scope,roles',
    },
  });
}, 240_000);
afterAll(async () => {
  await stack.stop();
  await provider.stop();
});

const call = <Body = Problem>(token: string, method: string, path: string, body?: unknown): Promise<Answer<Body>> =>
  stack.api.call<Body>(method, path, body, { authorization: `Bearer ${token}` });
const statusOf = async (token: string, path = '/jobs') => (await call(token, 'GET', path)).status;

test('a token may do what its scopes say, over all doors of HTTP, and its acts are in the audit by its subject', async () => {
  const token = provider.token({ scope: 'openid jobs:read jobs:submit jobs:payload', roles: ['admin'] });
  const { status, body } = await call<{ id: string }>(token, 'POST', '/jobs', { kind: 'debug.echo', payload: { value: 1 } });
  expect(status).toBe(202);
  await waitFor('the end', async () => (await call<{ state: string }>(token, 'GET', `/jobs/${body.id}`)).body.state === 'succeeded');
  const refused = await call(token, 'POST', '/kinds/debug.fail/pause', {});
  expect([refused.status, refused.body.detail]).toEqual([403, 'expected the scope queues:control, which this token does not have']);
  expect((await call(token, 'GET', '/session')).body).toMatchObject({ subject: 'jwt:ada', via: 'jwt', scopes: ['jobs:read', 'jobs:submit', 'jobs:payload'] });

  const operator = provider.token({ sub: 'auth0|5f7c', scope: 'openid', roles: ['queues:control', 'audit:read'] });
  expect((await call(operator, 'POST', '/kinds/debug.fail/pause', {})).status).toBe(200);
  expect((await call(operator, 'POST', '/kinds/debug.fail/resume', {})).status).toBe(200);
  const { items } = (await call<{ items: object[] }>(operator, 'GET', '/audit?action=pauseKind')).body;
  expect(items[0]).toMatchObject({ subject: 'jwt:auth0|5f7c', via: 'jwt', target: '/kinds/debug.fail/pause', outcome: 200 });
});

test('a token for some kinds sees and submits these alone', async () => {
  const token = provider.token({ scope: 'jobs:read jobs:submit admin', longhaul_kinds: ['debug.echo'] });
  const submit = (kind: string, payload: object) => call<{ id: string }>(token, 'POST', '/jobs', { kind, payload });
  const mine = await submit('debug.echo', { value: 1 });
  expect([mine.status, (await submit('debug.sleep', { ms: 1 })).status]).toEqual([202, 403]);
  const { body } = await call<{ id: string }>(provider.token({ scope: 'jobs:submit' }), 'POST', '/jobs', { kind: 'debug.sleep', payload: { ms: 1 } });
  expect([await statusOf(token, `/jobs/${mine.body.id}`), await statusOf(token, `/jobs/${body.id}`), await statusOf(token, '/keys')]).toEqual([200, 404, 403]);
});

test('a token that is not a good one is answered 401, whatever is wrong with it', async () => {
  const now = Math.floor(Date.now() / 1_000);
  const [key] = provider.keys;
  if (!key) throw new Error('expected a key');
  const pem = key.publicKey.export({ type: 'spki', format: 'pem' });
  const claims = { iss: provider.issuer, aud: 'longhaul', sub: 'ada', exp: now + 600, scope: 'admin' };
  const stranger = newSigningKey('RS256', 'stranger');
  for (const [wrong, token] of Object.entries({
    none: joined({ alg: 'none' }, claims, () => Buffer.alloc(0)),
    'HS256 with the public key': joined({ alg: 'HS256', kid: 'first' }, claims, (input) => createHmac('sha256', pem).update(input).digest()),
    'another audience': provider.token({ aud: 'another' }),
    'another issuer': provider.token({ iss: 'https://evil.example' }),
    over: provider.token({ exp: now - 60 }),
    'not valid yet': provider.token({ nbf: now + 120 }),
    'another key': provider.token({}, { key: newSigningKey('RS256', 'first') }),
    'an unknown key': provider.token({}, { key: stranger }),
    'its own key (jwk)': provider.token({}, { key: stranger, header: { jwk: stranger.publicKey.export({ format: 'jwk' }) } }),
    'extensions (crit)': provider.token({}, { header: { crit: ['x'], x: 1 } }),
  })) {
    const { status, headers, body } = await call(token, 'GET', '/jobs');
    expect([wrong, status, body.type]).toEqual([wrong, 401, '/problems/unauthenticated']);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="longhaul", error="invalid_token"');
  }
  const good = provider.token();
  expect((await stack.api.call('GET', `/jobs?access_token=${good}`)).status).toBe(401);
  expect((await stack.api.call('POST', '/session', { key: good })).status).toBe(401);
  expect(await statusOf(good)).toBe(200);
});

test('keys are rotated at the provider without a restart, and tokens by the former one are refused then', async () => {
  const former = provider.token();
  expect(await statusOf(former)).toBe(200);
  provider.keys = [];
  provider.addKey('ES256', 'second');
  const token = provider.token();
  await waitFor('the new key', async () => (await statusOf(token)) === 200, { timeoutMs: 40_000 });
  expect(await statusOf(former)).toBe(401);
});

test('while the provider is away tokens by known keys are good, and API keys do not need it', async () => {
  provider.away = true;
  expect(await statusOf(provider.token({ sub: 'eve' }))).toBe(200);
  const token = provider.token({}, { key: newSigningKey('RS256', 'new') });
  await waitFor('the answer that nobody can tell', async () => (await statusOf(token)) === 503, { timeoutMs: 40_000 });
  expect(await statusOf(provider.token({ sub: 'eve' }))).toBe(200);
  provider.away = false;
});

test.each<[Record<string, string>, RegExp]>([
  [{ JWT_ALGORITHMS: 'HS256' }, /expected JWT_ALGORITHMS to be .*HS256/],
  [{ JWT_AUDIENCE: '' }, /expected JWT_AUDIENCE to be /],
  [{ JWT_ISSUER: 'set below' }, /expected JWT_ISSUER to be the issuer that .* names/],
])('a gateway with %j does not start, and says why in one line', async (wrong, message) => {
  const env = { ...stack.env, ...wrong };
  if ('JWT_ISSUER' in wrong) env['JWT_ISSUER'] = `${provider.issuer}/`;
  const app = await spawnApp('gateway', env, { waitUntilReady: false });
  expect((await app.exited).code).toBe(1);
  const told = app.logs().filter((line) => line.includes('expected JWT_'));
  expect(told).toEqual([expect.stringMatching(message)]);
});
