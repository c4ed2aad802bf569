// Ring 2: .ci/run runs this file.
import { type ConsumeMessage, connect } from 'amqplib';
import WebSocket from 'ws';
import { type Answer, Api, describeWithBroker, longhaul, newKey, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';

interface Problem {
  type: string;
  detail: string;
  errors?: { pointer: string; detail: string }[];
  exceeded?: { signal: string; measured: number; limit: number; retryAfterSeconds: number };
}
interface State {
  limit: number | null;
  used: number | null;
  from: string;
}
interface Quotas {
  tenant: string;
  quotas: Record<string, State>;
}

describe('a tenant with quotas', () => {
  let stack: Stack;
  let operator: string;
  let acme: string;
  let globex: string;

  beforeAll(async () => {
    const env = { AUTH: 'on', LOG_LEVEL: 'warn', ADMISSION_EVENT_LOOP_MS: '0', TENANT_STREAMS: '2' };
    stack = await startStack({ mode: 'single-process', env });
    operator = await made('--admin', '--name', 'the operator');
    acme = await made('--admin', '--tenant', 'acme', '--name', 'admin of acme');
    globex = await made('--admin', '--tenant', 'globex', '--name', 'admin of globex');
  }, 240_000);
  afterAll(() => stack.stop());

  const made = (...options: string[]) => newKey(stack.env, ...options);
  const call = <Body = Problem>(key: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<Body>> =>
    stack.api.call<Body>(method, path, body, { authorization: `Bearer ${key}`, ...headers });
  const set = (quotas: object) => call<Quotas>(operator, 'PUT', '/tenants/acme/quotas', quotas);
  const later = { kind: 'debug.echo', payload: { value: 1 }, options: { delay: '1h' } };
  const submit = (key: string, headers = {}) => call<Problem & { id: string }>(key, 'POST', '/jobs', later, headers);
  const cli = (...args: string[]) => longhaul(args, { ...stack.env, LONGHAUL_URL: stack.gateway.url, LONGHAUL_KEY: operator });

  test('is told which quota it has used up and when to come again, gets what it had submitted, and keeps nobody else from submitting', async () => {
    expect((await set({ unfinishedJobs: 3 })).body.quotas['unfinishedJobs']).toEqual({ limit: 3, used: 0, from: 'tenant' });
    const first = await submit(acme, { 'idempotency-key': '"first"' });
    expect([first.status, (await submit(acme)).status, (await submit(acme)).status]).toEqual([202, 202, 202]);
    const { status, headers, body } = await submit(acme);
    expect([status, body]).toMatchObject([
      429,
      {
        type: '/problems/quota-exceeded',
        detail: 'expected at most 3 unfinished jobs of tenant acme (quota unfinishedJobs), got 3 and 1 more; nothing was done, repeat the request in 2 s',
        exceeded: { signal: 'unfinishedJobs', measured: 3, limit: 3, retryAfterSeconds: 2 },
      },
    ]);
    expect(['retry-after', 'ratelimit-policy', 'ratelimit'].map((name) => headers.get(name))).toEqual([
      '2',
      '"unfinishedJobs";q=3',
      '"unfinishedJobs";r=0;t=2',
    ]);
    const again = await submit(acme, { 'idempotency-key': '"first"' });
    expect([again.status, again.body.id, again.headers.get('idempotency-replayed')]).toEqual([202, first.body.id, 'true']);
    expect((await call(acme, 'POST', '/jobs/dry-run', later)).status).toBe(429);
    expect((await submit(globex)).status).toBe(202);
    const batch = await call(acme, 'POST', '/jobs/batch', { jobs: [later, later] });
    expect([batch.status, batch.body.errors]).toEqual([429, [{ pointer: '/jobs', detail: 'must be at most 0 jobs now, got: 2' }]]);
    await call(acme, 'POST', `/jobs/${first.body.id}/cancel`);
    await waitFor('room for one job', async () => (await submit(acme)).status === 202);
  });

  test('reads its own quotas with any key, and sets none', async () => {
    await set({ unfinishedJobs: 100, submissionsPerSecond: 7, waits: null });
    const { body } = await call<Quotas>(acme, 'GET', '/quotas');
    expect(body).toMatchObject({
      tenant: 'acme',
      quotas: {
        unfinishedJobs: { limit: 100, used: 3, from: 'tenant' },
        submissionsPerSecond: { limit: 7, used: null, from: 'tenant' },
        submissionsBurst: { limit: 14, used: null, from: 'setting' },
        waits: { limit: null, used: 0, from: 'tenant' },
        streams: { limit: 2, used: 0, from: 'setting' },
        schedules: { limit: 10_000, used: 0, from: 'setting' },
      },
    });
    expect((await call(acme, 'PUT', '/tenants/acme/quotas', {})).status).toBe(403);
    expect((await call(acme, 'GET', '/tenants')).status).toBe(403);
  });

  test('may store so many bytes of files, and no upload of more is kept', async () => {
    await set({ fileBytes: 1_000 });
    const upload = (bytes: number) =>
      fetch(`${stack.gateway.url}/files?name=a.csv`, {
        method: 'POST',
        headers: { authorization: `Bearer ${acme}`, 'content-type': 'text/csv' },
        body: 'x'.repeat(bytes),
      });
    expect([(await upload(600)).status, (await upload(600)).status, (await upload(400)).status, (await upload(1)).status]).toEqual([201, 429, 201, 429]);
    expect((await call<Quotas>(acme, 'GET', '/quotas')).body.quotas['fileBytes']).toEqual({ limit: 1_000, used: 1_000, from: 'tenant' });
  });

  test('may have so many streams open, by the setting for all where it has no quota of its own', async () => {
    await call(operator, 'DELETE', '/tenants/acme/quotas');
    const ends: AbortController[] = [];
    const open = (key: string) => {
      const end = new AbortController();
      ends.push(end);
      return fetch(`${stack.gateway.url}/jobs/events`, { headers: { authorization: `Bearer ${key}` }, signal: end.signal });
    };
    try {
      const statuses = [(await open(acme)).status, (await open(acme)).status];
      const refused = await open(acme);
      expect([...statuses, refused.status, ((await refused.json()) as Problem).exceeded?.signal]).toEqual([200, 200, 429, 'streams']);
      expect((await open(globex)).status).toBe(200);
      ends[0]?.abort();
      await waitFor('room for a stream', async () => (await open(acme)).status === 200);
    } finally {
      for (const end of ends) end.abort();
    }
  });

  test('is held to its waits, streams, uploads and bytes by two gateways together; each refusal names which, and what ends makes room on the other', async () => {
    const other = await spawnApp('gateway', stack.env);
    const ends: AbortController[] = [];
    const sockets: WebSocket[] = [];
    const headers = { authorization: `Bearer ${acme}` };
    const { url } = stack.gateway;
    /** A request that lasts until it is aborted. */
    const held = (at: string, path: string, init: RequestInit & { duplex?: 'half' } = {}) => {
      const end = new AbortController();
      ends.push(end);
      const answer = fetch(at + path, { ...init, headers: { ...headers, ...(init.headers as Record<string, string>) }, signal: end.signal });
      answer.catch(() => undefined);
      return { answer, end };
    };
    const used = async (quota: string) => (await call<Quotas>(acme, 'GET', '/quotas')).body.quotas[quota]?.used;
    try {
      const before = Number(await used('fileBytes'));
      await set({ waits: 1, streams: 2, uploads: 1, fileBytes: before + 1_000 });
      const known = async () => (await new Api(other.url).call<Quotas>('GET', '/quotas', undefined, headers)).body.quotas['waits']?.limit === 1;
      await waitFor('the other gateway to know them', known);

      const asks = (at: string, key: string) =>
        new Api(at).submit('debug.echo', { value: 1 }, undefined, { authorization: `Bearer ${key}`, prefer: 'wait=30' });
      const job = JSON.stringify({ kind: 'debug.echo', payload: { value: 1 }, options: { delay: '1h' } });
      const waiting = held(url, '/jobs', { method: 'POST', body: job, headers: { 'content-type': 'application/json', prefer: 'wait=60' } });
      await waitFor('the wait', async () => (await used('waits')) === 1);
      const second = await asks(other.url, acme);
      expect([second.status, second.headers.get('preference-applied')]).toEqual([202, null]);
      expect((await asks(other.url, globex)).headers.get('preference-applied')).toBe('wait=30');
      waiting.end.abort();
      await waitFor('room for a wait', async () => (await asks(other.url, acme)).headers.get('preference-applied') !== null);

      await waitFor('the end of what other tests had open', async () => (await used('streams')) === 0);
      expect((await held(url, '/jobs/events').answer).status).toBe(200);
      const open = (at: string) => {
        const socket = new WebSocket(`${at.replace('http', 'ws')}/ws`, { headers });
        sockets.push(socket);
        return new Promise<{ code: number; reason: string } | 'open'>((resolve) => {
          socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
          socket.once('open', () => socket.send(JSON.stringify({ event: 'subscribe', data: { job: 'none' } })));
          socket.once('message', () => resolve('open'));
        });
      };
      expect(await open(other.url)).toBe('open');
      await waitFor('both streams', async () => (await used('streams')) === 2);
      for (const at of [url, other.url]) {
        const refused = await held(at, '/jobs/events').answer;
        expect(refused.status).toBe(429);
        expect(((await refused.json()) as Problem).exceeded).toMatchObject({ signal: 'streams', measured: 2, limit: 2 });
        const socket = new WebSocket(`${at.replace('http', 'ws')}/ws`, { headers });
        sockets.push(socket);
        const closed = await new Promise<[number, string]>((resolve) => socket.once('close', (code, reason) => resolve([code, reason.toString()])));
        expect(closed).toEqual([1013, expect.stringContaining('expected at most 2 streams of events of tenant acme (quota streams)')]);
      }
      sockets[0]?.close();
      await waitFor('room for a stream on the first', async () => (await held(url, '/jobs/events').answer).status === 200);

      let more: ReadableStreamDefaultController<Uint8Array> | undefined;
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          more = controller;
          controller.enqueue(new Uint8Array(600).fill(120));
        },
      });
      const csv = { 'content-type': 'text/csv' };
      const uploading = held(url, '/files?name=a.csv', { method: 'POST', body, duplex: 'half', headers: csv });
      await waitFor('the upload', async () => (await used('uploads')) === 1);
      const upload = async (bytes: number) => {
        const answer = await fetch(`${other.url}/files?name=b.csv`, { method: 'POST', headers: { ...headers, ...csv }, body: 'x'.repeat(bytes) });
        return [answer.status, ((await answer.json()) as Problem).exceeded?.signal];
      };
      expect(await upload(1)).toEqual([429, 'uploads']);
      await set({ fileBytes: before + 1_000 });
      await waitFor('the other gateway to know it', async () => (await upload(0))[0] === 201);
      // 600 of the thousand are on their way through the first one.
      expect(await upload(600)).toEqual([429, 'fileBytes']);
      more?.close();
      expect((await uploading.answer).status).toBe(201);
      expect([await upload(401), await upload(400), await upload(1)]).toEqual([
        [429, 'fileBytes'],
        [201, undefined],
        [429, 'fileBytes'],
      ]);
      expect(await used('fileBytes')).toBe(before + 1_000);
    } finally {
      for (const end of ends) end.abort();
      for (const socket of sockets) socket.terminate();
      await call(operator, 'DELETE', '/tenants/acme/quotas');
      await other.stop();
    }
  }, 120_000);

  test('is listed, shown, set and reset on the command line, and each change is in the audit with what was before', async () => {
    expect((await cli('tenants', 'set', 'acme', '--unfinished-jobs', '50', '--streams', 'none')).out).toMatch(/unfinishedJobs +50 +\d+ +tenant/);
    expect((await cli('tenants', 'set', 'acme', '--waits', '9', '--streams', 'default')).out).toMatch(/streams +2 +\d+ +setting/);
    expect((await cli('tenants')).out).toMatch(/acme +(unfinishedJobs 50, waits 9|waits 9, unfinishedJobs 50)\ndefault +-\nglobex +-/);
    expect((await cli('tenants', 'reset', 'acme')).out).toMatch(/unfinishedJobs +none +\d+ +setting/);
    expect((await cli('tenants', 'show')).out).toContain('default\n');
    expect(await cli('tenants', 'set', 'acme', '--waits', 'many')).toMatchObject({ code: 2 });
    const { items } = (await call<{ items: { action: string; target: string; detail: object }[] }>(operator, 'GET', '/audit?action=putTenantQuotas&limit=1'))
      .body;
    expect(items).toMatchObject([
      { target: '/tenants/acme/quotas', detail: { request: { unfinishedJobs: 50, waits: 9 }, before: { unfinishedJobs: 50, streams: null } } },
    ]);
  });

  test('keeps its finished jobs as long as its rule says, which no other tenant sees and no key without the scope changes', async () => {
    const DAY = 86_400;
    const ended = async (key: string, daysAgo: number): Promise<string> => {
      const { body } = await call<{ id: string }>(key, 'POST', '/jobs', { kind: 'debug.echo', payload: { value: 1 } });
      await waitFor('the job to succeed', async () => (await call<{ state: string }>(key, 'GET', `/jobs/${body.id}`)).body.state === 'succeeded');
      const time = (Date.now() - daysAgo * DAY * 1_000).toString(16).padStart(12, '0');
      const id = `${time.slice(0, 8)}-${time.slice(8)}${body.id.slice(13)}`;
      await stack.query(`UPDATE jobs SET id = $2, finished_at = finished_at - $3 * interval '1 day' WHERE id = $1`, [body.id, id, daysAgo]);
      return id;
    };
    const statuses = (...jobs: [key: string, id: string][]) => Promise.all(jobs.map(async ([key, id]) => (await call(key, 'GET', `/jobs/${id}`)).status));
    const [older, newer, theirs] = [await ended(acme, 3), await ended(acme, 1.5), await ended(globex, 3)];
    const viewer = await made('--tenant', 'acme', '--scope', 'retention:read', '--name', 'viewer of acme');
    const rules = async (key: string, query = '') =>
      (await call<{ items: { kinds: string; tenant: string | null }[] }>(key, 'GET', `/retention${query}`)).body.items.map(({ kinds, tenant }) => [
        kinds,
        tenant,
      ]);

    expect((await call(viewer, 'PUT', '/retention/debug.*', { succeededSeconds: 2 * DAY })).status).toBe(403);
    expect((await call(acme, 'PUT', '/retention/debug.*?tenant=globex', { succeededSeconds: 2 * DAY })).status).toBe(400);
    expect((await call(acme, 'PUT', '/retention/debug.*', { succeededSeconds: 2 * DAY }, { 'act-reason': 'contract' })).status).toBe(200);
    await waitFor('the older job to go', async () => (await statuses([acme, older]))[0] === 404);
    expect(await statuses([acme, newer], [globex, theirs])).toEqual([200, 200]);
    expect([await rules(viewer), await rules(globex), await rules(operator), await rules(operator, '?tenant=acme')]).toEqual([
      [['debug.*', 'acme']],
      [],
      [['debug.*', 'acme']],
      [['debug.*', 'acme']],
    ]);
    expect((await call(globex, 'DELETE', '/retention/debug.*')).status).toBe(404);

    expect((await cli('retention', 'set', '*', '--succeeded', '2d', '--failed', 'forever', '--reason', 'for all')).out).toMatch(
      /\* +\(all\) +2d +forever +api/,
    );
    await waitFor('the job of the other tenant to go', async () => (await statuses([globex, theirs]))[0] === 404);
    expect(await rules(globex)).toEqual([['*', null]]);
    expect((await cli('retention', '--tenant', 'acme')).out).toMatch(
      /\* +\(all\) +2d +forever +api\ndebug\.\* +acme +2d +- +api\n\* +\(all\) +7d +30d +settings/,
    );
    expect((await cli('retention', 'delete', 'debug.*', '--tenant', 'acme')).out).toBe('deleted debug.*\n');
    expect((await cli('retention', 'delete', '*')).code).toBe(0);
    expect(await cli('retention', 'delete', '*')).toMatchObject({ code: 4 });
    expect(await cli('retention', 'set', '*', '--failed', 'long')).toMatchObject({ code: 2 });
    expect(await cli('retention', 'set', '*')).toMatchObject({ code: 2 });
    const acts = async (action: string) => (await call<{ items: unknown[] }>(operator, 'GET', `/audit?action=${action}`)).body.items;
    expect(await acts('putRetention')).toMatchObject([
      { target: '/retention/*', detail: { reason: 'for all', before: null, after: { tenant: null } } },
      { tenant: 'acme', target: '/retention/debug.*', detail: { reason: 'contract', request: { succeededSeconds: 2 * DAY }, before: null } },
    ]);
    expect(await acts('deleteRetention')).toMatchObject([{ target: '/retention/*' }, { detail: { before: { tenant: 'acme', succeededSeconds: 2 * DAY } } }]);
  });

  test.each([
    ['debug.*', { succeededSeconds: 60 }, '/succeededSeconds', 'from 86400 (IDEMPOTENCY_SECONDS) to 3153600000, or null for ever, got: 60'],
    ['debug.*', { seconds: 86_400 }, '/seconds', 'is not a known field'],
    ['debug.*', {}, '', 'must have succeededSeconds, failedSeconds, or both'],
    ['debug*', { failedSeconds: null }, '/kinds', 'must be a kind, a prefix such as "report.*", or "*" for every kind, got: "debug*"'],
    ['longhaul.*', { failedSeconds: null }, '/kinds', "must not be one of Longhaul's own kinds"],
  ])('refuses the rule of retention for %s, %j, and names the field', async (kinds, times, pointer, detail) => {
    const { status, body } = await call(acme, 'PUT', `/retention/${kinds}`, times);
    expect([status, body.errors]).toEqual([422, [{ pointer, detail: expect.stringContaining(detail) }]]);
  });

  test.each([
    [{ jobs: 1 }, '/jobs', 'is not a known field'],
    [{ waits: -1 }, '/waits', 'must be a whole number from 0 to 10000000, or null for no bound, got: -1'],
    [{ streams: 'many' }, '/streams', 'must be a whole number from 0 to 10000000, or null for no bound, got: "many"'],
    [{ submissionsBurst: 0 }, '/submissionsBurst', 'must be 1 at least: with 0 nothing could ever be submitted'],
  ])('refuses the quotas %j and names the field', async (quotas, pointer, detail) => {
    const { status, body } = await call(operator, 'PUT', '/tenants/acme/quotas', quotas);
    expect([status, body.errors]).toEqual([422, [{ pointer, detail }]]);
  });
});

