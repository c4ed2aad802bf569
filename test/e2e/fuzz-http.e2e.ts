// Ring 2: .ci/run runs this file.
import fc from 'fast-check';
import { fuzzing, hostileText, someBody } from '../support/fuzz.js';
import { rawHttp, type RawAnswer, type Stack, startStack } from '../support/index.js';

interface Operation {
  method: string;
  path: string;
  parameters: { name: string; in: string }[];
  /** What the document says of 2xx answers; JSON where it says nothing. */
  mediaTypes: string[];
}

interface Document {
  paths: Record<string, Record<string, { parameters?: { name: string; in: string }[]; responses: Record<string, { content?: Record<string, unknown> }> }>>;
}

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/);
/** Bytes that an HTTP parser lets through in a header. */
const headerValue = fc.oneof(
  fc.constantFrom(
    '',
    '"',
    '"key"',
    '"a\\',
    'k'.repeat(256),
    'wait=1',
    'wait=-1',
    'wait="',
    'wait=1, wait=2;x',
    '*',
    'W/"x',
    'bytes=0-',
    'identity',
    'gzip',
    'br',
    '\xff\xfe',
    '\t',
  ),
  fc.string({ unit: 'binary-ascii', maxLength: 60 }).map((text) => text.replaceAll(/[^\t\x20-\x7e]/g, '')),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes.map((byte) => (byte < 0x20 || byte === 0x7f ? 0x80 : byte))).toString('latin1')),
);
const mediaType = fc.constantFrom(
  ...[
    'application/json',
    'application/json',
    'application/json',
    'application/json; charset=latin1',
    'APPLICATION/JSON',
    'text/plain',
    'text/csv',
    'multipart/form-data',
  ],
  ...['multipart/form-data; boundary=x', 'application/octet-stream', 'application/x-www-form-urlencoded', 'application/json,text/plain', '/', ';', 'a', ''],
);
const headers = fc.record(
  {
    'idempotency-key': headerValue,
    prefer: headerValue,
    'content-type': mediaType,
    'content-encoding': headerValue,
    'if-none-match': headerValue,
    range: headerValue,
    'last-event-id': headerValue,
    accept: headerValue,
    traceparent: headerValue,
    expect: fc.constant('100-continue'),
    __proto__x: headerValue,
  },
  { requiredKeys: ['content-type'] },
);
/** Percent-encoded text and bytes, and now and then a percent sign that encodes nothing. */
const urlText = fc.oneof(
  hostileText.map((text) => encodeURIComponent(text.toWellFormed()).slice(0, 3_000)),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')),
  fc.constantFrom(
    '%',
    '%e0%a4%a',
    '..',
    '.',
    '%2f',
    '%2e%2e%2f',
    '01890000-0000-7000-8000-000000000000',
    '01890000-0000-7000-8000-00000000000G',
    'default',
    '1',
  ),
);

