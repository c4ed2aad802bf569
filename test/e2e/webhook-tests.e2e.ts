// Ring 2: .ci/run runs this file.
import { createServer, type AddressInfo, type Server } from 'node:net';
import { newKey, type Stack, startStack, waitFor, type WebhookReceiver, webhookReceiver } from '../support/index.js';

interface Endpoint {
  id: string;
  secret: string;
  enabled: boolean;
}

interface Tested {
  delivered: boolean;
  reason: string | null;
  webhookId: string;
  attempt: { url: string; status?: number; error?: string; durationMs: number; answer?: { contentType: string; body: string } };
  body: string;
}

interface Entry {
  action: string;
  target: string;
  detail: { reason?: string; after?: { delivered: boolean; reason: string | null } };
}

const TIMEOUT_SECONDS = 1;

describe('a test of a webhook endpoint', () => {
  let stack: Stack;
  let receiver: WebhookReceiver;
  let admin: string;
  beforeAll(async () => {
    receiver = await webhookReceiver();
    const env = { AUTH: 'on', WEBHOOK_ALLOW_HOSTS: '127.0.0.1,nowhere.invalid', WEBHOOK_TIMEOUT_SECONDS: String(TIMEOUT_SECONDS), WEBHOOK_SCHEDULE: '200ms' };
    stack = await startStack({ mode: 'single-process', env });
    admin = await newKey(stack.env, '--name', 'ada', '--admin');
  });
  afterEach(() => {
    receiver.answer = (response) => response.writeHead(204).end();
    receiver.received.length = 0;
  });
  afterAll(async () => {
    await stack.stop();
    await receiver.close();
  });

  const as = <Body>(key: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    stack.api.call<Body>(method, path, body, { authorization: `Bearer ${key}`, ...headers });
  const ask = <Body>(method: string, path: string, body?: unknown) => as<Body>(admin, method, path, body);

  async function endpoint(url: string, more: object = {}): Promise<Endpoint> {
    const { status, body } = await ask<Endpoint>('POST', '/webhooks/endpoints', { url, ...more });
    expect([status, body]).toEqual([201, expect.objectContaining({ id: expect.any(String) })]);
    receiver.secrets.push(body.secret);
    return body;
  }

  async function tested({ id }: Endpoint): Promise<Tested> {
    const { status, body } = await ask<Tested>('POST', `/webhooks/endpoints/${id}/test`);
    expect([id, status]).toEqual([id, 200]);
    return body;
  }

  test('sends one signed event that tells of no job, and says what the receiver answered and how long it took', async () => {
    receiver.answer = (response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('thanks');
    const one = await endpoint(`${receiver.url}/good`, { events: ['job.failed'], kinds: ['report.*'] });
    const test = await tested(one);
    expect(test).toMatchObject({ delivered: true, reason: null, attempt: { url: `${receiver.url}/good`, status: 200, answer: { contentType: 'text/plain', body: 'thanks' } } }); // prettier-ignore
    expect(test.attempt.durationMs).toBeGreaterThanOrEqual(0);
    expect(receiver.received).toMatchObject([{ id: test.webhookId, path: '/good', verifiedBy: [one.secret], body: { type: 'webhook.test', data: { endpoint: one.id } } }]); // prettier-ignore
    expect(receiver.received.map(({ body }) => body)).toEqual([JSON.parse(test.body)]);
  });

  test('goes to a disabled endpoint too, is never sent again, is on no list, and disables nothing by an answer of 410', async () => {
    receiver.answer = (response) => response.writeHead(410).end();
    const one = await endpoint(`${receiver.url}/gone`);
    expect(await tested(one)).toMatchObject({ delivered: false, reason: 'status', attempt: { status: 410 } });
    expect((await ask<Endpoint>('GET', `/webhooks/endpoints/${one.id}`)).body.enabled).toBe(true);
    await ask('PATCH', `/webhooks/endpoints/${one.id}`, { enabled: false });
    receiver.answer = (response) => response.writeHead(503).end('not now');
    expect(await tested(one)).toMatchObject({ delivered: false, reason: 'status', attempt: { status: 503, answer: { body: 'not now' } } });
    expect((await ask<{ items: unknown[] }>('GET', `/webhooks/deliveries?endpoint=${one.id}`)).body.items).toEqual([]);
    // A job that ends afterwards is told of; had the tests been retried (after 200 ms), they would have come before.
    await ask('PATCH', `/webhooks/endpoints/${one.id}`, { enabled: true });
    receiver.answer = (response) => response.writeHead(204).end();
    const { id } = (await ask<{ id: string }>('POST', '/jobs', { kind: 'debug.sleep', payload: { ms: 500 } })).body;
    await waitFor('the job to be told of', () => receiver.of(id).length > 0);
    expect(receiver.received.filter(({ body }) => body.type === 'webhook.test')).toHaveLength(2);
  });

  test('says in words why there was no answer: DNS, TLS, nothing that listens, a connection that breaks, time that is over', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1');
    const breaking = createServer((socket) => socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1');
    try {
      const at = (server: Server) => `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
      await waitFor('the servers', () => [silent, breaking].every((server) => server.listening));
      const cases: [url: string, reason: string, words: RegExp][] = [
        ['http://nowhere.invalid/', 'name_unknown', /^the name of the host leads to no address/],
        [receiver.url.replace('http:', 'https:'), 'not_trusted', /^no TLS connection came about/],
        ['http://127.0.0.1:1/', 'connection', /^nothing listens at its port/],
        [`http://${at(breaking)}/`, 'connection', /^the connection broke before an answer/],
        [`http://${at(silent)}/`, 'timeout', /^expected an answer within 1000 ms, got none/],
      ];
      for (const [url, reason, words] of cases) {
        expect([url, await tested(await endpoint(url))]).toEqual([
          url,
          expect.objectContaining({ delivered: false, reason, attempt: expect.objectContaining({ error: expect.stringMatching(words) }) }),
        ]);
      }
    } finally {
      await Promise.all([silent, breaking].map((server) => new Promise((closed) => server.close(closed))));
    }
  });

  test('an address that is not allowed any more is refused before anything is sent, and the answer names no address of the inner network', async () => {
    const one = await endpoint(`${receiver.url}/inner`);
    // As after a restart with stricter settings: what is stored is judged again.
    await stack.query(`UPDATE webhook_endpoints SET url = $2 WHERE id = $1`, [one.id, receiver.url.replace('127.0.0.1', 'localhost')]);
    const test = await tested(one);
    expect(test).toMatchObject({ delivered: false, reason: 'address_refused', attempt: { error: expect.stringContaining('WEBHOOK_ALLOW_HOSTS') } });
    expect(JSON.stringify(test)).not.toMatch(/127\.0\.0\.1|::1/);
    expect(receiver.received).toEqual([]);
  });

  test('two of one endpoint at once are refused, whoever asks', async () => {
    let answer: () => void = () => undefined;
    receiver.answer = (response) => (answer = () => response.writeHead(204).end());
    const one = await endpoint(`${receiver.url}/slow`);
    const first = tested(one);
    await waitFor('the first to be under way', () => receiver.received.length === 1);
    const second = await ask<{ detail: string }>('POST', `/webhooks/endpoints/${one.id}/test`);
    expect([second.status, second.body.detail]).toEqual([409, expect.stringContaining('under way')]);
    answer();
    expect((await first).delivered).toBe(true);
  });

  test('needs webhooks:write, is in the audit with its reason and what came of it, and is nothing that a caller of another tenant can do', async () => {
    const one = await endpoint(`${receiver.url}/rights`);
    const path = `/webhooks/endpoints/${one.id}/test`;
    const [reads, other] = await Promise.all([
      newKey(stack.env, '--name', 'looks', '--all-tenants', '--scope', 'webhooks:read'),
      newKey(stack.env, '--name', 'other', '--tenant', 'other', '--scope', 'webhooks:write'),
    ]);
    expect((await as(reads, 'POST', path)).status).toBe(403);
    expect((await as(other, 'POST', path)).status).toBe(404);
    expect(receiver.received).toEqual([]);
    expect((await as(admin, 'POST', path, undefined, { 'act-reason': 'a%20new%20receiver' })).status).toBe(200);
    const { items } = (await ask<{ items: Entry[] }>('GET', `/audit?action=testWebhookEndpoint&target=${path}`)).body;
    expect(items).toMatchObject([{ target: path, detail: { reason: 'a new receiver', after: { delivered: true, reason: null } } }]);
  });
});