describeWithBroker('a quota of submissions over AMQP', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed', env: { TENANT_UNFINISHED_JOBS: '2' } });
  });
  afterAll(() => stack.stop());

  test('makes a dead letter of the message beyond it, whose sender is told, and which is put back when there is room', async () => {
    const connection = await connect(stack.amqpUrl);
    try {
      const channel = await connection.createChannel();
      const replies: ConsumeMessage[] = [];
      await channel.consume('amq.rabbitmq.reply-to', (message) => message && replies.push(message), { noAck: true });
      const send = (messageId: string): boolean =>
        channel.publish('longhaul.submit', 'debug.echo', Buffer.from('{"value":1}'), {
          ...{ contentType: 'application/json', persistent: true, messageId, correlationId: messageId, replyTo: 'amq.rabbitmq.reply-to' },
          headers: { 'x-longhaul-delay-ms': 3_600_000 },
        });
      const jobs = () => stack.query<{ id: string }>(`SELECT id FROM jobs ORDER BY id`);
      send('one');
      send('two');
      const [first] = await waitFor('two jobs', async () => ((await jobs()).length === 2 ? jobs() : undefined));
      send('three');
      const reply = await waitFor('the reply', () => replies.find(({ properties }) => properties.correlationId === 'three'));
      expect(JSON.parse(reply.content.toString())).toMatchObject({ type: '/problems/quota-exceeded' });
      const letter = await waitFor('the dead letter', async () => (await stack.api.deadLetters('?source=message'))[0]);
      expect(letter).toMatchObject({ reason: 'quota_exceeded', messageId: 'three' });
      expect(await jobs()).toHaveLength(2);
      await stack.api.call('POST', `/jobs/${String(first?.id)}/cancel`);
      await waitFor('the letter to be put back', async () => (await stack.api.call('POST', `/dead-letters/${letter.id}/redrive`)).status === 202);
      expect(await jobs()).toHaveLength(3);
    } finally {
      await connection.close();
    }
  });
});