describe('any HTTP request', () => {
  let stack: Stack;
  let operations: Operation[];
  let pid: number;

  beforeAll(async () => {
    stack = await startStack({
      mode: 'single-process',
      env: { MAX_BODY_BYTES: '100000', DRAIN_SECONDS: '0', ADMISSION_EVENT_LOOP_MS: '0', BODY_SECONDS: '2', LOG_LEVEL: 'warn' },
    });
    pid = stack.gateway.pid;
    const { body } = await stack.api.call<Document>('GET', '/openapi.json');
    operations = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [], responses }]) => ({
        method: method.toUpperCase(),
        path,
        parameters,
        mediaTypes: Object.entries(responses).flatMap(([status, { content }]) => (status.startsWith('2') ? Object.keys(content ?? {}) : [])),
      })),
    );
    expect(operations.length).toBeGreaterThan(10);
  });
  afterEach(async () => {
    expect([stack.gateway.isRunning(), stack.gateway.pid]).toEqual([true, pid]);
    expect((await stack.api.call<{ status: string }>('GET', '/health/ready')).body.status).toBe('ok');
    expect(stack.gateway.logs().filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  });
  afterAll(() => stack.stop());

  /** Below 500; from 400 on a problem; before that what the document says. */
  function expectGood(answer: RawAnswer | undefined, operation?: Operation): void {
    if (!answer) throw new Error('expected an answer, got none');
    const text = answer.body.toString();
    if (answer.status >= 500) throw new Error(`expected less than 500, got ${String(answer.status)}: ${text}`);
    const mediaType = (answer.headers.get('content-type') ?? '').split(';')[0];
    if (answer.status >= 400) {
      expect(mediaType).toBe('application/problem+json');
      const problem = JSON.parse(text) as Record<string, unknown>;
      expect(problem).toMatchObject({ status: answer.status, title: expect.any(String), detail: expect.any(String), instance: expect.any(String) });
      expect(problem['type']).toMatch(/^\/problems\/[a-z-]+$/);
    } else if (answer.body.length > 0 && operation) {
      const documented = operation.mediaTypes.length > 0 ? operation.mediaTypes : ['application/json'];
      expect([...documented, 'application/json']).toContain(mediaType);
    }
    if (text.includes('"polluted":')) expect(text).toContain('payload');
  }

  function request(
    method: string,
    target: string,
    fields: [string, string][],
    body: Uint8Array,
    length: string[] = [`Content-Length: ${String(body.length)}`],
  ): Buffer {
    const lines = [`${method} ${target} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...fields.map(([name, value]) => `${name}: ${value}`), ...length];
    return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
  }

  test('of any route, with any body, header, path and query, is answered well', async () => {
    const some = fc.record({
      operation: fc.nat().map((n) => operations[n % operations.length] as Operation),
      ids: fc.array(urlText, { minLength: 3, maxLength: 3 }),
      query: fc.array(
        fc.tuple(
          fc.oneof(fc.constantFrom('state', 'kind', 'queue', 'tag', 'cursor', 'limit', 'reason', 'source', 'redriven', 'name', '__proto__', 'a[b]'), urlText),
          urlText,
        ),
        {
          maxLength: 4,
        },
      ),
      headers,
      body: someBody,
    });
    await fc.assert(
      fc.asyncProperty(some, async ({ operation, ids, query, headers: fields, body }) => {
        let next = 0;
        const path = operation.path.replaceAll(/\{[^}]+\}/g, () => ids[next++] ?? '1');
        const target = path + (query.length > 0 ? `?${query.map(([name, value]) => `${name}=${value}`).join('&')}` : '');
        const sends = operation.method === 'GET' ? new Uint8Array() : body;
        expectGood(
          await rawHttp(stack.api.url, request(operation.method, target, Object.entries(fields), sends), { end: false, headOfStreams: true }),
          operation,
        );
      }),
      fuzzing(400),
    );
  });

  test('that breaks the rules of HTTP is answered with 4xx or cut off, never with 5xx', async () => {
    const length = fc.constantFrom(
      ...[
        'Content-Length: 0',
        'Content-Length: 5',
        'Content-Length: 999999',
        'Content-Length: -1',
        'Content-Length: 1e3',
        'Content-Length: 5\r\nContent-Length: 6',
      ],
      ...['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked\r\nContent-Length: 5', 'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: xchunked'],
      ...[
        'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
        'Transfer-Encoding : chunked',
        'Content-Length: 5\r\n folded',
        'Expect: 100-continue',
        'Upgrade: h2c',
        'X: a\rb',
        'X\0: a',
      ],
    );
    const some = fc.record({
      method: fc.oneof(fc.constantFrom('POST', 'GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'CONNECT', 'PRI', 'post'), token),
      target: fc.oneof(
        fc.constantFrom('/jobs', '/jobs/batch', '*', 'http://x/jobs', '//', '/jobs#x', '/\xff', '', 'jobs', '/jobs HTTP/1.0\r\nX: y'),
        urlText.map((text) => `/${text}`),
      ),
      fields: fc.array(
        fc.tuple(
          fc.oneof(
            token,
            hostileText.map((text) => text.slice(0, 50)),
          ),
          headerValue,
        ),
        { maxLength: 5 },
      ),
      length,
      body: fc.oneof(
        someBody,
        fc
          .constantFrom('5\r\nabcde\r\n0\r\n\r\n', 'zz\r\n', '5;ext="\r\nabcde\r\n0\r\nTrailer: x\r\n\r\n', 'ffffffffffffffff\r\n')
          .map((text) => Buffer.from(text)),
      ),
    });
    await fc.assert(
      fc.asyncProperty(some, async ({ method, target, fields, length: framing, body }) => {
        const answer = await rawHttp(stack.api.url, request(method, target, fields, body, [framing, 'Content-Type: application/json']));
        // Closed without an answer: the request was cut in the middle, by its own length.
        if (answer && answer.status >= 500 && answer.status !== 501) throw new Error(`${String(answer.status)}: ${answer.body.toString()}`);
      }),
      fuzzing(300),
    );
  });

  const rules: [string, string, string, number[]][] = [
    ['two lengths', 'POST /jobs HTTP/1.1', 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}', [400]],
    ['a length and chunks', 'POST /jobs HTTP/1.1', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', [400]],
    ['an encoding that only ends like chunked', 'POST /jobs HTTP/1.1', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n', [400]],
    ['a header with a bare CR', 'GET /jobs HTTP/1.1', 'X: a\rb\r\n\r\n', [400]],
    ['a header that is folded', 'GET /jobs HTTP/1.1', 'X: a\r\n b\r\n\r\n', [200, 400]],
    ['a header with a NUL', 'GET /jobs HTTP/1.1', 'X: a\0b\r\n\r\n', [400]],
    ['64 KiB of headers', 'GET /jobs HTTP/1.1', `X: ${'x'.repeat(65_536)}\r\n\r\n`, [431]],
    ['3,000 headers', 'GET /jobs HTTP/1.1', `${'X: y\r\n'.repeat(3_000)}\r\n`, [200, 431]],
    ['a URL of a megabyte', `GET /jobs?kind=${'x'.repeat(1 << 20)} HTTP/1.1`, '\r\n', [414, 431]],
    ['a body whose rest never comes', 'POST /jobs HTTP/1.1', 'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"kind"', [408]],
    ['chunks that never end', 'POST /jobs HTTP/1.1', 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"kin\r\n', [408]],
    ['headers that never end', 'POST /jobs HTTP/1.1', 'Content-Type: app', [408]],
    ['a body without a length or chunks', 'POST /jobs HTTP/1.1', 'Content-Type: application/json\r\n\r\n{}', [400]],
  ];
  test.each(rules)('with %s is refused or bounded in time', async (_, line, rest, statuses) => {
    const answer = await rawHttp(stack.api.url, Buffer.from(`${line}\r\nHost: localhost\r\nConnection: close\r\n${rest}`, 'latin1'), { end: false });
    expect(statuses).toContain(answer?.status);
    if (answer && answer.status >= 400) expectGood(answer);
  });

  test('leaves no prototype polluted', async () => {
    expect((await stack.api.submit('debug.echo', { value: {} }, undefined, { prefer: 'wait=20' })).body.result).toEqual({ value: {} });
    expect(JSON.stringify((await stack.api.call('GET', '/kinds')).body)).not.toContain('polluted');
  });
});
