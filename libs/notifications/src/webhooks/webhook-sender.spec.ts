import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { addressPolicy } from '@app/sdk';
import { newWebhookSecret } from './webhook-secret.js';
import { WebhookSender } from './webhook-sender.js';

const DELIVERY = { webhookId: 'msg_1', body: '{"type":"job.succeeded"}' };
const CLOSED = addressPolicy({}, 'WEBHOOK');
const OPEN = addressPolicy({ WEBHOOK_ALLOW_HOSTS: '127.0.0.1' }, 'WEBHOOK');

let server: Server;
let sender: WebhookSender;
let requests: IncomingMessage[];
let connections: number;
let port: number;

async function serve(answer: RequestListener): Promise<void> {
  server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
}

type Resolver = ConstructorParameters<typeof WebhookSender>[1];

function send(
  url: string,
  { policy = OPEN, timeoutMs = 5_000, resolve = undefined as Resolver, signal = new AbortController().signal, requireHttps = false } = {},
) {
  sender = new WebhookSender({ policy, requireHttps, timeoutMs }, resolve);
  return sender.send(url, DELIVERY, [newWebhookSecret()], signal);
}

beforeEach(() => {
  requests = [];
  connections = 0;
});
afterEach(async () => {
  await sender.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('sending a webhook', () => {
  it('to a name that resolves to an inner address never leaves', async () => {
    await serve((_, response) => response.end());
    const { outcome, attempt } = await send(`http://localhost:${port}/`, { policy: CLOSED });
    expect([outcome, attempt.error]).toEqual(['refused', expect.stringContaining('WEBHOOK_ALLOW_HOSTS')]);
    expect(connections).toBe(0);
  });

  it('resolves the name once, checks what came and connects to that: there is no second look that could find another address', async () => {
    await serve((_, response) => response.end());
    let lookups = 0;
    const resolve: Resolver = (_, __, callback) => {
      lookups++;
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    };
    const allowed = addressPolicy({ WEBHOOK_ALLOW_HOSTS: 'rebinding.example' }, 'WEBHOOK');
    expect((await send(`http://rebinding.example:${port}/`, { policy: allowed, resolve })).outcome).toBe('delivered');
    expect([lookups, connections]).toEqual([1, 1]);
    await sender.close();
    expect((await send(`http://rebinding.example:${port}/`, { policy: CLOSED, resolve })).outcome).toBe('refused');
    expect([lookups, connections]).toEqual([2, 1]);
  });

  it.each(['127.0.0.1', '[::ffff:127.0.0.1]', '2130706433', '0177.0.0.1', '0x7f.1', '127.1'])('to %s never leaves', async (host) => {
    await serve((_, response) => response.end());
    expect((await send(`http://${host}:${port}/`, { policy: CLOSED })).outcome).toBe('refused');
    expect(connections).toBe(0);
  });

  it('by http never leaves where https is required', async () => {
    await serve((_, response) => response.end());
    expect((await send(`http://127.0.0.1:${port}/`, { requireHttps: true })).outcome).toBe('refused');
    expect(connections).toBe(0);
  });

  it('does not follow a redirect', async () => {
    await serve((_, response) => response.writeHead(307, { location: '/elsewhere' }).end());
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ outcome: 'failed', attempt: { status: 307 } });
    expect(requests.map(({ url }) => url)).toEqual(['/']);
  });

  it('gives up when no answer comes in time', async () => {
    await serve(() => undefined);
    expect(await send(`http://127.0.0.1:${port}/`, { timeoutMs: 50 })).toMatchObject({
      outcome: 'failed',
      attempt: { error: 'expected an answer within 50 ms, got none' },
    });
  });

  it('keeps the beginning of an answer that never ends, as the database can store it', async () => {
    await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write(`\u0000${'x'.repeat(100_000)}`);
    });
    const { outcome, attempt } = await send(`http://127.0.0.1:${port}/`);
    expect(outcome).toBe('delivered');
    expect(attempt.answer?.body).toMatch(/^\ufffdx{1,2000}$/);
  });

  it.each<[string, (text: string) => Buffer]>([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['gzip, br', (text) => brotliCompressSync(gzipSync(text))],
    ['identity', (text) => Buffer.from(text)],
  ])('keeps an error answer that is %s-coded as text (C29)', async (coding, encode) => {
    await serve((_, response) => response.writeHead(500, { 'content-encoding': coding, 'content-type': 'text/plain' }).end(encode('out of order')));
    expect((await send(`http://127.0.0.1:${port}/`)).attempt.answer?.body).toBe('out of order');
  });

  it('keeps the beginning alone of an answer that is small when coded and large when not (C29)', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000, 'x'));
    await serve((_, response) => response.writeHead(500, { 'content-encoding': 'gzip' }).end(bomb));
    expect((await send(`http://127.0.0.1:${port}/`)).attempt.answer?.body).toBe('x'.repeat(2_000));
  });

  it.each(['zstd', 'gzip', 'gzip, gzip, gzip, gzip'])('says that an answer is not what its coding %s says (C29)', async (coding) => {
    await serve((_, response) => response.writeHead(500, { 'content-encoding': coding }).end(Buffer.from([1, 2, 3, 0])));
    expect((await send(`http://127.0.0.1:${port}/`)).attempt.answer?.body).toMatch(/^[(]4 bytes, /);
  });

  it('to a host that is allowed on one port leaves on that port alone (E1)', async () => {
    await serve((_, response) => response.end());
    const policy = addressPolicy({ WEBHOOK_ALLOW_HOSTS: `localhost:${port},127.0.0.1:${port}` }, 'WEBHOOK');
    const resolve: Resolver = (_, __, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);
    for (const host of ['localhost', '127.0.0.1', 'localhost.']) {
      expect((await send(`http://${host}:${port}/`, { policy, resolve })).outcome).toBe('delivered');
      await sender.close();
    }
    for (const host of ['localhost', '127.0.0.1']) expect((await send(`http://${host}:${port + 1}/`, { policy, resolve })).outcome).toBe('refused');
  });

  it('is broken off with the reason of its signal', async () => {
    const stop = new AbortController();
    await serve(() => stop.abort(new Error('drain')));
    await expect(send(`http://127.0.0.1:${port}/`, { signal: stop.signal })).rejects.toThrow('drain');
  });

  it.each([
    [410, {}, { outcome: 'gone' }],
    [503, { 'retry-after': '7' }, { outcome: 'failed', retryAfterMs: 7_000 }],
    [503, { 'retry-after': '40.5' }, { outcome: 'failed', retryAfterMs: 40_500 }],
    [503, { 'retry-after': '-40' }, { outcome: 'failed' }],
    [404, {}, { outcome: 'failed' }],
    [204, {}, { outcome: 'delivered' }],
  ])('takes the status %i %j for %j', async (status, headers, expected) => {
    await serve((_, response) => response.writeHead(status, headers).end());
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject(expected);
  });
});
