// Ring 2: .ci/run runs this file.
import { type RawAnswer, rawHttp, type Stack, startStack } from '../support/index.js';

interface Document {
  paths: Record<string, Record<string, unknown>>;
}

/** Served, but not in the document. */
const UNLISTED = ['/docs', '/docs/', '/docs/swagger-ui.css', '/docs/swagger-ui-init.js', '/openapi.json', '/openapi.yaml', '/asyncapi.json', '/ws', '/console'];
const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'options'];
const ID = '01890000-0000-7000-8000-000000000000';

describe('each route of a gateway', () => {
  let stack: Stack;
  /** Path and the methods that it has. */
  let routes: [path: string, methods: string[]][];
  /** Those that answer with a stream. */
  let endless: Set<string>;

  beforeAll(async () => {
    stack = await startStack({
      mode: 'single-process',
      env: { ALLOWED_HOSTS: 'gateway', CORS_ORIGINS: 'https://app.example.org', ADMISSION_EVENT_LOOP_MS: '0' },
    });
    const { body } = await stack.api.call<Document>('GET', '/openapi.json');
    const operations = Object.entries(body.paths).map(([path, methods]) => [path.replaceAll(/\{[^}]+\}/g, ID), methods] as const);
    endless = new Set(operations.filter(([, { get }]) => JSON.stringify(get ?? {}).includes('text/event-stream')).map(([path]) => path));
    routes = [
      ...operations.map(([path, methods]): [string, string[]] => [path, Object.keys(methods).filter((name) => METHODS.includes(name))]),
      ...UNLISTED.map((path): [string, string[]] => [path, ['get']]),
    ];
    expect(routes.length).toBeGreaterThan(25);
  });
  afterAll(() => stack.stop());

  async function ask(method: string, path: string, headers: string[], body = ''): Promise<RawAnswer> {
    const length = body === '' ? [] : [`Content-Length: ${String(Buffer.byteLength(body))}`];
    const head = [`${method.toUpperCase()} ${path} HTTP/1.1`, ...headers, ...length, 'Connection: close', '', ''].join('\r\n');
    const answer = await rawHttp(stack.api.url, Buffer.from(head + body, 'latin1'), { end: false });
    if (!answer) throw new Error(`expected an answer to ${method} ${path}, got none`);
    return answer;
  }

  function expectProblem({ status, headers, body }: RawAnswer, expected: number, what: string): void {
    expect([what, status, headers.get('content-type')?.split(';')[0]]).toEqual([what, expected, 'application/problem+json']);
    if (body.length > 0) expect(JSON.parse(body.toString())).toMatchObject({ status: expected, title: expect.any(String), detail: expect.any(String) });
    for (const [name, value] of [
      ['x-content-type-options', 'nosniff'],
      ['referrer-policy', 'no-referrer'],
      ['cross-origin-resource-policy', 'same-origin'],
    ] as const)
      // prettier-ignore
      expect([what, headers.get(name)]).toEqual([what, value]);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  }

  test('is served by our names and addresses, and by no other, with any method (E1)', async () => {
    for (const [path, methods] of [...routes, ['/nope', ['get']] as [string, string[]], ['/jobs/%zz', ['get']] as [string, string[]]]) {
      for (const method of new Set([...methods, 'get', 'options', 'put'])) {
        const open = path.startsWith('/health/');
        for (const host of ['evil.example', 'localhost.evil.example:3000', '127.0.0.1.evil.example']) {
          const answer = await ask(method, path, [`Host: ${host}`]);
          if (open) expect([path, answer.status === 421]).toEqual([path, false]);
          else expectProblem(answer, 421, `${method} ${path} for ${host}`);
        }
      }
    }
    for (const host of ['localhost', 'LOCALHOST:1', 'app.localhost', '10.0.0.1:3000', '[::1]', 'gateway:3000'])
      expect([host, (await ask('GET', '/kinds', [`Host: ${host}`])).status]).toEqual([host, 200]);
    expectProblem(await ask('GET', 'http://evil.example/kinds', ['Host: localhost']), 421, 'an absolute URL of another host');
    expect((await ask('GET', 'http://localhost/kinds', ['Host: localhost'])).status).toBe(200);
  });

  test('answers health to any host, without the names of queues (E1)', async () => {
    for (const path of ['/health/live', '/health/ready', '/health/ready/']) {
      const answer = await ask('GET', path, ['Host: probe.example']);
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.body.toString()).not.toContain('queue"');
    }
  });

  test('needs one Host that is one (E21)', async () => {
    for (const [path] of routes) {
      expectProblem(await ask('GET', path, []), 400, `${path} without Host`);
      expectProblem(await ask('GET', path, ['Host: localhost', 'host: localhost']), 400, `${path} with two`);
    }
    for (const host of ['', 'a b', 'user@localhost', 'localhost:x', 'localhost/'])
      expectProblem(await ask('GET', '/jobs', [`Host: ${host}`]), 400, `Host ${host}`);
    const old = await rawHttp(stack.api.url, Buffer.from('GET /kinds HTTP/1.0\r\n\r\n'), { end: false });
    expect(old?.status).toBe(200);
  });

  test('that changes something refuses pages of others, whatever they send (E2)', async () => {
    const foreign = [
      ['Origin: https://evil.example'],
      ['Origin: null'],
      ['Origin: null', 'Sec-Fetch-Site: same-origin'],
      ['Sec-Fetch-Site: cross-site'],
      ['Sec-Fetch-Site: same-site'],
      ['Origin: http://localhost:1'],
    ];
    for (const [path, methods] of routes) {
      for (const method of methods.filter((name) => !['get', 'options'].includes(name))) {
        for (const headers of foreign) expectProblem(await ask(method, path, ['Host: localhost', ...headers]), 403, `${method} ${path} with ${headers.join()}`);
        for (const headers of [[], ['Origin: http://localhost'], ['Origin: https://app.example.org', 'Sec-Fetch-Site: cross-site'], ['Sec-Fetch-Site: none']]) {
          const answer = await ask(method, path, ['Host: localhost', ...headers]);
          expect([method, path, headers, answer.status === 403 || answer.status >= 500]).toEqual([method, path, headers, false]);
        }
      }
    }
    const form = '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\na\r\n--x--\r\n';
    expectProblem(
      await ask('POST', '/files', ['Host: localhost', 'Content-Type: multipart/form-data; boundary=x', 'Origin: https://evil.example'], form),
      403,
      'upload',
    );
    expect(await stack.query('SELECT id FROM files')).toEqual([]);
    expect(await stack.query('SELECT id FROM jobs')).toEqual([]);
  });

  test('is told apart by pages of CORS_ORIGINS before they ask, and by no others (E2, E4)', async () => {
    const preflight = (origin: string) => ask('OPTIONS', '/jobs', ['Host: localhost', `Origin: ${origin}`, 'Access-Control-Request-Method: POST', 'Access-Control-Request-Headers: content-type']); // prettier-ignore
    const ours = await preflight('https://app.example.org');
    expect([ours.status, ours.headers.get('access-control-allow-origin')]).toEqual([204, 'https://app.example.org']);
    expect(ours.headers.get('access-control-allow-methods')).toContain('POST');
    const other = await preflight('https://evil.example');
    expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([405, undefined]);
    expect((await ask('GET', '/kinds', ['Host: localhost', 'Origin: https://evil.example'])).headers.get('access-control-allow-origin')).toBeUndefined();
  });

  test('has its methods and no others, by its path with a slash at the end too (E21)', async () => {
    for (const [path, methods] of routes) {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'].filter((name) => !methods.includes(name.toLowerCase()))) {
        for (const url of path.endsWith('/') ? [path] : [path, `${path}/`]) {
          const answer = await ask(method, url, ['Host: localhost']);
          expectProblem(answer, 405, `${method} ${url}`);
          for (const has of methods) expect([url, answer.headers.get('allow')?.split(', ')]).toEqual([url, expect.arrayContaining([has.toUpperCase()])]);
        }
      }
    }
    expect((await ask('GET', '/kinds/', ['Host: localhost'])).status).toBe(200);
    expect((await ask('GET', '/kinds/?', ['Host: localhost'])).status).toBe(200);
    expectProblem(await ask('CONNECT', 'evil.example:443', ['Host: evil.example:443']), 405, 'CONNECT');
  });

  test('refuses bodies in an encoding and expectations that it does not know (E20, E21)', async () => {
    for (const [path, methods] of routes) {
      expectProblem(await ask('GET', path, ['Host: localhost', 'Expect: x']), 417, `${path} with Expect`);
      for (const method of methods.filter((name) => ['post', 'put', 'patch'].includes(name))) {
        for (const coding of ['gzip', 'br', 'deflate', 'x', 'identity, gzip']) {
          const answer = await ask(method, path, ['Host: localhost', 'Content-Type: application/json', `Content-Encoding: ${coding}`], '{}');
          expectProblem(answer, 415, `${method} ${path} in ${coding}`);
          expect(answer.headers.get('accept-encoding')).toBe('identity');
        }
        expect((await ask(method, path, ['Host: localhost', 'Content-Type: application/json', 'Content-Encoding: identity'], '{}')).status).not.toBe(415 + (path === '/files' ? 0 : 1_000)); // prettier-ignore
      }
    }
    expectProblem(await ask('POST', '/files', ['Host: localhost', 'Content-Type: text/csv', 'Content-Encoding: gzip'], 'x'), 415, 'a raw upload');
    const form = '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n--x--\r\n';
    expectProblem(await ask('POST', '/files', ['Host: localhost', 'Content-Type: multipart/form-data; boundary=x'], form), 415, 'an encoded part');
  });

  test('takes a form with a boundary of 70 characters, and refuses a longer one and other malformed forms (E19)', async () => {
    const upload = (boundary: string, more = '') => ask('POST', '/files', ['Host: localhost', `Content-Type: multipart/form-data; boundary=${boundary}${more}`], `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na\r\n--${boundary}--\r\n`); // prettier-ignore
    expect((await upload('b'.repeat(70))).status).toBe(201);
    for (const length of [71, 251, 1_000, 5_000]) expectProblem(await upload('b'.repeat(length)), 400, `a boundary of ${String(length)}`);
    expectProblem(await upload(''), 400, 'no boundary');
    for (const body of ['', 'x', '--x', '--x\r\n', '--x\r\n\r\n', '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nno end', '--y--'])
      expectProblem(await ask('POST', '/files', ['Host: localhost', 'Content-Type: multipart/form-data; boundary=x'], body), 400, JSON.stringify(body));
  });

  test('bounds the URL, the headers and their number', async () => {
    expectProblem(await ask('GET', `/jobs?kind=${'x'.repeat(9_000)}`, ['Host: localhost']), 414, 'a long URL');
    expectProblem(await ask('GET', '/jobs', ['Host: localhost', `X: ${'x'.repeat(20_000)}`]), 431, 'a long header');
    expectProblem(await ask('GET', '/jobs', ['Host: localhost', ...Array.from({ length: 250 }, () => 'X: y')]), 431, 'many headers');
  });

  test('says with each answer that it is data, for our eyes, and not to be framed (E5)', async () => {
    for (const [path] of routes.filter(([url, methods]) => methods.includes('get') && !endless.has(url))) {
      const { headers } = await ask('GET', path, ['Host: localhost']);
      expect([path, headers.get('x-content-type-options'), headers.get('referrer-policy'), headers.get('cross-origin-resource-policy')]).toEqual([path, 'nosniff', 'no-referrer', 'same-origin']); // prettier-ignore
      expect([path, headers.get('content-security-policy')]).toEqual([path, expect.stringContaining("frame-ancestors 'none'")]);
      if (!path.startsWith('/docs/')) expect([path, headers.get('cache-control')]).toEqual([path, 'no-store']);
    }
  });

  test('streams to clients that add parameters of their own (C31)', async () => {
    const id = await stack.api.accepted('debug.echo', { value: 1 });
    await stack.api.waitForState(id, 'succeeded');
    const answer = await ask('GET', `/jobs/${id}/events?lastEventId=0&lastEventId=1&_=17012345&r=0.5`, ['Host: localhost']);
    expect(answer.status).toBe(200);
    expect(answer.body.toString()).not.toContain('id: 1\n');
    expect(answer.body.toString()).toContain('"succeeded"');
  });
});

