import { newApiKey } from '@app/host';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import { type Answer, Api, type App, longhaul, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';

interface Problem {
  status: number;
  type: string;
  detail: string;
}
interface Made {
  id: string;
  key: string;
}
interface Document {
  paths: Record<string, Record<string, { operationId?: string; security?: object[]; 'x-scope'?: string }>>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const ID = '01890000-0000-7000-8000-000000000000';

describe('with AUTH on', () => {
  let stack: Stack;
  let other: App;
  let admin: string;
  beforeAll(async () => {
    stack = await startStack({ mode: 'single-process', env: { AUTH: 'on', LOG_LEVEL: 'warn', ADMISSION_EVENT_LOOP_MS: '0' } });
    other = await spawnApp('gateway', stack.env);
    const { out, err } = await longhaul(['keys', 'create', '--name', 'the operator', '--admin'], stack.env);
    expect(err).toMatch(/^made key [a-z2-7]{16} \(the operator\), for all tenants; it is shown this once:\n$/);
    admin = out.trim();
  }, 240_000);
  afterAll(async () => {
    if (other.isRunning()) await other.stop();
    await stack.stop();
  });

  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const call = <Body = Problem>(key: string | null, method: string, path: string, body?: unknown, api: Api = stack.api): Promise<Answer<Body>> =>
    api.call<Body>(method, path, body, key === null ? {} : bearer(key));
  const makeKey = async (scopes: string[], more: object = {}): Promise<Made> => {
    const { status, body } = await call<Made>(admin, 'POST', '/keys', { name: 'for a test', scopes, ...more });
    expect(status).toBe(201);
    return body;
  };
  const revoke = async ({ id }: Made): Promise<void> => expect((await call(admin, 'DELETE', `/keys/${id}`)).status).toBe(200);

  test('each operation of the document is refused without credentials, and with a key that has no right to it, by a body that says what is missing', async () => {
    const revoked = await makeKey(['admin']);
    await revoke(revoked);
    await waitFor('the revocation', async () => (await call(revoked.key, 'GET', '/session')).status === 401);
    const poor = await makeKey(['metrics:read']);
    // One for all: of different wrong ones a client may show a hundred in a minute.
    const nobodys = newApiKey().text;
    const { paths } = (await call<Document>(admin, 'GET', '/openapi.json')).body;
    let checked = 0;
    for (const [path, methods] of Object.entries(paths)) {
      for (const method of METHODS.filter((name) => methods[name])) {
        const what = `${method.toUpperCase()} ${path}`;
        const operation = methods[method];
        const target = path.replaceAll(/\{[^}]+\}/g, ID);
        if (!operation?.security?.length) continue;
        checked++;
        for (const [wrong, headers] of Object.entries({
          'no credentials': {},
          'a token in the query': {},
          'a revoked key': bearer(revoked.key),
          'a key that nobody made': bearer(nobodys),
          'a JWT without a signature': bearer('eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.'),
          'a password': { authorization: 'Basic YWRtaW46YWRtaW4=' },
          'a session that nobody opened': { cookie: '__Host-lh=x', 'x-requested-by': 'test' },
        })) {
          const query = wrong === 'a token in the query' ? `?access_token=${admin}&key=${admin}` : '';
          const { status, headers: answered, body } = await stack.api.call<Problem>(method.toUpperCase(), target + query, undefined, headers);
          expect([what, wrong, status, body.type]).toEqual([what, wrong, 401, '/problems/unauthenticated']);
          expect(answered.get('www-authenticate')).toMatch(/^Bearer realm="longhaul"/);
        }
        const scope = operation['x-scope'];
        if (scope === undefined || scope === 'metrics:read') continue;
        const { status, headers, body } = await call(poor.key, method.toUpperCase(), target);
        expect([what, status, body.type]).toEqual([what, 403, '/problems/insufficient-scope']);
        expect(body.detail).toContain(scope);
        expect(headers.get('www-authenticate')).toContain(`error="insufficient_scope", scope="${scope}"`);
      }
    }
    expect(checked).toBeGreaterThan(50);
  });

  test('probes and the entrance need no key, and show no names', async () => {
    for (const path of ['/health/live', '/health/ready', '/']) expect([path, (await call(null, 'GET', path)).status]).toEqual([path, 200]);
    for (const path of ['/docs/', '/openapi.json', '/metrics', '/nope'])
      expect([path, (await call(null, 'GET', path)).status]).toEqual([path, path === '/nope' ? 404 : 401]);
  });

  test('a key may do what its scopes say, on every gateway at once', async () => {
    const { key } = await makeKey(['jobs:submit', 'jobs:read', 'jobs:payload']);
    const api = new Api(other.url);
    const { status, body } = await call<{ id: string }>(key, 'POST', '/jobs', { kind: 'debug.echo', payload: { value: 1 } }, api);
    expect(status).toBe(202);
    await waitFor('the end', async () => (await call<{ state: string }>(key, 'GET', `/jobs/${body.id}`)).body.state === 'succeeded');
    expect((await call<{ payload: unknown }>(key, 'GET', `/jobs/${body.id}`)).body.payload).toEqual({ value: 1 });
    expect((await call(key, 'POST', `/jobs/${body.id}/cancel`)).status).toBe(403);
  });

  test('a revoked key is refused on every gateway within two seconds, its streams end, and its sessions too', async () => {
    const made = await makeKey(['jobs:submit', 'jobs:read', 'events:read']);
    const job = (await call<{ id: string }>(made.key, 'POST', '/jobs', { kind: 'debug.sleep', payload: { ms: 600_000 } })).body.id;
    const sse = await fetch(`${other.url}/jobs/${job}/events`, { headers: bearer(made.key) });
    expect(sse.status).toBe(200);
    const socket = new WebSocket(`${stack.api.url.replace('http', 'ws')}/ws`, { headers: bearer(made.key) });
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    await new Promise((resolve) => socket.once('open', resolve));
    const session = await stack.api.call('POST', '/session', { key: made.key });
    const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect((await stack.api.call('GET', '/session', undefined, { cookie })).status).toBe(200);
    const since = performance.now();
    await revoke(made);
    await Promise.all(
      [stack.api, new Api(other.url)].map((api) =>
        waitFor('the refusal', async () => (await call(made.key, 'GET', `/jobs/${job}`, undefined, api)).status === 401),
      ),
    );
    const seconds = (performance.now() - since) / 1_000;
    process.stdout.write(`refused everywhere after ${seconds.toFixed(2)} s\n`);
    expect(await closed).toBe(4401);
    await sse.text();
    await waitFor('the end of the session', async () => (await stack.api.call('GET', '/session', undefined, { cookie })).status === 401);
    await call(admin, 'POST', `/jobs/${job}/cancel`);
  });

  test('a WebSocket needs a key in its handshake', async () => {
    const socket = new WebSocket(`${stack.api.url.replace('http', 'ws')}/ws`);
    const status = await new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
      socket.on('error', () => undefined);
    });
    expect(status).toBe(401);
  });

  test('who may not see payloads sees none, in any answer and any stream', async () => {
    const canary = 'canary-7f3a';
    const ok = (await call<{ id: string }>(admin, 'POST', '/jobs', { kind: 'debug.echo', payload: { value: canary } })).body.id;
    const failed = (await call<{ id: string }>(admin, 'POST', '/jobs', { kind: 'debug.fail', payload: { message: 'no luck' }, options: { maxAttempts: 1 } }))
      .body.id;
    for (const [id, state] of [
      [ok, 'succeeded'],
      [failed, 'failed'],
    ] as const)
      // prettier-ignore
      await waitFor(state, async () => (await call<{ state: string }>(admin, 'GET', `/jobs/${id}`)).body.state === state);
    const { key } = await makeKey(['jobs:read', 'jobs:submit', 'events:read', 'dead-letters:read', 'webhooks:read', 'schedules:read']);
    const paths = [
      `/jobs/${ok}`,
      `/jobs/${failed}`,
      '/jobs',
      `/jobs/${ok}/steps`,
      `/jobs/${ok}/events`,
      `/jobs/${failed}/events`,
      '/dead-letters',
      '/schedules',
    ];
    for (const accept of ['application/json', 'text/html', 'text/event-stream']) {
      for (const path of paths) {
        const answer = await fetch(stack.api.url + path, { headers: { ...bearer(key), accept } });
        const text = await answer.text();
        expect([path, answer.status]).toEqual([path, 200]);
        expect([path, text.includes(canary), text.includes('    at ')]).toEqual([path, false, false]);
      }
    }
    const waited = await stack.api.call<{ result: unknown; payloadHidden: boolean }>(
      'POST', '/jobs', { kind: 'debug.echo', payload: { value: canary } }, { ...bearer(key), prefer: 'wait=20' },
    ); // prettier-ignore
    expect(waited.body).toMatchObject({ state: 'succeeded', result: null, payloadHidden: true });
    expect((await call<{ payload: unknown }>(admin, 'GET', `/jobs/${ok}`)).body.payload).toEqual({ value: canary });
  });

  test('a key for some kinds sees and does nothing of others, and cannot tell them from what is not there', async () => {
    const { key } = await makeKey(['jobs:submit', 'jobs:read', 'jobs:payload', 'jobs:control', 'events:read'], { kinds: ['debug.echo'] });
    const foreign = (await call<{ id: string }>(admin, 'POST', '/jobs', { kind: 'debug.sleep', payload: { ms: 600_000 } })).body.id;
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/why'],
      ['GET', '/steps'],
      ['GET', '/events'],
      ['POST', '/cancel'],
      ['POST', '/redrive'],
      ['POST', '/start'],
    ] as const) {
      const there = await call(key, method, `/jobs/${foreign}${path}`);
      const absent = await call(key, method, `/jobs/${ID}${path}`);
      expect([method, path, there.status]).toEqual([method, path, 404]);
      expect({ ...there.body, instance: '', detail: there.body.detail.replace(foreign, '') }).toEqual({
        ...absent.body,
        instance: '',
        detail: absent.body.detail.replace(ID, ''),
      });
    }
    expect((await call(key, 'POST', '/jobs', { kind: 'debug.sleep', payload: { ms: 1 } })).status).toBe(403);
    expect((await call(key, 'POST', '/jobs/dry-run', { kind: 'debug.sleep', payload: { ms: 1 } })).status).toBe(403);
    expect((await call(key, 'POST', '/jobs/batch', { jobs: [{ kind: 'debug.echo', payload: {} }, { kind: 'debug.sleep', payload: { ms: 1 } }] })).status).toBe(403); // prettier-ignore
    expect((await call(key, 'POST', '/jobs', { kind: 'debug.echo', payload: { value: 1 } })).status).toBe(202);
    expect((await call(key, 'GET', '/jobs')).status).toBe(403);
    expect((await call(key, 'GET', '/jobs?kind=debug.sleep')).status).toBe(403);
    expect((await call(key, 'GET', '/jobs?kind=debug.echo')).status).toBe(200);
    expect((await call(key, 'GET', '/jobs/events?kind=debug.sleep')).status).toBe(403);
    expect((await call(key, 'POST', '/jobs/cancel', { all: true })).status).toBe(403);
    expect((await call(key, 'POST', '/jobs/cancel', { filter: { kind: 'debug.sleep' } })).status).toBe(403);
    expect((await call(admin, 'POST', '/keys', { name: 'x', scopes: ['jobs:read', 'limits:write'], kinds: ['debug.echo'] })).status).toBe(422);
    const socket = new WebSocket(`${stack.api.url.replace('http', 'ws')}/ws`, { headers: bearer(key) });
    await new Promise((resolve) => socket.once('open', resolve));
    const told = new Promise<string>((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString())));
    socket.send(JSON.stringify({ event: 'subscribe', data: { job: foreign } }));
    expect(JSON.parse(await told)).toMatchObject({ event: 'error', data: { status: 404 } });
    socket.close();
    await call(admin, 'POST', `/jobs/${foreign}/cancel`);
  });

  test('a key is rotated without a refused request: both are valid until the overlap is over', async () => {
    const former = await makeKey(['jobs:read']);
    const { status, body: made } = await call<Made>(admin, 'POST', `/keys/${former.id}/rotate`, { overlapSeconds: 3 });
    expect(status).toBe(201);
    expect([(await call(former.key, 'GET', '/jobs')).status, (await call(made.key, 'GET', '/jobs')).status]).toEqual([200, 200]);
    await waitFor('the end of the former', async () => (await call(former.key, 'GET', '/jobs')).status === 401, { timeoutMs: 90_000 });
    expect((await call(made.key, 'GET', '/jobs')).status).toBe(200);
    expect((await call(admin, 'POST', `/keys/${former.id}/rotate`)).status).toBe(409);
  });

  test('a session needs the header that no form of another page can send, and what it does is audited by name', async () => {
    const opened = await stack.api.call('POST', '/session', { key: admin });
    expect(opened.headers.get('set-cookie')).toMatch(/^__Host-lh=[\w-]{43}; Max-Age=28800; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
    const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
    const path = '/kinds/debug.fail/pause';
    expect((await stack.api.call('POST', path, { reason: 'wrong font' }, { cookie })).status).toBe(403);
    expect((await stack.api.call('POST', path, { reason: 'wrong font' }, { cookie, 'x-requested-by': 'console' })).status).toBe(200);
    await call(admin, 'POST', '/kinds/debug.fail/resume');
    const { items } = (await call<{ items: Record<string, unknown>[] }>(admin, 'GET', '/audit?action=pauseKind')).body;
    expect(items[0]).toMatchObject({ via: 'session', target: path, outcome: 200, detail: { request: { reason: 'wrong font' } } });
    expect(items[0]?.['subject']).toMatch(/^key:[a-z2-7]{16}$/);
    expect((await stack.api.call('DELETE', '/session', undefined, { cookie, 'x-requested-by': 'console' })).status).toBe(204);
    expect((await stack.api.call('GET', '/session', undefined, { cookie })).status).toBe(401);
  });

  test('the audit has what was before and after, no secret, and nothing of reads and submissions', async () => {
    await call(admin, 'PUT', '/limits/audited', { match: { kind: 'debug.echo' }, concurrency: 3 });
    await call(admin, 'PUT', '/limits/audited', { match: { kind: 'debug.echo' }, concurrency: 5 });
    await call(admin, 'DELETE', '/limits/audited');
    const made = await makeKey(['jobs:read']);
    const page = (
      await call<{ items: { action: string; detail: { before?: { concurrency: number }; after?: { concurrency: number } } }[] }>(
        admin,
        'GET',
        '/audit?limit=200',
      )
    ).body;
    const limits = page.items.filter(({ action }) => action === 'putLimit');
    expect(limits[0]?.detail).toMatchObject({ before: { concurrency: 3 }, after: { concurrency: 5 } });
    expect(JSON.stringify(page)).not.toContain(made.key);
    expect(page.items.map(({ action }) => action)).toEqual(expect.arrayContaining(['createKey', 'deleteLimit', 'putLimit', 'revokeKey']));
    expect(page.items.map(({ action }) => action).filter((action) => /^(submit|list|get)/.test(action))).toEqual([]);
    const rows = await stack.query<{ n: number }>(`SELECT count(*)::int AS n FROM api_keys WHERE encode(hash, 'escape') LIKE '%lh_%' OR name LIKE '%lh_%'`);
    expect(rows[0]?.n).toBe(0);
  });

  test('no text that the database refuses keeps an act out of the audit', async () => {
    const asked = { reason: '\udc00x', kind: 'debug.echo' };
    expect((await call(admin, 'POST', '/dead-letters/redrive', asked)).status).toBe(200);
    const { items } = (await call<{ items: { detail: object }[] }>(admin, 'GET', '/audit?action=redriveDeadLetters')).body;
    expect(items[0]?.detail).toMatchObject({ request: { ...asked, reason: '\ufffdx' } });
    expect(stack.gateway.logs().filter((line) => line.includes('could not be written down in the audit'))).toEqual([]);
  });

  test('the command line sends its key, from the environment, a file that is its own, or an option', async () => {
    const url = ['--url', stack.api.url];
    const { code, out } = await longhaul(['list', '--json', ...url], { LONGHAUL_KEY: admin });
    expect([code, JSON.parse(out)]).toMatchObject([0, { items: expect.any(Array) }]);
    expect((await longhaul(['list', ...url, '--api-key', admin], {})).code).toBe(0);
    const refused = await longhaul(['list', ...url], {});
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining('longhaul keys create makes one')]);
    const folder = await mkdtemp(join(tmpdir(), 'longhaul-key-'));
    const path = join(folder, 'key');
    await writeFile(path, `${admin}\n`, { mode: 0o644 });
    const open = await longhaul(['list', ...url], { LONGHAUL_KEY_FILE: path });
    expect([open.code, open.err]).toEqual([2, expect.stringContaining(`chmod 600 ${path}`)]);
    await chmod(path, 0o600);
    expect((await longhaul(['list', ...url], { LONGHAUL_KEY_FILE: path })).code).toBe(0);
    await rm(folder, { recursive: true });
  });
});
