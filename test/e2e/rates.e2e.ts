import { newApiKey } from '@app/host';
import WebSocket from 'ws';
import { type Answer, Api, spawnApp, type Stack, startStack } from '../support/index.js';

interface Problem {
  type: string;
  detail: string;
  exceeded?: { signal: string; limit: number; retryAfterSeconds: number };
}
interface Made {
  id: string;
  key: string;
}

const bootstrap = newApiKey();
let stack: Stack;
beforeAll(async () => {
  const env = {
    AUTH: 'on',
    LOG_LEVEL: 'warn',
    ADMISSION_EVENT_LOOP_MS: '0',
    LONGHAUL_BOOTSTRAP_KEY_HASH: bootstrap.hash.toString('hex'),
    REQUESTS_PER_SECOND: '1',
    REQUESTS_BURST: '30',
    MAX_FAILED_SIGN_INS_PER_CLIENT: '5',
    TRUST_PROXY: '127.0.0.1',
  };
  stack = await startStack({ mode: 'single-process', env });
}, 240_000);
afterAll(() => stack.stop());

const call = <Body = Problem>(key: string, method: string, path: string, body?: unknown, client = '192.0.2.1'): Promise<Answer<Body>> =>
  stack.api.call<Body>(method, path, body, { authorization: `Bearer ${key}`, 'x-forwarded-for': client });
const makeKey = async (scopes: string[]): Promise<string> => (await call<Made>(bootstrap.text, 'POST', '/keys', { name: 'for a test', scopes })).body.key;
const guess = (client: string) => call(newApiKey().text, 'GET', '/session', undefined, client);

test('a key that sends more than it may is told which limit it is and when to come again, and other keys go on', async () => {
  const [one, other] = [await makeKey(['jobs:read', 'jobs:submit']), await makeKey(['jobs:read'])];
  const first = await call(one, 'POST', '/jobs', { kind: 'debug.echo', payload: { value: 1 } });
  expect([first.status, first.headers.get('ratelimit'), first.headers.get('ratelimit-policy')]).toEqual([202, '"requests";r=29;t=1', '"requests";q=30;w=30']);
  // A refused request counts, too.
  const forbidden = await call(one, 'GET', '/audit');
  expect([forbidden.status, forbidden.headers.get('ratelimit')]).toEqual([403, expect.stringMatching(/^"requests";r=2[89];t=[12]$/)]);
  const answers = await Promise.all(Array.from({ length: 60 }, () => call(one, 'GET', '/jobs?limit=1')));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(20);
  expect(answers.filter(({ status }) => status === 200).length + refused.length).toBe(60);
  const [{ headers, body } = answers[0] as Answer<Problem>] = refused;
  expect(body).toMatchObject({ type: '/problems/rate-limited', exceeded: { signal: 'requests', limit: 30 } });
  expect(body.detail).toMatch(/^expected at most 1 requests a second \(REQUESTS_PER_SECOND\), and 30 at once \(REQUESTS_BURST\) of key:[a-z2-7]{16}, got more/);
  expect(headers.get('retry-after')).toBe(String(body.exceeded?.retryAfterSeconds));
  expect(headers.get('ratelimit')).toMatch(/^"requests";r=0;t=(29|30)$/);
  expect((await call(other, 'GET', '/jobs?limit=1')).status).toBe(200);
  // Some may have a right to come again meanwhile.
  const upgrades = await Promise.all(Array.from({ length: 10 }, () => upgraded(one)));
  expect(upgrades).toContainEqual([429, '1']);
});

test('a key with a limit of its own is held to that one, and one without any sends as much as it likes', async () => {
  const made = async (requestsPerSecond: unknown) =>
    call<Made>(bootstrap.text, 'POST', '/keys', { name: 'for a test', scopes: ['jobs:read'], requestsPerSecond });
  const [slow, free] = [(await made(2)).body.key, (await made(0)).body.key];
  const statuses = (answers: Answer<Problem>[]) => new Set(answers.map(({ status }) => status));
  const ofSlow = await Promise.all(Array.from({ length: 20 }, () => call(slow, 'GET', '/session')));
  expect(statuses(ofSlow)).toEqual(new Set([200, 429]));
  const refused = ofSlow.find(({ status }) => status === 429);
  expect(refused?.headers.get('ratelimit-policy')).toBe('"requests";q=4;w=2');
  expect(refused?.body.detail).toContain('expected at most 2 requests a second (requestsPerSecond of the key), and 4 at once of key:');
  const ofFree = await Promise.all(Array.from({ length: 60 }, () => call(free, 'GET', '/session')));
  expect([statuses(ofFree), ofFree[0]?.headers.get('ratelimit')]).toEqual([new Set([200]), null]);
  const wrong = await made('many');
  expect([wrong.status, (wrong.body as unknown as { errors: unknown[] }).errors]).toEqual([
    422,
    [{ pointer: '/requestsPerSecond', detail: 'must be a whole number from 0 (no limit) to 1000000, got: "many"' }],
  ]);
});

