// Ring 2: .ci/run runs this file.
import WebSocket from 'ws';
import { type App, longhaul, spawnApp, SseReader, type Stack, startStack, waitFor } from '../support/index.js';

interface Made {
  ticket: string;
  url: string;
  expiresAt: string;
}
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe('a ticket for a stream', () => {
  let stack: Stack;
  let other: App;
  let admin: string;
  beforeAll(async () => {
    stack = await startStack({ mode: 'single-process', env: { AUTH: 'on', LOG_LEVEL: 'debug', PUBLIC_URL: 'http://127.0.0.1/longhaul' } });
    other = await spawnApp('gateway', stack.env);
    admin = (await longhaul(['keys', 'create', '--name', 'the operator', '--admin'], stack.env)).out.trim();
  }, 240_000);
  afterAll(async () => {
    await other.stop();
    await stack.stop();
  });

  const keyOf = async (scopes: string[], more: object = {}): Promise<{ id: string; key: string }> =>
    (await stack.api.call<{ id: string; key: string }>('POST', '/keys', { name: 'a page', scopes, ...more }, bearer(admin))).body;
  const ask = (key: string, url: unknown) => stack.api.call<Made>('POST', '/events/tickets', { url }, bearer(key));
  const ticketOf = async (key: string, url: string): Promise<string> => {
    const { status, body } = await ask(key, url);
    expect(status).toBe(201);
    return body.url;
  };
  const open = (url: string, at: App = other) => SseReader.open(at.url + url);
  const submit = async (key = admin) =>
    (await stack.api.call<{ id: string }>('POST', '/jobs', { kind: 'debug.echo', payload: { value: 1 } }, bearer(key))).body.id;
  const statusOf = async (url: string, at?: App): Promise<number> => {
    const reader = await open(url, at);
    reader.close();
    return reader.status;
  };

  test('opens it without a header, at any gateway, once', async () => {
    const { key } = await keyOf(['events:read', 'jobs:submit']);
    const url = await ticketOf(key, '/jobs/events?kind=debug.echo');
    const reader = await open(`/longhaul${url}`);
    expect(reader.status).toBe(200);
    const id = await submit(key);
    await waitFor('the events of the job', () => reader.events.some(({ data }) => data.job === id));
    expect(await statusOf(url, stack.gateway)).toBe(401);
    expect(await statusOf(url)).toBe(401);
    reader.close();
  });

  test('is for that stream alone, and for no other filter', async () => {
    const { key } = await keyOf(['events:read']);
    const url = await ticketOf(key, '/jobs/events?kind=debug.echo');
    for (const wrong of [
      url.replace('debug.echo', 'debug.log'),
      url.replace('kind=debug.echo&', ''),
      `${url}&tag=x`,
      url.replace('/jobs/events', '/stats/stream'),
      url.replace('/jobs/events', '/jobs'),
    ])
      expect([wrong, (await stack.api.call('GET', wrong)).status]).toEqual([wrong, 401]);
    expect(await statusOf(`${url}&lastEventId=${String(Date.now())}`)).toBe(200);
  });

  test('opens a WebSocket, with the rights of who has asked for it', async () => {
    const { key } = await keyOf(['events:read'], { tenant: 'acme' });
    const url = await ticketOf(key, '/ws');
    const socket = new WebSocket(`${other.url.replace('http', 'ws')}${url}`);
    const frames: { event: string; data: Record<string, unknown> }[] = [];
    socket.on('message', (text: Buffer) => frames.push(JSON.parse(text.toString()) as (typeof frames)[number]));
    await waitFor('the connection', () => socket.readyState === WebSocket.OPEN);
    const id = await submit();
    socket.send(JSON.stringify({ event: 'subscribe', data: { job: id } }));
    // A job of another tenant.
    await waitFor('the refusal', () => frames.some(({ event, data }) => event === 'error' && data['type'] === '/problems/not-found'));
    socket.close();
    const again = new WebSocket(`${other.url.replace('http', 'ws')}${url}`);
    const refused = await new Promise<number | undefined>((resolve) =>
      again.on('unexpected-response', (_, { statusCode }) => resolve(statusCode)).on('error', () => undefined),
    );
    expect(refused).toBe(401);
  });

  test('ends after 30 seconds, and with its key', async () => {
    const { id, key } = await keyOf(['events:read']);
    const late = await ask(key, '/jobs/events?kind=debug.echo');
    expect(Date.parse(late.body.expiresAt) - Date.now()).toBeLessThanOrEqual(31_000);
    await stack.query(`UPDATE stream_tickets SET expires_at = now() - interval '1 second'`);
    expect(await statusOf(late.body.url)).toBe(401);
    const unused = await ticketOf(key, '/jobs/events?kind=debug.echo');
    const reader = await open(await ticketOf(key, '/jobs/events?kind=debug.log'));
    expect((await stack.api.call('DELETE', `/keys/${id}`, undefined, bearer(admin))).status).toBe(200);
    await reader.ended;
    await waitFor('the revocation at both', async () => (await fetch(`${other.url}/session`, { headers: bearer(key) })).status === 401);
    expect(await statusOf(unused)).toBe(401);
    // What is over is removed with the next.
    await ask(admin, '/jobs/events');
    expect(await stack.query('SELECT 1 FROM stream_tickets WHERE expires_at < now()')).toEqual([]);
  });

  test('is refused to who may not open the stream, by a body that says why', async () => {
    const poor = await keyOf(['events:read']);
    for (const [key, url, status] of [
      [poor.key, '/stats/stream', 403],
      [(await keyOf(['events:read', 'queues:read'], { tenant: 'acme' })).key, '/stats/stream', 403],
      [(await keyOf(['jobs:read'])).key, '/jobs/events', 403],
      [poor.key, '/jobs', 422],
      [poor.key, 'https://example.org/jobs/events', 422],
      [poor.key, 7, 422],
    ] as const)
      expect([url, (await ask(key, url)).status]).toEqual([url, status]);
    expect((await stack.api.call('POST', '/events/tickets', { url: '/jobs/events' })).status).toBe(401);
  });

  test('is of no use to who reads the database or the log', async () => {
    const { key } = await keyOf(['events:read']);
    const { body } = await ask(key, '/jobs/events?kind=debug.echo');
    const [row] = await stack.query<{ all: string }>(
      `SELECT string_agg(encode(hash, 'escape') || encode(sealed, 'escape') || target, '') AS all FROM stream_tickets`,
    );
    expect(row?.all).toContain('/jobs/events');
    for (const secret of [body.ticket, key, key.slice(4, 20)]) expect(row?.all).not.toContain(secret);
    await statusOf(body.url, stack.gateway);
    for (const { logs } of [stack.gateway, other]) expect(logs().join('\n')).not.toContain(body.ticket);
  });
});

test('where AUTH is off a ticket is given and not looked at, so that a page is the same', async () => {
  const stack = await startStack({ mode: 'single-process' });
  const { body, status } = await stack.api.call<Made>('POST', '/events/tickets', { url: '/jobs/events?kind=debug.echo' });
  expect([status, body.url]).toEqual([201, `/jobs/events?kind=debug.echo&ticket=${body.ticket}`]);
  const reader = await SseReader.open(stack.gateway.url + body.url);
  expect(reader.status).toBe(200);
  reader.close();
  await stack.stop();
});