describe('a gateway below a path', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({
      mode: 'single-process',
      env: { PUBLIC_URL: 'https://example.org/longhaul/', NODE_ENV: 'development', ADMISSION_EVENT_LOOP_MS: '0' },
    });
  });
  afterAll(() => stack.stop());

  test('says so in Location, in links, in problems and in its document, with or without the path in the request (E22)', async () => {
    for (const below of ['', '/longhaul']) {
      const { headers, body } = await stack.api.call('POST', `${below}/jobs`, { kind: 'debug.echo', payload: { value: 1 } });
      expect(headers.get('location')).toBe(`/longhaul/jobs/${body.id}`);
      expect(body.links).toMatchObject({ self: `/longhaul/jobs/${body.id}`, events: `/longhaul/jobs/${body.id}/events` });
      const nope = await stack.api.call<{ instance: string }>('GET', `${below}/nope`);
      expect([nope.status, nope.body.instance]).toEqual([404, '/longhaul/nope']);
    }
    const form = new FormData();
    form.append('file', new Blob(['a']), 'a.csv');
    const uploaded = await fetch(`${stack.api.url}/files`, { method: 'POST', body: form });
    const file = (await uploaded.json()) as { id: string; links: { content: string } };
    expect(uploaded.headers.get('location')).toBe(`/longhaul/files/${file.id}`);
    expect(file.links.content).toBe(`/longhaul/files/${file.id}/content`);
    const document = await stack.api.call<{ servers: { url: string }[] }>('GET', '/openapi.json');
    expect(document.body.servers.map(({ url }) => url)).toEqual(['https://example.org/longhaul', '/longhaul']);
  });

  test('lets pages of this machine in while it is developed with, and no others (C32)', async () => {
    const call = (origin: string) => stack.api.call('POST', '/jobs', { kind: 'debug.echo', payload: { value: 1 } }, { origin, 'sec-fetch-site': 'cross-site' });
    const local = await call('http://localhost:5173');
    expect([local.status, local.headers.get('access-control-allow-origin')]).toEqual([202, 'http://localhost:5173']);
    expect((await call('http://evil.example')).status).toBe(403);
    expect((await call('null')).status).toBe(403);
  });
});