/** The status of the answer to a handshake that is refused, and its `Retry-After`. */
function upgraded(key: string): Promise<[number | undefined, string | undefined]> {
  const socket = new WebSocket(`${stack.api.url.replace('http', 'ws')}/ws`, { headers: { authorization: `Bearer ${key}` } });
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => resolve([response.statusCode, response.headers['retry-after']]));
    socket.on('error', () => undefined);
  });
}

test('a client that tries keys is slowed, in sessions too, and neither other clients nor keys that are known are', async () => {
  const known = await makeKey(['jobs:read']);
  expect((await call(known, 'GET', '/jobs?limit=1', undefined, '198.51.100.1')).status).toBe(200);
  const late = await makeKey(['jobs:read']);
  for (let i = 0; i < 4; i++) expect((await guess('198.51.100.1')).status).toBe(401);
  const session = await stack.api.call<Problem>('POST', '/session', { key: newApiKey().text }, { 'x-forwarded-for': '198.51.100.1' });
  expect(session.status).toBe(401);
  const { status, headers, body } = await guess('198.51.100.1');
  expect([status, body.exceeded?.signal, Number(headers.get('retry-after')) > 5]).toEqual([429, 'failed_sign_ins', true]);
  const again = await stack.api.call<Problem>('POST', '/session', { key: newApiKey().text }, { 'x-forwarded-for': '198.51.100.1' });
  expect([again.status, again.headers.get('retry-after')]).toEqual([429, String(again.body.exceeded?.retryAfterSeconds)]);
  expect((await call(late, 'GET', '/jobs?limit=1', undefined, '198.51.100.1')).status).toBe(429);
  expect((await call(known, 'GET', '/jobs?limit=1', undefined, '198.51.100.1')).status).toBe(200);
  expect((await call(late, 'GET', '/jobs?limit=1', undefined, '198.51.100.2')).status).toBe(200);
  // What stands before the address that the proxy has seen is the caller's own text.
  expect((await guess('203.0.113.1, 198.51.100.1')).status).toBe(429);
});

test('the audit has the address that the proxy has seen, and refusals are counted by their reason', async () => {
  await call(bootstrap.text, 'POST', '/kinds/debug.fail/pause', {}, '2001:db8:1:2:3::4');
  await call(bootstrap.text, 'POST', '/kinds/debug.fail/resume', {});
  const { items } = (await call<{ items: { ip: string }[] }>(bootstrap.text, 'GET', '/audit?action=pauseKind')).body;
  expect(items[0]?.ip).toBe('2001:db8:1:2::/64');
  const metrics = await fetch(`${stack.api.url}/metrics`, { headers: { authorization: `Bearer ${bootstrap.text}` } });
  expect(await metrics.text()).toMatch(/longhaul_turned_away_total\{reason="rate_limited"\} [1-9]/);
});

test('without TRUST_PROXY the header is not read', async () => {
  const { TRUST_PROXY, ...env } = stack.env;
  expect(TRUST_PROXY).toBe('127.0.0.1');
  const app = await spawnApp('gateway', env);
  const api = new Api(app.url);
  const guessed = async (client: string) =>
    (await api.call('GET', '/session', undefined, { authorization: `Bearer ${newApiKey().text}`, 'x-forwarded-for': client })).status;
  for (let i = 0; i < 5; i++) expect(await guessed(`192.0.2.${i}`)).toBe(401);
  expect(await guessed('192.0.2.99')).toBe(429);
  await app.stop();
});

test.each([{ TRUST_PROXY: 'true' }, { AUTH: 'off' }])('a gateway with %j does not start, and says why in one line', async (wrong) => {
  const app = await spawnApp('gateway', { ...stack.env, ...wrong }, { waitUntilReady: false });
  expect((await app.exited).code).toBe(1);
  expect(app.logs().filter((line) => /expected (TRUST_PROXY|REQUESTS_PER_SECOND) to be /.test(line))).toHaveLength(1);
});
