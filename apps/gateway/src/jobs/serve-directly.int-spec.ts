import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, Environment, kindsOf, PrometheusMetrics, Store } from '@app/host';
import { notificationsConfig, ownKinds } from '@app/notifications';
import { JobHandler } from '@app/sdk';
import { storageConfig } from '@app/storage';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import fc from 'fast-check';
import { fuzzing, hostileText, someBody } from '../../../../test/support/fuzz.js';
import { freshDatabase, rawHttp, type RawAnswer } from '../../../../test/support/index.js';
import { gatewayConfig } from '../gateway.config.js';
import { httpApp } from '../http-app.js';

class EchoPayload {
  @IsOptional() value?: unknown;
  @IsOptional() @IsString() @MaxLength(50) message?: string;
  @IsOptional() @IsInt() @Min(0) @Max(10) times?: number;
}

@JobHandler({ kind: 'debug.echo', payload: EchoPayload })
class EchoJob {
  run({ value }: EchoPayload): Promise<{ value: unknown }> {
    return Promise.resolve({ value });
  }
}

interface Message {
  message: string;
}

/** Validates asynchronously. */
const slowSchema = {
  '~standard': {
    version: 1 as const,
    vendor: 'test',
    validate: async (value: unknown): Promise<{ issues: { message: string }[] } | { value: Message }> => {
      const { message } = (value ?? {}) as Partial<Message>;
      return Promise.resolve(typeof message === 'string' ? { value: { message } } : { issues: [{ message: 'must have a message' }] });
    },
  },
};

@JobHandler({ kind: 'debug.fail', payload: slowSchema })
class FailJob {
  run(): Promise<void> {
    return Promise.reject(new Error('no'));
  }
}

const kinds = [EchoJob, FailJob, ...ownKinds];
const OURS = 'https://app.example.org';

interface Gateway {
  url: string;
  metrics: PrometheusMetrics;
  close: () => Promise<void>;
}

