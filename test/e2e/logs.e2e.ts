// Ring 2: .ci/run runs this file.
import { randomBytes } from 'node:crypto';
import { connect } from 'amqplib';
import { canary, describeWithBroker, freePort, newKey, rawHttp, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';

const REDACTED = [
  ...['payload.value', 'payload.message', 'payload.text', 'payload.key', 'result.value'],
  ...['headers.x-longhaul-unique-keep', 'headers.x-user', 'tags', 'idempotencyKey'],
];

describeWithBroker('the logs of gateway, worker and isolated processes', () => {
  let stack: Stack;
  /** Each has stood somewhere that a log could quote. */
  const words: string[] = [];
  const hidden = (word = canary()): string => {
    words.push(word);
    return word;
  };
  /** Of all processes that this file has started. */
  const lines = (): string[] => [stack.gateway, ...stack.workers, ...others].flatMap((app) => app.logs());
  const others: Awaited<ReturnType<typeof spawnApp>>[] = [];
  let key: string;
  let as: Record<string, string>;

  beforeAll(async () => {
    const env = {
      AUTH: 'on',
      LOG_LEVEL: 'debug',
      LOG_REDACT: REDACTED.join(','),
      AMQP_PRODUCERS: 'guest=acme',
      WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
      WEBHOOK_SCHEDULE: '100ms,1h',
      WEBHOOK_SECRET: hidden(`whsec_${Buffer.from(canary()).toString('base64')}`),
      LONGHAUL_SECRET_KEYS: `first:${hidden(randomBytes(32).toString('base64'))}`,
      PARTNER_API_KEY: hidden(),
    };
    stack = await startStack({ mode: 'distributed', env });
    key = hidden(await newKey(stack.env, '--admin', '--name', 'admin'));
    as = { authorization: `Bearer ${key}` };
  });
  afterAll(() => stack.stop());

  test('have nothing of the redacted fields of jobs that log, fail, crash and are told of', async () => {
    const file = `/hooks/${hidden()}?token=${hidden()}`;
    const callbackUrl = `http://127.0.0.1:${String(await freePort())}${file}`;
    const jobs = [
      ['debug.echo', { value: { rows: [{ card: hidden() }] } }, 'succeeded'],
      ['debug.fail', { message: `it has ${hidden()} "quoted"\n and on`, times: 9 }, 'failed'],
      ['debug.fail', { message: hidden('4111111111111111'), retryable: false }, 'failed'],
      ['debug.log', { lines: 2, text: hidden() }, 'succeeded'],
      ['debug.isolated', { do: 'say', key: hidden() }, 'failed'],
    ] as const;
    for (const [kind, payload, state] of jobs) {
      const options = { tags: [hidden()], maxAttempts: 2, ...(kind === 'debug.echo' ? { callbackUrl } : {}) };
      const { status, body } = await stack.api.call('POST', '/jobs', { kind, payload, options }, { ...as, 'idempotency-key': hidden(), 'x-user': hidden() });
      expect([status, body]).toEqual([202, expect.anything()]);
      await waitFor(`${kind} to be ${state}`, async () => (await stack.api.call('GET', `/jobs/${body.id}`, undefined, as)).body.state === state);
    }
    await waitFor('the webhook to have failed', () => lines().some((line) => line.includes('/hooks/[redacted]')));
    expect(lines().filter((line) => line.includes('an attempt failed')).length).toBeGreaterThan(3);
    expect(lines().some((line) => line.includes('"line 1: [redacted]"') && line.includes('"said":["[redacted]"]'))).toBe(true);
    expect(lines().some((line) => line.includes('says [redacted]') && line.includes('"app":"isolated"'))).toBe(true);
    // Its standard error is the worker's.
    expect(lines()).toContain('[redacted]');
  });

  test('have nothing of requests and messages that are refused', async () => {
    const wrong: [string, string, unknown, Record<string, string>][] = [
      ['POST', '/jobs', `{"kind":"debug.echo","payload":{"value":"${hidden()}`, as],
      ['POST', '/jobs', { kind: hidden(), payload: { value: hidden() } }, as],
      ['POST', '/jobs', { kind: 'debug.echo', payload: {}, options: { callbackUrl: `http://u:${hidden()}@127.0.0.1/` } }, as],
      ['GET', `/jobs?access_token=${hidden()}&tag=${hidden()}`, undefined, as],
      ['GET', '/jobs', undefined, { authorization: `Bearer ${hidden(`lh_${'a'.repeat(16)}_${'b'.repeat(52)}00000000`)}` }],
      ['GET', '/jobs', undefined, { authorization: `Bearer ${hidden(`eyJhbGciOiJub25lIn0.${Buffer.from(canary()).toString('base64url')}.x`)}` }],
      ['GET', '/jobs', undefined, { authorization: `Basic ${hidden(Buffer.from(`u:${canary()}`).toString('base64'))}` }],
      ['GET', '/jobs', undefined, { cookie: `__Host-lh=${hidden()}` }],
      ['POST', '/session', { key: hidden() }, {}],
      ['POST', '/keys', { name: hidden(), scopes: [hidden()] }, as],
      ['PUT', '/schedules/x', { kind: 'debug.fail', payload: { message: hidden() }, spec: { every: hidden() } }, as],
    ];
    for (const [method, path, body, headers] of wrong) {
      const answer = await stack.api.call(method, path, body, headers);
      expect([path, answer.status < 500]).toEqual([path, true]);
    }
    await rawHttp(stack.api.url, Buffer.from(`GET /${hidden()} HTTP/1.1\r\nHost: ${hidden()}\r\nX: ${hidden()}\rb\r\n\r\n`));
    const connection = await connect(stack.amqpUrl);
    const channel = await connection.createConfirmChannel();
    const send = async (kind: string, content: string, properties: object) => {
      channel.publish('longhaul.submit', kind, Buffer.from(content), { contentType: 'application/json', messageId: hidden(), userId: 'guest', ...properties });
      await channel.waitForConfirms();
    };
    await send('debug.echo', JSON.stringify({ value: hidden() }), { headers: { 'x-longhaul-unique-key': 'k', 'x-longhaul-unique-keep': hidden() } });
    await send('debug.echo', `{"value":${hidden()}}`, {});
    await send('no.such.kind', JSON.stringify({ value: hidden() }), { messageId: hidden() });
    await waitFor('three messages to be refused', () => lines().filter((line) => line.includes('a message was refused')).length === 3);
    await connection.close();
    expect(lines().some((line) => line.includes('"detail":"the message is no JSON"'))).toBe(true);
    expect(lines().some((line) => line.includes('unique-keep to be one of oldest, newest, got: \\"[redacted]'))).toBe(true);
  });

  test('have nothing of secrets that are made, rotated and used', async () => {
    const call = async <Body>(method: string, path: string, body?: unknown): Promise<Body> => (await stack.api.call<Body>(method, path, body, as)).body;
    const made = await call<{ id: string; key: string }>('POST', '/keys', { name: 'a program', scopes: ['jobs:read'] });
    hidden(made.key);
    hidden((await call<{ key: string }>('POST', `/keys/${made.id}/rotate`, {})).key);
    const endpoint = await call<{ id: string; secret: string }>('POST', '/webhooks/endpoints', { url: `http://127.0.0.1:1/${hidden()}?key=${hidden()}` });
    hidden(endpoint.secret);
    hidden((await call<{ secret: string }>('POST', `/webhooks/endpoints/${endpoint.id}/rotate-secret`, {})).secret);
    expect(words.slice(-5).every((word) => word.length > 20)).toBe(true);
    const session = await stack.api.call('POST', '/session', { key: made.key });
    hidden(/__Host-lh=([^;]+)/.exec(session.headers.get('set-cookie') ?? '')?.[1]);
    expect(session.status).toBeLessThan(300);
  });

  test('have no password of PostgreSQL or RabbitMQ, however wrong its URL is, and whatever becomes of the connection', async () => {
    const wrong: [string, Record<string, string>][] = [
      ['a refused connection', { DATABASE_URL: `postgres://u:${hidden()}@127.0.0.1:1/x` }],
      ['no port', { DATABASE_URL: `postgres://u:${hidden()}@127.0.0.1:port/x` }],
      ['a slash in it', { AMQP_URL: `amqp://u:${hidden()}/x@127.0.0.1:5672` }],
      ['a wrong password', { AMQP_URL: stack.amqpUrl.replace(/\/\/[^@]*@/, `//guest:${hidden()}@`) }],
      ['a key that is none', { LONGHAUL_SECRET_KEYS: `a:${hidden()}` }],
      ['a secret that is none', { WEBHOOK_SECRET: hidden() }],
      ['a path that is none', { LOG_REDACT: 'body.x' }],
    ];
    for (const [, env] of wrong) others.push(await spawnApp('gateway', { ...stack.env, ...env }, { waitUntilReady: false }));
    await waitFor(
      'each to say what is wrong',
      () => others.every((app) => app.logs().some((line) => /expected|no connection|ACCESS_REFUSED|ECONNREFUSED/.test(line))),
      {
        timeoutMs: 90_000,
      },
    );
    await stack.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()');
    await waitFor('the gateway to be well', async () => (await stack.api.call('GET', '/health/ready')).status === 200);
    for (const app of others) app.kill('SIGTERM');
    await Promise.all(others.map(({ exited }) => exited));
  });

  test('show none of those words, in any spelling', () => {
    const all = lines();
    expect(all.length).toBeGreaterThan(50);
    for (const word of words) {
      for (const spelling of new Set([word, encodeURIComponent(word), JSON.stringify(word).slice(1, -1)])) {
        expect([spelling, all.filter((line) => line.includes(spelling))]).toEqual([spelling, []]);
      }
    }
  });
});