async function gateway(direct: boolean, values: Record<string, string>): Promise<Gateway> {
  const database = await freshDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'longhaul-direct-'));
  // Nothing answers at this address, so that accepted jobs stay as they are.
  const all = { DATABASE_URL: database.url, AMQP_URL: 'amqp://127.0.0.1:1', FILES_DIR: directory, ADMISSION_EVENT_LOOP_MS: '0', ...values };
  const config = gatewayConfig(all);
  const logger = createLogger('test', 'silent');
  const store = await Store.open(config, 'longhaul test', logger);
  const metrics = new PrometheusMetrics(kindsOf(kinds));
  const project = { path: 'longhaul.config.js', jobs: [EchoJob, FailJob], imports: [], providers: [], others: [] };
  const notifications = notificationsConfig(new Environment(all));
  const app = await httpApp({ config, project, kinds, notifications, storage: storageConfig(all), logger, store, metrics }, { direct });
  await store.queues.ensure(['default']);
  await app.listen(0, '127.0.0.1');
  return {
    url: await app.getUrl(),
    metrics,
    close: async () => {
      await app.close();
      await store.close();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** One gateway as it is, and one whose `POST /jobs` goes through Nest's router. */
class Pair {
  private constructor(
    readonly direct: Gateway,
    readonly plain: Gateway,
  ) {}

  static async open(values: Record<string, string>): Promise<Pair> {
    return new Pair(await gateway(true, values), await gateway(false, values));
  }

  /** Sends the same bytes to both, expects the same answer, and gives it. */
  async same(bytes: Buffer): Promise<RawAnswer | undefined> {
    const [direct, plain] = await Promise.all([this.direct, this.plain].map(({ url }) => rawHttp(url, bytes, { end: false })));
    expect(comparable(direct)).toEqual(comparable(plain));
    return direct;
  }

  /** What was counted of requests and submissions. */
  async expectSameCounts(): Promise<void> {
    const counts = async ({ metrics }: Gateway) =>
      (await metrics.text()).split('\n').filter((line) => /^longhaul_(submissions|http_requests|http_request_duration_seconds_count)/.test(line));
    const [direct, plain] = [await counts(this.direct), await counts(this.plain)];
    expect(direct.toSorted()).toEqual(plain.toSorted());
    expect(direct.length).toBeGreaterThan(3);
  }

  async close(): Promise<void> {
    await this.direct.close();
    await this.plain.close();
  }
}

/** An answer without what differs between any two requests: ids and times. */
function comparable(answer: RawAnswer | undefined): unknown {
  if (!answer) return undefined;
  const plain = (text: string) =>
    text
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, '<id>')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>')
      .replaceAll(/^date: .*$/gim, '<date>');
  const headers = [...answer.headers].map(([name, value]) => [
    name,
    name === 'date' || (name === 'retry-after' && answer.status < 300) ? `<${name}>` : plain(value),
  ]);
  return { status: answer.status, headers, body: plain(answer.body.toString('latin1')) };
}

function post(
  body: string | Uint8Array,
  fields: [string, string][] = [['Content-Type', 'application/json']],
  { target = '/jobs', method = 'POST' } = {},
): Buffer {
  const bytes = Buffer.from(body as string);
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    `Content-Length: ${bytes.length}`,
    ...fields.map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}

const JSON_TYPE: [string, string] = ['Content-Type', 'application/json'];
const job = (more: object = {}) => JSON.stringify({ kind: 'debug.echo', payload: { value: 1 }, ...more });
const withHeader = (name: string, value: string, body = job()) => post(body, [JSON_TYPE, [name, value]]);

describe('POST /jobs without the router of Nest', () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await Pair.open({ MAX_BODY_BYTES: '20000', MAX_JSON_MEMBERS: '200', BODY_SECONDS: '1', CORS_ORIGINS: OURS });
  }, 60_000);
  afterAll(async () => {
    await pair.close();
  });

  const accepted: [string, Buffer][] = [
    ['a plain job', post(job())],
    ['white space and another order of members', post('  {"payload" : {"value":1e2,"times": 3} ,\n"kind":"debug.echo"}\n')],
    ['numbers with many digits', post('{"kind":"debug.echo","payload":{"value":[12345678901234567890,1e400,-0]}}')],
    ['every option', post(job({ options: { queue: 'default', priority: 9, delay: '1h', timeout: '1m', maxAttempts: 2, tags: ['a', 'ü'] } }))],
    ['a time to run', post(job({ options: { runAt: new Date(Date.now() + 3_600_000).toISOString() } }))],
    ['a schema that validates asynchronously', post(JSON.stringify({ kind: 'debug.fail', payload: { message: 'm' } }))],
    ['a trace', withHeader('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')],
    ['a trace that is none', withHeader('traceparent', 'x')],
    ['a wait that ends without the end of the job', withHeader('Prefer', 'wait=1')],
    ['a wait of nothing', withHeader('Prefer', 'wait=0, respond-async')],
    ['a wait that cannot be read', withHeader('Prefer', 'wait="')],
    ['a charset', post(job(), [['Content-Type', 'application/json; charset=utf-8']])],
    ['another charset', post(job(), [['Content-Type', 'APPLICATION/JSON;charset="latin1"']])],
    ['identity as its coding', withHeader('Content-Encoding', 'identity')],
    ['Expect: 100-continue', withHeader('Expect', '100-continue')],
    ['an Accept for pages', withHeader('Accept', 'text/html')],
    ['an origin that is let in', withHeader('Origin', OURS)],
    ['a slash at the end of its path', post(job(), [JSON_TYPE], { target: '/jobs/' })],
    ['a query', post(job(), [JSON_TYPE], { target: '/jobs?x=1' })],
    ['a target in absolute form', post(job(), [JSON_TYPE], { target: 'http://localhost/jobs' })],
    [
      'a body in chunks',
      Buffer.from(
        `POST /jobs HTTP/1.1\r\nHost: x.localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${job().length.toString(16)}\r\n${job()}\r\n0\r\n\r\n`,
      ),
    ],
    ['HTTP/1.0', Buffer.from(`POST /jobs HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: ${job().length}\r\n\r\n${job()}`)],
  ];
  test.each(accepted)('accepts %s, with the same answer', async (_, bytes) => {
    expect((await pair.same(bytes))?.status).toBe(202);
  });

  const refused: [string, number, Buffer][] = [
    ['no body', 400, post('')],
    ['no body and no media type', 400, Buffer.from('POST /jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')],
    ['a body without a media type', 415, post(job(), [])],
    ['another media type', 415, post(job(), [['Content-Type', 'text/plain']])],
    ['a form', 415, post('a=1', [['Content-Type', 'application/x-www-form-urlencoded']])],
    ['an upload', 415, post('--x--', [['Content-Type', 'multipart/form-data; boundary=x']])],
    ['a file', 415, post('a,b', [['Content-Type', 'text/csv']])],
    ['a media type that is none', 415, post(job(), [['Content-Type', ';']])],
    ['text that is no JSON', 400, post('{"kind":')],
    ['bytes that are no UTF-8', 400, post(Buffer.from([0x22, 0xc0, 0xaf, 0x22]))],
    ['a name twice', 400, post('{"kind":"debug.echo","payload":{"value":1,"value":2}}')],
    ['a prototype', 400, post('{"kind":"debug.echo","payload":{"__proto__":{"a":1}}}')],
    ['deep nesting', 422, post(`{"kind":"debug.echo","payload":{"value":${'['.repeat(2_000)}${']'.repeat(2_000)}}}`)],
    ['many members', 422, post(job({ payload: { value: Object.fromEntries(Array.from({ length: 300 }, (__, n) => [`k${n}`, n])) } }))],
    ['half of a surrogate pair', 422, post('{"kind":"debug.echo","payload":{"value":"\\ud800"}}')],
    ['U+0000', 422, post('{"kind":"debug.echo","payload":{"value":"a\\u0000"}}')],
    ['a body that is too large', 413, post(job({ payload: { value: 'x'.repeat(30_000) } }))],
    ['null', 422, post('null')],
    ['a list', 422, post('[]')],
    ['no kind', 422, post('{"payload":{}}')],
    ['an unknown kind', 422, post(job({ kind: 'debug.eco' }))],
    ['a kind of our own', 422, post(job({ kind: 'longhaul.webhook' }))],
    ['no payload', 422, post('{"kind":"debug.echo"}')],
    ['a payload that is not valid', 422, post(job({ payload: { message: 5, times: 11, other: true } }))],
    ['a payload that a schema refuses asynchronously', 422, post(JSON.stringify({ kind: 'debug.fail', payload: {} }))],
    ['unknown fields', 422, post(job({ data: 1, delay: 5, idempotencyKey: 'k' }))],
    ['options that are none', 422, post(job({ options: { priority: 99, delayMs: 5, queue: '', tags: 'a', timeout: 'x', runAt: 'now' } }))],
    ['a queue that nobody has declared', 422, post(job({ options: { queue: 'defaul' } }))],
    ['an address that no webhook may have', 422, post(job({ options: { callbackUrl: 'ftp://x' } }))],
    ['a key that is none', 400, withHeader('Idempotency-Key', '"a')],
    ['an empty key', 400, withHeader('Idempotency-Key', '')],
    ['a key that is too long', 400, withHeader('Idempotency-Key', 'k'.repeat(256))],
    ['a coding', 415, withHeader('Content-Encoding', 'gzip')],
    ['an unknown expectation', 417, withHeader('Expect', 'a miracle')],
    ['a foreign origin', 403, withHeader('Origin', 'https://evil.example')],
    ['a foreign site', 403, withHeader('Sec-Fetch-Site', 'cross-site')],
    [
      'a foreign host',
      421,
      Buffer.from(`POST /jobs HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`),
    ],
    ['a URL that is too long', 414, post(job(), [JSON_TYPE], { target: `/jobs?${'x'.repeat(9_000)}` })],
    ['a batch at its path', 422, post('{"jobs":[]}')],
    [
      'a body whose rest does not come',
      408,
      Buffer.from('POST /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"kind"'),
    ],
    ['PUT', 405, post(job(), [JSON_TYPE], { method: 'PUT' })],
  ];
  test.each(refused)('refuses %s with %i, with the same answer', async (_, status, bytes) => {
    expect((await pair.same(bytes))?.status).toBe(status);
  });

  test.each([
    ['GET', 200],
    ['HEAD', 200],
    ['OPTIONS', 405],
    ['DELETE', 405],
  ])('%s of its path is answered as before', async (method, status) => {
    const lines = `${method} /jobs?state=failed HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
    expect((await pair.same(Buffer.from(`${lines}\r\n`)))?.status).toBe(status);
    if (method === 'OPTIONS')
      expect((await pair.same(Buffer.from(`${lines}Origin: ${OURS}\r\nAccess-Control-Request-Method: POST\r\n\r\n`)))?.status).toBe(204);
  });

  test('one key makes one job, and refuses another request, with the same answers', async () => {
    for (const [key, body, status, replayed] of [
      ['"one key"', job(), 202, undefined],
      ['"one key"', job(), 202, 'true'],
      ['"one key"', job({ payload: { value: 2 } }), 422, undefined],
      ['bare', job({ options: { priority: 3 } }), 202, undefined],
      ['"bare"', job({ options: { priority: 3 } }), 202, 'true'],
    ] as const) {
      const answer = await pair.same(withHeader('Idempotency-Key', key, body));
      expect([answer?.status, answer?.headers.get('idempotency-replayed')]).toEqual([status, replayed]);
    }
  });

  test('requests that are sent ahead on one connection are answered in their order', async () => {
    const ahead = (body: string) => `POST /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const answer = await pair.same(Buffer.concat([Buffer.from(ahead(job()) + ahead('{"kind":1}') + ahead(job())), post('[]')]));
    expect(answer?.body.toString().match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 422', 'HTTP/1.1 202', 'HTTP/1.1 422']);
  });

  test('any body and any headers have the same answer', async () => {
    const value = fc.oneof(
      hostileText.map((text) => text.replaceAll(/[^\t\x20-\x7e]/g, '').slice(0, 300)),
      fc.constantFrom('k1', '"k1"', '"k2"', 'wait=0', 'gzip', '*', '\xff'),
    );
    const mediaType = fc.constantFrom(
      'application/json',
      'application/json',
      'application/json',
      'application/json; charset=x',
      'text/csv',
      'application/json,text/plain',
      '',
    );
    const headers = fc.record(
      {
        'Content-Type': mediaType,
        'Idempotency-Key': value,
        Prefer: value,
        'Content-Encoding': value,
        traceparent: value,
        Accept: value,
        Expect: fc.constant('100-continue'),
      },
      { requiredKeys: ['Content-Type'] },
    );
    const usual = fc.record({ 'Content-Type': fc.constant('application/json') });
    await fc.assert(
      fc.asyncProperty(fc.oneof(usual, headers), someBody, async (fields, body) => {
        const answer = await pair.same(post(body, Object.entries(fields)));
        expect(answer?.status).toBeLessThan(500);
      }),
      fuzzing(500, 20_000),
    );
  }, 60_000);

  test('requests and submissions are counted alike', () => pair.expectSameCounts());
});

describe('POST /jobs without the router of Nest, of a gateway', () => {
  let pair: Pair | undefined;
  afterEach(async () => {
    await pair?.close();
  });

  test('that runs jobs itself, answers a caller who waits for the end alike', async () => {
    pair = await Pair.open({ LONGHAUL_BROKER: 'none' });
    const answer = await pair.same(withHeader('Prefer', 'wait=20'));
    expect([answer?.status, answer?.headers.get('preference-applied')]).toEqual([200, 'wait=20']);
    expect(JSON.parse(answer?.body.toString() ?? '')).toMatchObject({ state: 'succeeded', result: { value: 1 } });
    await pair.expectSameCounts();
  }, 60_000);

  test('that is full, refuses more alike', async () => {
    pair = await Pair.open({ ADMISSION_QUEUE_DEPTH: '1' });
    expect((await pair.same(withHeader('Idempotency-Key', 'first')))?.status).toBe(202);
    expect((await pair.same(post(job())))?.status).toBe(429);
    // A repeat of what was accepted is answered all the same.
    expect((await pair.same(withHeader('Idempotency-Key', 'first')))?.headers.get('idempotency-replayed')).toBe('true');
    await pair.expectSameCounts();
  }, 60_000);
});
