import { randomBytes } from 'node:crypto';
import { type Channel, type ChannelModel, connect, type Options } from 'amqplib';
import WebSocket from 'ws';
import { type SmtpReceiver, smtpReceiver } from '../support/smtp-receiver.js';
import {
  type Account,
  describeWithControl,
  freshAccount,
  longhaul,
  newKey,
  type Stack,
  startStack,
  waitFor,
  type WebhookReceiver,
  webhookReceiver,
} from '../support/index.js';

interface Problem {
  status: number;
  type: string;
  detail: string;
}
interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}
interface Document {
  paths: Record<string, Record<string, { operationId?: string }>>;
}
interface Seen {
  status: number;
  text: string;
  headers: Headers;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const NOBODYS = '01890000-0000-7000-8000-00000000dead';
const FOLDER_OF_KEYS = ['jobs:submit', 'jobs:read'];

/** A tenant with one of everything that a tenant can have. The canary is in all of it, and nowhere else. */
interface Tenant {
  name: string;
  key: string;
  canary: string;
  /** By what the routes call them. */
  ids: Record<
    'job' | 'failed' | 'later' | 'running' | 'file' | 'letter' | 'message' | 'endpoint' | 'delivery' | 'apiKey' | 'session' | 'bulk' | 'erasure',
    string
  >;
  group: string;
  /** All that any door has told it. */
  saw: string[];
}

describe('two tenants of one installation', () => {
  let stack: Stack;
  let receiver: WebhookReceiver;
  let smtp: SmtpReceiver;
  let operator: string;
  let acme: Tenant;
  let globex: Tenant;

  beforeAll(async () => {
    [receiver, smtp] = await Promise.all([webhookReceiver(), smtpReceiver()]);
    const env = {
      ...{ SMTP_URL: smtp.url, EMAIL_FROM: 'jobs@example.com', PUBLIC_URL: 'https://jobs.example.com' },
      AUTH: 'on',
      LOG_LEVEL: 'warn',
      ADMISSION_EVENT_LOOP_MS: '0',
      WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
      WEBHOOK_SCHEDULE: '200ms',
      WORKER_CONCURRENCY: '20',
    };
    stack = await startStack({ mode: 'single-process', env });
    operator = await made('--admin', '--name', 'the operator');
    [acme, globex] = [await filled('acme'), await filled('globex')];
  }, 240_000);
  afterAll(async () => {
    await stack.stop();
    await Promise.all([receiver.close(), smtp.close()]);
  });

  const made = async (...options: string[]): Promise<string> => {
    const { out, err } = await longhaul(['keys', 'create', ...options], stack.env);
    if (out === '') throw new Error(err);
    return out.trim();
  };

  async function ask(key: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Seen> {
    const json = body !== undefined && headers['content-type'] === undefined;
    const response = await fetch(stack.gateway.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(json ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body === undefined ? {} : { body: json ? JSON.stringify(body) : (body as string) }),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  }

  async function as(tenant: Tenant, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Seen> {
    const answer = await ask(tenant.key, method, path, body, headers);
    tenant.saw.push(`${method} ${path}: ${answer.text} ${JSON.stringify([...answer.headers])}`);
    return answer;
  }

  async function good<Body>(tenant: Tenant, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Body> {
    const { status, text: answer } = await as(tenant, method, path, body, headers);
    if (status >= 300) throw new Error(`expected ${method} ${path} of ${tenant.name} to succeed, got ${status}: ${answer}`);
    return (answer === '' ? undefined : JSON.parse(answer)) as Body;
  }

  /** One of everything. Both tenants call theirs the same, and have the same keys: only the canary tells them apart. */
  async function filled(name: string): Promise<Tenant> {
    const canary = `canary${randomBytes(8).toString('hex')}`;
    const tenant: Tenant = {
      name,
      key: await made('--admin', '--tenant', name, '--name', `admin of ${name}`),
      canary,
      ids: {} as Tenant['ids'],
      group: '',
      saw: [],
    };
    const { ids } = tenant;
    const submit = async (idempotencyKey: string, kind: string, payload: object, options: object = {}): Promise<string> =>
      (
        await good<{ id: string }>(
          tenant,
          'POST',
          '/jobs',
          { kind, payload, options: { tags: ['same', canary], ...options } },
          { 'idempotency-key': idempotencyKey },
        )
      ).id;
    const ended = async (id: string, state: string) =>
      waitFor(`job ${id} to be ${state}`, async () => (await good<{ state: string }>(tenant, 'GET', `/jobs/${id}`)).state === state);

    ids.endpoint = (await good<{ id: string }>(tenant, 'POST', '/webhooks/endpoints', { url: receiver.url, description: canary, tags: ['same'] })).id;
    ids.job = await submit('order-1', 'debug.echo', { value: canary }, { unique: { key: 'same' } });
    await ended(ids.job, 'succeeded');
    ids.failed = await submit('order-2', 'debug.fail', { message: canary }, { maxAttempts: 1 });
    await ended(ids.failed, 'failed');
    ids.later = await submit('order-3', 'debug.echo', { value: canary }, { delay: '1h', unique: { key: 'waits' } });
    ids.running = await submit('order-4', 'debug.sleep', { ms: 600_000 });
    await ended(ids.running, 'running');
    const named = { 'content-type': 'text/csv' };
    ids.file = (await good<{ id: string }>(tenant, 'POST', '/files?name=orders.csv', `a,b\n${canary},2\n`, named)).id;
    await good(tenant, 'PUT', `/retention/a.${canary}`, { succeededSeconds: null });
    const schedule = { kind: 'debug.echo', payload: { value: canary }, spec: { every: '1d' }, description: canary, options: { tags: [canary] } };
    await good(tenant, 'PUT', '/schedules/nightly', schedule);
    await good(tenant, 'POST', '/schedules/nightly/trigger', undefined, { 'idempotency-key': 'order-5' });
    const letters = await waitFor('the dead letter', async () => {
      const { items } = await good<Page<{ id: string; group: string }>>(tenant, 'GET', '/dead-letters');
      return items.length > 0 ? items : undefined;
    });
    ids.letter = String(letters[0]?.id);
    tenant.group = String(letters[0]?.group);
    await good(tenant, 'POST', `/dead-letters/groups/${tenant.group}/acknowledge`, { reason: canary });
    const [message] = await stack.query<{ id: string }>(
      `INSERT INTO dead_letters (identity, source, reason, detail, kind, body, message_id, tenant, fingerprint)
       VALUES ('message:' || $1, 'message', 'unknown_kind', $1, 'debug.echo', convert_to('{"value":"' || $1 || '"}', 'UTF8'), 'order-6', $2, '00000000000000aa') RETURNING id`,
      [canary, name],
    );
    ids.message = String(message?.id);
    const deliveries = await waitFor('the deliveries', async () => {
      const { items } = await good<Page<{ id: string; state: string }>>(tenant, 'GET', '/webhooks/deliveries');
      // Of the two jobs that have ended with its tag: one that came later would look like a change.
      return items.length === 2 && items.every(({ state }) => state === 'succeeded') ? items : undefined;
    });
    ids.delivery = String(deliveries[0]?.id);
    ids.apiKey = (await good<{ id: string }>(tenant, 'POST', '/keys', { name: canary, scopes: FOLDER_OF_KEYS })).id;
    await good(tenant, 'POST', '/session', { key: tenant.key });
    ids.session = String((await good<{ items: { id: string }[] }>(tenant, 'GET', '/sessions')).items[0]?.id);
    ids.bulk = (await good<{ id: string }>(tenant, 'POST', '/jobs/redrive', { filter: { tag: `none ${canary}` } }, { 'idempotency-key': 'order-7' })).id;
    await ended(ids.bulk, 'succeeded');
    ids.erasure = (await good<{ id: string }>(tenant, 'POST', '/erasures', { tag: `none ${canary}` })).id;
    await ended(ids.erasure, 'succeeded');
    return tenant;
  }

  /** All that is stored of a tenant, which nobody else may change. */
  async function stored(tenant: Tenant): Promise<unknown> {
    const rows = (table: string, columns: string) => stack.query(`SELECT ${columns} FROM ${table} WHERE tenant = $1 ORDER BY 1`, [tenant.name]);
    return {
      jobs: await rows('jobs', `id, state, cancel_requested, redrives, priority, run_at, payload::text`),
      files: await rows('files', '*'),
      schedules: await rows('schedules', 'id, payload::text, paused_at, revision, last_job_id'),
      ticks: await rows('schedule_ticks', 'tick, outcome, job_id'),
      letters: await rows('dead_letters', '*'),
      groups: await rows('dead_letter_groups', '*'),
      endpoints: await rows('webhook_endpoints', '*'),
      deliveries: await rows('webhook_deliveries', 'id, state, delivery_job_id'),
      keys: await rows('api_keys', 'id, revoked_at, expires_at'),
      retention: await rows('retention_rules', '*'),
      sessions: await stack.query('SELECT s.id FROM sessions s JOIN api_keys k ON k.id = s.key_id WHERE k.tenant = $1 ORDER BY 1', [tenant.name]),
    };
  }

  /** Nothing of the other tenant: no canary, and no id. */
  const foreignIn = (text: string, other: Tenant): string[] => [other.canary, ...Object.values(other.ids)].filter((word) => text.includes(word));

  /** How an operation is tried with what the other tenant has. Each of the document needs one. */
  type Try =
    /** It belongs to the whole installation, so a tenant's key is refused. */
    | 'installation'
    /** It has no data of anybody. */
    | 'nobodys'
    /** Its path names something of the other tenant: it is answered as what nobody has. */
    | { other: (other: Tenant) => Record<string, string>; body?: unknown; query?: string }
    /** Its path names something that both have, or it has none: what it answers and changes is of the caller alone. */
    | {
        own: (mine: Tenant, other: Tenant) => { path?: Record<string, string>; query?: string; body?: unknown; headers?: Record<string, string> };
        status?: number;
      };

  const job = (body?: unknown): Try => ({ other: ({ ids }) => ({ id: ids.running }), ...(body === undefined ? {} : { body }) });
  const letter = (body?: unknown): Try => ({ other: ({ ids }) => ({ id: ids.letter }), ...(body === undefined ? {} : { body }) });
  const endpoint = (body?: unknown): Try => ({ other: ({ ids }) => ({ id: ids.endpoint }), ...(body === undefined ? {} : { body }) });
  const list = (query: (other: Tenant) => string = () => ''): Try => ({ own: (_, other) => ({ query: query(other) }) });
  const nightly = (more: object = {}, status = 200): Try => ({ own: () => ({ path: { id: 'nightly' }, ...more }), status });

  const TRIES: Record<string, Try> = {
    // First: later it has what this test itself has asked for.
    listAudit: list(),
    streamAudit: 'nobodys',
    about: 'nobodys',
    live: 'nobodys',
    ready: 'nobodys',
    metrics: 'installation',
    submitJob: {
      own: (mine) => ({ body: { kind: 'debug.echo', payload: { value: mine.canary }, options: { unique: { key: 'waits' }, delay: '1h' } } }),
      status: 202,
    },
    submitBatch: {
      own: () => ({ body: { jobs: [{ kind: 'debug.echo', payload: { value: 1 }, options: { delay: '1h' } }] }, headers: { 'idempotency-key': 'order-1' } }),
      status: 202,
    },
    dryRunJob: { own: () => ({ body: { kind: 'debug.echo', payload: { value: 1 }, options: { unique: { key: 'none' } } } }) },
    listJobs: list(({ canary }) => `?tag=${canary}&count=true`),
    getJob: job(),
    listSteps: job(),
    whyJob: job(),
    startJob: job(),
    createStatusLink: job(),
    cancelJob: job(),
    redriveJob: { other: ({ ids }) => ({ id: ids.failed }) },
    cancelJobs: { own: (_, other) => ({ body: { filter: { tag: other.canary } } }), status: 202 },
    redriveJobs: { own: (_, other) => ({ body: { filter: { tag: other.canary } } }), status: 202 },
    reprioritiseJobs: { own: (_, other) => ({ body: { filter: { tag: other.canary }, priority: 9 } }), status: 202 },
    moveJobs: { own: (_, other) => ({ body: { filter: { tag: other.canary }, queue: 'default' } }), status: 202 },
    discardJobs: { own: (_, other) => ({ body: { filter: { tag: other.canary } } }), status: 202 },
    createErasure: { own: (_, other) => ({ body: { tag: other.canary, dryRun: true } }) },
    listErasures: list(({ canary }) => `?tag=${canary}`),
    getErasure: { other: ({ ids }) => ({ id: ids.erasure }) },
    streamEvents: 'nobodys',
    streamJobEvents: job(),
    listKinds: 'nobodys',
    pauseKind: 'installation',
    resumeKind: 'installation',
    deleteKindPause: 'installation',
    listQueues: list(),
    getQueue: { own: () => ({ path: { name: 'default' } }) },
    declareQueue: 'installation',
    changeQueue: 'installation',
    deleteQueue: 'installation',
    pauseQueue: 'installation',
    resumeQueue: 'installation',
    listWorkers: 'installation',
    assignQueues: 'installation',
    drainWorker: 'installation',
    stats: 'installation',
    streamStats: 'installation',
    statsHistory: 'installation',
    doctor: 'installation',
    listAlerts: 'installation',
    listLimits: 'installation',
    getLimit: 'installation',
    putLimit: 'installation',
    dryRunLimit: 'installation',
    deleteLimit: 'installation',
    overrideLimit: 'installation',
    endLimitOverride: 'installation',
    listRetention: list(),
    putRetention: { own: () => ({ path: { kinds: 'debug.*' }, body: { failedSeconds: null } }) },
    deleteRetention: { own: () => ({ path: { kinds: 'debug.*' } }), status: 204 },
    listTenants: 'installation',
    getTenantQuotas: 'installation',
    putTenantQuotas: 'installation',
    resetTenantQuotas: 'installation',
    getQuotas: list(),
    listSchedules: list(),
    previewSchedule: { own: () => ({ body: { spec: { every: '1d' } } }) },
    getSchedule: nightly(),
    putSchedule: { own: (mine) => ({ path: { id: 'nightly' }, body: { kind: 'debug.echo', payload: { value: mine.canary }, spec: { every: '2d' } } }) },
    dryRunSchedule: nightly({ body: { kind: 'debug.echo', payload: { value: 1 }, spec: { every: '3d' } } }),
    pauseSchedule: nightly(),
    resumeSchedule: nightly(),
    triggerSchedule: nightly({ headers: { 'idempotency-key': 'order-8' } }, 202),
    backfillSchedule: nightly({ body: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' } }),
    deleteSchedule: nightly({}, 204),
    streamSchedules: 'nobodys',
    uploadFile: { own: (mine) => ({ query: '?name=orders.csv', body: mine.canary, headers: { 'content-type': 'text/csv' } }), status: 201 },
    getFile: { other: ({ ids }) => ({ id: ids.file }) },
    downloadFile: { other: ({ ids }) => ({ id: ids.file }) },
    deleteFile: { other: ({ ids }) => ({ id: ids.file }) },
    listDeadLetters: list(() => '?redriven=true&discarded=true'),
    getDeadLetter: letter(),
    getDeadLetterBody: { other: ({ ids }) => ({ id: ids.message }) },
    discardDeadLetter: letter(),
    listLetterGroups: list(),
    streamDeadLetters: 'nobodys',
    acknowledgeLetterGroup: { own: (mine) => ({ path: { group: mine.group }, body: { reason: 'mine' } }) },
    reopenLetterGroup: { own: (mine) => ({ path: { group: mine.group } }) },
    redriveDeadLetter: { other: ({ ids }) => ({ id: ids.message }) },
    redriveDeadLetters: { own: () => ({ body: { all: true } }) },
    discardDeadLetters: { own: () => ({ body: { all: true } }) },
    createWebhookEndpoint: { own: () => ({ body: { url: receiver.url } }), status: 201 },
    listWebhookEndpoints: list(),
    getWebhookEndpoint: endpoint(),
    updateWebhookEndpoint: endpoint({ description: 'changed' }),
    deleteWebhookEndpoint: endpoint(),
    rotateWebhookSecret: endpoint({}),
    testWebhookEndpoint: endpoint(),
    streamWebhooks: 'nobodys',
    listWebhookDeliveries: list(({ ids }) => `?job=${ids.job}`),
    getWebhookDelivery: { other: ({ ids }) => ({ id: ids.delivery }) },
    replayWebhookDelivery: { other: ({ ids }) => ({ id: ids.delivery }) },
    replayWebhookDeliveries: { own: (_, other) => ({ body: { state: 'succeeded', endpoint: other.ids.endpoint } }), status: 202 },
    createStreamTicket: { own: () => ({ body: { url: '/jobs/events' } }), status: 201 },
    getSession: list(),
    openSession: 'nobodys',
    closeSession: 'nobodys',
    listSessions: list(),
    revokeSession: { other: ({ ids }) => ({ id: ids.session }) },
    listKeys: list(),
    streamKeys: 'nobodys',
    createKey: { own: () => ({ body: { name: 'one more', scopes: FOLDER_OF_KEYS } }), status: 201 },
    rotateKey: { other: ({ ids }) => ({ id: ids.apiKey }) },
    revokeKey: { other: ({ ids }) => ({ id: ids.apiKey }) },
  };

  /** The id is in the answer; all else is to be the same for one that nobody has. */
  const withoutId = (body: string, path: Record<string, string>) => Object.values(path).reduce((left, id) => left.replaceAll(id, '…'), body);

  test('each operation of the document is tried, and no other', async () => {
    const { paths } = JSON.parse((await ask(operator, 'GET', '/openapi.json')).text) as Document;
    const documented = Object.values(paths).flatMap((item) => METHODS.flatMap((method) => item[method]?.operationId ?? []));
    expect(Object.keys(TRIES).sort()).toEqual(documented.sort());
  });

  const LISTS = [
    '/jobs',
    '/dead-letters',
    '/dead-letters/groups',
    '/webhooks/endpoints',
    '/webhooks/deliveries',
    '/schedules',
    '/erasures',
    '/audit',
    '/keys',
    '/sessions',
  ];
  test.each(LISTS)(
    '%s shows a key for all tenants the rows of the tenant that it names, and whose they are; of another tenant a tenant gets nothing',
    async (path) => {
      type Rows = { items: { tenant?: string | null }[] };
      const rows = ({ status, text: body }: Seen) => {
        expect([status, body]).toEqual([200, expect.any(String)]);
        return (JSON.parse(body) as Rows).items;
      };
      for (const [mine, other] of [
        [acme, globex],
        [globex, acme],
      ] as const) {
        const shown = await ask(operator, 'GET', `${path}?tenant=${mine.name}`);
        const own = rows(await as(mine, 'GET', path));
        expect(rows(shown)).toHaveLength(own.length);
        expect(own.length).toBeGreaterThan(0);
        expect(foreignIn(shown.text, other)).toEqual([]);
        if (path !== '/dead-letters/groups') expect(new Set(rows(shown).map(({ tenant }) => tenant))).toEqual(new Set([mine.name]));
        if (path !== '/keys' && path !== '/sessions') expect(own.filter((row) => 'tenant' in row)).toEqual([]);
        expect(rows(await as(mine, 'GET', `${path}?tenant=${mine.name}`))).toHaveLength(own.length);
        for (const name of [other.name, 'nobody']) expect(rows(await as(mine, 'GET', `${path}?tenant=${name}`))).toEqual([]);
      }
      for (const wrong of ['%2A', 'a%00', 'acme&tenant=globex', '..']) expect((await ask(operator, 'GET', `${path}?tenant=${wrong}`)).status).toBe(400);
    },
  );

  test('a key for all tenants is told whose each thing is that it looks at, and looks at the schedules of the tenant that it names', async () => {
    const { job, letter, endpoint, delivery } = acme.ids;
    for (const path of [`/jobs/${job}`, `/dead-letters/${letter}`, `/webhooks/endpoints/${endpoint}`, `/webhooks/deliveries/${delivery}`]) {
      expect(JSON.parse((await ask(operator, 'GET', path)).text)).toMatchObject({ tenant: 'acme' });
      expect(JSON.parse((await as(acme, 'GET', path)).text)).not.toHaveProperty('tenant');
    }
    expect(JSON.parse((await ask(operator, 'GET', '/schedules/nightly?tenant=acme')).text)).toMatchObject({ tenant: 'acme', description: acme.canary });
    expect((await ask(operator, 'GET', '/schedules/nightly')).status).toBe(404);
    expect((await as(acme, 'GET', '/schedules/nightly?tenant=globex')).text).toBe(
      (await as(acme, 'GET', '/schedules/nightly?tenant=nobody')).text.replaceAll('nobody', 'globex'),
    );
  });

  test('whatever one of them asks with what the other has, it is answered as if nobody had it, and nothing of the other is told or changed', async () => {
    const { paths } = JSON.parse((await ask(operator, 'GET', '/openapi.json')).text) as Document;
    const before = await stored(globex);
    const places = new Map(
      Object.entries(paths).flatMap(([route, item]) =>
        METHODS.flatMap((method) => (item[method] ? [[String(item[method].operationId), { route, method }] as const] : [])),
      ),
    );
    let tried = 0;
    // In this order: what deletes comes after what needs it.
    for (const [name, way] of Object.entries(TRIES)) {
      const { route, method } = places.get(name) as { route: string; method: string };
      if (way === 'nobodys') continue;
      tried++;
      const at = (path: Record<string, string> = {}) =>
        Object.entries(path)
          .reduce((left, [part, value]) => left.replace(`{${part}}`, value), route)
          .replaceAll(/\{[^}]+\}/g, NOBODYS);
      const call = (path: Record<string, string>, query = '', body?: unknown, headers = {}) => as(acme, method.toUpperCase(), at(path) + query, body, headers);
      if (way === 'installation') {
        const { status, text: answer } = await call({});
        expect([name, status, (JSON.parse(answer) as Problem).type]).toEqual([name, 403, '/problems/insufficient-scope']);
        expect(answer).toContain('for all tenants, because this belongs to the whole installation');
      } else if ('other' in way) {
        const [theirs, nobodys] = [way.other(globex), Object.fromEntries(Object.keys(way.other(globex)).map((part) => [part, NOBODYS]))];
        const [answer, same] = [await call(theirs, way.query, way.body), await call(nobodys, way.query, way.body)];
        expect([name, answer.status]).toEqual([name, 404]);
        expect([name, withoutId(answer.text, theirs)]).toEqual([name, withoutId(same.text, nobodys)]);
      } else {
        const { path, query, body, headers } = way.own(acme, globex);
        const answer = await call(path ?? {}, query, body, headers);
        expect([name, answer.status, answer.status < 300 ? '' : answer.text]).toEqual([name, way.status ?? 200, '']);
        expect([
          name,
          foreignIn(
            answer.text.replaceAll(globex.canary, (found) => (JSON.stringify(body ?? '').includes(found) ? '' : found)),
            globex,
          ),
        ]).toEqual([name, []]);
      }
    }
    expect(tried).toBeGreaterThan(70);
    // What was asked for in jobs of its own, such as an act on many, has been done.
    await waitFor('all acts to end', async () => {
      const [row] = await stack.query<{ open: number }>(`SELECT count(*)::integer AS open FROM jobs WHERE kind LIKE 'longhaul.%' AND finished_at IS NULL`);
      return row?.open === 0;
    });
    expect(await stored(globex)).toEqual(before);
  });

  test('a wait for the end of a job of the other is over at once, as for one that nobody has', async () => {
    const begun = performance.now();
    const { status } = await as(acme, 'GET', `/jobs/${globex.ids.running}`, undefined, { prefer: 'wait=20' });
    expect(status).toBe(404);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  test('the same idempotency keys, unique keys, schedules and file names are of each by itself', () => {
    for (const name of Object.keys(acme.ids) as (keyof Tenant['ids'])[]) expect(acme.ids[name]).not.toBe(globex.ids[name]);
  });

  test('a repeat with an idempotency key finds the job of the same tenant, and a unique key the one that waits for it', async () => {
    const body = { kind: 'debug.echo', payload: { value: globex.canary }, options: { tags: ['same', globex.canary], unique: { key: 'same' } } };
    const { text: answer, headers } = await as(globex, 'POST', '/jobs', body, { 'idempotency-key': 'order-1' });
    expect([headers.get('idempotency-replayed'), (JSON.parse(answer) as { id: string }).id]).toEqual(['true', globex.ids.job]);
    const again = { kind: 'debug.echo', payload: { value: 'x' }, options: { delay: '1h', unique: { key: 'waits' } } };
    expect(JSON.parse((await as(globex, 'POST', '/jobs', again)).text)).toMatchObject({ id: globex.ids.later });
  });

  const openStream = async (tenant: Tenant, path: string) => {
    const gone = new AbortController();
    const response = await fetch(`${stack.gateway.url}${path}`, { headers: { authorization: `Bearer ${tenant.key}` }, signal: gone.signal });
    let told = '';
    void (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) told += decoder.decode(chunk, { stream: true });
    })().catch(() => undefined);
    return { told: () => told, close: () => gone.abort() };
  };

  test('streams tell each of its own jobs alone, also where a stream was open before', async () => {
    const streams = [
      await openStream(acme, '/jobs/events'),
      await openStream(acme, '/jobs/events?tag=same'),
      await openStream(acme, `/jobs/events?kind=debug.echo&lastEventId=${Date.now() - 300_000}`),
    ];
    const theirs = await openStream(globex, '/jobs/events');
    const made: string[] = [];
    for (const tenant of [globex, acme, globex])
      made.push(
        (await good<{ id: string }>(tenant, 'POST', '/jobs', { kind: 'debug.echo', payload: { value: tenant.canary }, options: { tags: ['same'] } })).id,
      );
    await waitFor('both to be told', () => streams.every(({ told }) => told().includes(String(made[1]))) && theirs.told().includes(String(made[2])));
    for (const { told } of streams) {
      acme.saw.push(told());
      expect([made[0], made[2]].filter((id) => told().includes(String(id)))).toEqual([]);
      expect(foreignIn(told(), globex)).toEqual([]);
    }
    globex.saw.push(theirs.told());
    expect(theirs.told()).not.toContain(String(made[1]));
    for (const { close } of [...streams, theirs]) close();
  });

  test('the stream of webhooks tells each of its own receivers and deliveries alone, though one look is shared by all who may see the same', async () => {
    const [mine, again, named, theirs] = await Promise.all([
      openStream(acme, '/webhooks/stream'),
      openStream(acme, '/webhooks/stream'),
      openStream(acme, '/webhooks/stream?tenant=globex'),
      openStream(globex, '/webhooks/stream'),
    ]);
    await waitFor(
      'all to be told',
      () =>
        [mine, again].every(({ told }) => told().includes(acme.ids.endpoint)) && theirs.told().includes(globex.ids.endpoint) && named.told().includes('data:'),
    );
    for (const { told } of [mine, again, named]) {
      acme.saw.push(told());
      expect(foreignIn(told(), globex)).toEqual([]);
    }
    expect(named.told()).toContain('"endpoints":[]');
    globex.saw.push(theirs.told());
    expect(theirs.told()).not.toContain(acme.ids.endpoint);
    for (const { close } of [mine, again, named, theirs]) close();
  });

  test.each([
    ['schedules', '/streams/schedules?id=streamed', '"items":[]'],
    ['dead letters', '/streams/dead-letters?letters=true', '"letters":{"items":[]'],
    ['the audit', '/streams/audit?action=putSchedule', '"items":[]'],
  ])('the stream of %s tells each of its own alone, and nothing where another tenant is named', async (_, path, nothing) => {
    const named = `${path}&tenant=globex`;
    for (const tenant of [acme, globex])
      await good(tenant, 'PUT', '/schedules/streamed', { kind: 'debug.echo', payload: { value: 1 }, spec: { every: '1h' }, description: tenant.canary });
    const [mine, other, theirs] = await Promise.all([openStream(acme, path), openStream(acme, named), openStream(globex, path)]);
    await waitFor('all to be told', () => [mine, other, theirs].every(({ told }) => told().includes('data:')));
    for (const { told } of [mine, other]) {
      acme.saw.push(told());
      expect(foreignIn(told(), globex)).toEqual([]);
    }
    expect(mine.told()).toContain(acme.canary);
    expect(other.told()).toContain(nothing);
    globex.saw.push(theirs.told());
    expect(foreignIn(theirs.told(), acme)).toEqual([]);
    for (const { close } of [mine, other, theirs]) close();
  });

  test('over a WebSocket a job of the other is answered as one that nobody has', async () => {
    const socket = new WebSocket(`${stack.gateway.url.replace('http', 'ws')}/ws`, { headers: { authorization: `Bearer ${acme.key}` } });
    const frames: string[] = [];
    socket.on('message', (data: Buffer) => frames.push(data.toString()));
    await new Promise((resolve) => socket.once('open', resolve));
    for (const id of [globex.ids.running, NOBODYS, acme.ids.running]) socket.send(JSON.stringify({ event: 'subscribe', data: { job: id } }));
    await waitFor(
      'all to be answered',
      () => frames.some((frame) => frame.includes('"subscribed"')) && frames.filter((frame) => frame.includes('"error"')).length === 2,
    );
    const [theirs, nobodys] = frames.filter((frame) => frame.includes('"error"'));
    expect(theirs?.replaceAll(globex.ids.running, '…')).toBe(nobodys?.replaceAll(NOBODYS, '…'));
    await good(globex, 'POST', `/jobs/${globex.ids.running}/cancel`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    socket.close();
    acme.saw.push(...frames.filter((frame) => frame !== theirs));
  });

  test('each sees all that is its own, and a key for all tenants sees both', async () => {
    for (const [path, word] of [
      ['/jobs?tag=', 'canary'],
      ['/files/', 'file'],
      ['/webhooks/endpoints/', 'endpoint'],
    ] as const) {
      for (const tenant of [acme, globex]) {
        const id = word === 'canary' ? tenant.canary : tenant.ids[word];
        expect((await ask(operator, 'GET', path + id)).text).toContain(word === 'canary' ? tenant.ids.job : id);
        expect((await as(tenant, 'GET', path + id)).text).toContain(word === 'canary' ? tenant.ids.job : id);
      }
    }
    for (const path of ['/jobs?limit=200', '/keys', '/audit?limit=200', '/webhooks/endpoints']) {
      const { text: answer } = await ask(operator, 'GET', path);
      expect([path, [acme, globex].map((tenant) => foreignIn(answer, tenant).length > 0)]).toEqual([path, [true, true]]);
    }
  });

  test('on the command line --tenant shows what is of one, to whoever sees it, and nothing takes it that would act on all', async () => {
    for (const tenant of [acme, globex])
      await good(tenant, 'PUT', '/schedules/weekly', {
        kind: 'debug.echo',
        payload: { value: tenant.canary },
        spec: { every: '7d' },
        description: tenant.canary,
      });
    const failing = { kind: 'debug.fail', payload: { message: acme.canary }, options: { maxAttempts: 1 } };
    const { id: failed } = await good<{ id: string }>(acme, 'POST', '/jobs', failing);
    await waitFor('its end', async () => (await good<{ state: string }>(acme, 'GET', `/jobs/${failed}`)).state === 'failed');
    const cli = (key: string, ...args: string[]) => longhaul(args, { ...stack.env, LONGHAUL_URL: stack.gateway.url, LONGHAUL_KEY: key });
    for (const [args, word] of [
      [['list'], acme.ids.job],
      [['dead-letters'], acme.group],
      [['dead-letters', 'list'], failed],
      [['schedules'], acme.canary],
      [['schedules', 'show', 'weekly'], acme.canary],
      [['webhooks'], acme.ids.endpoint],
      [['erase', 'list'], acme.ids.erasure],
      [['audit', '--limit', '200'], '/schedules/weekly'],
    ] as const) {
      const { code, out } = await cli(operator, ...args, '--tenant', 'acme', '--json');
      expect([args, code, out.includes(word)]).toEqual([args, 0, true]);
      const { items = [] } = JSON.parse(out) as { items?: { tenant?: string }[] };
      expect([args, items.filter(({ tenant }) => tenant !== undefined && tenant !== 'acme')]).toEqual([args, []]);
      // What acme has asked of globex, by its tags and ids, stands in its own audit.
      if (args[0] !== 'audit') expect([args, foreignIn(out, globex)]).toEqual([args, []]);
    }
    const theirs = await cli(acme.key, 'list', '--tenant', 'globex', '--json');
    expect([theirs.code, JSON.parse(theirs.out)]).toMatchObject([0, { items: [] }]);
    for (const args of [
      ['dead-letters', 'discard', '--all'],
      ['schedules', 'delete', 'weekly'],
      ['webhooks', 'test', acme.ids.endpoint],
      ['cancel', '--all'],
    ])
      expect([args, (await cli(operator, ...args, '--tenant', 'acme')).code]).toEqual([args, 2]);
  });

  test('a handler finds the files of its own tenant, and none of another', async () => {
    const digest = async (tenant: Tenant, fileId: string): Promise<{ state: string; text: string }> => {
      const { id } = await good<{ id: string }>(tenant, 'POST', '/jobs', {
        kind: 'csv.import',
        payload: { fileId, table: `t_${tenant.name}` },
        options: { maxAttempts: 1 },
      });
      return waitFor('the end of the import', async () => {
        const { text: answer } = await as(tenant, 'GET', `/jobs/${id}`);
        const { state } = JSON.parse(answer) as { state: string };
        return ['succeeded', 'failed'].includes(state) ? { state, text: answer } : undefined;
      });
    };
    const own = await digest(acme, acme.ids.file);
    expect([own.state, own.state === 'succeeded' ? '' : own.text]).toEqual(['succeeded', '']);
    const other = await digest(acme, globex.ids.file);
    expect(other.state).toBe('failed');
    const nobodys = await digest(acme, NOBODYS);
    const messageOf = ({ text: answer }: { text: string }, id: string) =>
      (JSON.parse(answer) as { error: { message: string } }).error.message.replaceAll(id, '…');
    expect(messageOf(other, globex.ids.file)).toBe(messageOf(nobodys, NOBODYS));
  });

  test("an act on many that is put back with another payload still is for its own tenant's jobs alone", async () => {
    const { id } = await good<{ id: string }>(acme, 'POST', '/jobs/cancel', { filter: { tag: 'same' } });
    await waitFor('its end', async () => (await good<{ state: string }>(acme, 'GET', `/jobs/${id}`)).state === 'succeeded');
    await stack.query(`UPDATE jobs SET state = 'failed', history = coalesce(history, '[]') WHERE id = $1`, [id]);
    const waiting = (
      await good<{ id: string }>(globex, 'POST', '/jobs', { kind: 'debug.echo', payload: { value: globex.canary }, options: { delay: '1h', tags: ['same'] } })
    ).id;
    await as(acme, 'POST', `/jobs/${id}/redrive`, {
      payload: { act: 'cancel', tag: 'same', tenant: 'globex', before: new Date(Date.now() + 60_000).toISOString() },
    });
    await waitFor('its second end', async () => (await good<{ state: string }>(acme, 'GET', `/jobs/${id}`)).state === 'succeeded');
    expect(await good(globex, 'GET', `/jobs/${waiting}`)).toMatchObject({ state: 'scheduled' });
  });

  test('a selection that names a job of the other is refused as one that names no job, and changes nothing', async () => {
    for (const act of ['cancel', 'redrive', 'discard', 'reprioritise', 'move']) {
      const more = act === 'move' ? { queue: 'default' } : act === 'reprioritise' ? { priority: 1 } : {};
      const answers = await Promise.all(
        [globex.ids.later, NOBODYS].map(async (id) => {
          const { status, text } = await as(acme, 'POST', `/jobs/${act}`, { filter: { id: [acme.ids.later, id] }, ...more });
          return [status, withoutId(text, { id })];
        }),
      );
      expect([act, answers[0]]).toEqual([act, answers[1]]);
      expect([act, answers[0]?.[0]]).toEqual([act, 422]);
    }
  });

  test('a tenant makes keys for itself alone, however it asks', async () => {
    for (const tenant of ['globex', 'default', null]) {
      const { status, text: answer } = await as(acme, 'POST', '/keys', { name: 'x', scopes: ['jobs:read'], tenant });
      expect([tenant, status, answer.includes('"/tenant"')]).toEqual([tenant, 422, true]);
    }
    expect(await good(acme, 'POST', '/keys', { name: 'x', scopes: ['jobs:read', 'admin'] })).toMatchObject({ tenant: 'acme' });
    expect((await ask(operator, 'POST', '/keys', { name: 'x', scopes: ['jobs:read', 'queues:control'], tenant: 'acme' })).status).toBe(422);
    const cli = await longhaul(['keys', 'create', '--name', 'x', '--scope', 'jobs:read', '--tenant', 'a.b'], stack.env);
    expect([cli.code, cli.err.includes('/tenant must match')]).toEqual([2, true]);
  });

  test('a key for one kind finds no job of that kind of another tenant', async () => {
    const { key } = await good<{ key: string }>(acme, 'POST', '/keys', { name: 'narrow', scopes: ['jobs:read'], kinds: ['debug.*'] });
    expect((await ask(key, 'GET', `/jobs/${acme.ids.job}`)).status).toBe(200);
    expect((await ask(key, 'GET', `/jobs/${globex.ids.job}`)).status).toBe(404);
    expect(foreignIn((await ask(key, 'GET', '/jobs?kind=debug.echo')).text, globex)).toEqual([]);
  });

  test('an endpoint hears of the jobs of its own tenant alone', () => {
    const ofTenant = (tenant: Tenant) => receiver.received.filter(({ body }) => JSON.stringify(body).includes(tenant.canary));
    // Two endpoints with the same URL, one of each: a job is told once.
    for (const tenant of [acme, globex]) expect(new Set(receiver.of(tenant.ids.job).map(({ id }) => id)).size).toBe(1);
    expect(ofTenant(acme).length).toBeGreaterThan(0);
  });

  test('an e-mail tells whoever one of them names of its own job alone', async () => {
    for (const [tenant, other] of [
      [acme, globex],
      [globex, acme],
    ] as const) {
      const options = { tags: [tenant.canary], notifyEmail: `ops@${tenant.name}.example` };
      const { id } = await good<{ id: string }>(tenant, 'POST', '/jobs', { kind: 'debug.echo', payload: { value: tenant.canary }, options });
      const mail = await waitFor('the e-mail', () => smtp.mails.find(({ text: told }) => told?.includes(id)));
      expect(mail.to).toMatchObject({ text: options.notifyEmail });
      const all = JSON.stringify([mail.subject, mail.text, mail.html, mail.headerLines]);
      expect([foreignIn(all, other), all.includes(other.name)]).toEqual([[], false]);
      tenant.saw.push(all);
    }
    expect(smtp.mails).toHaveLength(2);
  });

  test('no metric has anything of either in a label, and no line of the log has something of both', async () => {
    const { status, text: metrics } = await ask(operator, 'GET', '/metrics');
    expect([status, metrics.includes('longhaul_')]).toEqual([200, true]);
    for (const tenant of [acme, globex]) expect([foreignIn(metrics, tenant), metrics.includes(tenant.name)]).toEqual([[], false]);
    const lines = stack.gateway.logs();
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => [acme, globex].every((tenant) => foreignIn(line, tenant).length > 0))).toEqual([]);
  });

  test('in all that any door has told one of them there is nothing of the other', () => {
    for (const [tenant, other] of [
      [acme, globex],
      [globex, acme],
    ] as const) {
      expect(tenant.saw.length).toBeGreaterThan(20);
      expect(tenant.saw.some((seen) => seen.includes(tenant.canary))).toBe(true);
      // A path that names what the other has, and a problem that repeats it, tell nothing.
      const told = tenant.saw.filter((seen) => !/^(GET|POST|PUT|PATCH|DELETE) [^:]*[0-9a-f]{8}-/.test(seen) && !seen.includes(`tag=${other.canary}`));
      expect(told.filter((seen) => seen.includes(other.canary))).toEqual([]);
    }
  });
});

describeWithControl('producers of two tenants, over AMQP', () => {
  let stack: Stack;
  let accounts: Account[];
  let keys: Record<'operator' | 'acme' | 'globex', string>;
  const connections: ChannelModel[] = [];
  beforeAll(async () => {
    accounts = [await freshAccount(), await freshAccount(), await freshAccount()];
    const [billing, shop] = accounts as [Account, Account, Account];
    const env = { AUTH: 'on', LOG_LEVEL: 'warn', AMQP_PRODUCERS: `${billing.name}=acme, ${shop.name}=globex`, REPLY_QUEUES: 'amq.gen-*,replies.{user}' };
    stack = await startStack({ mode: 'distributed', env });
    const vhost = decodeURIComponent(new URL(stack.amqpUrl).pathname.slice(1));
    for (const account of accounts)
      await account.allow(vhost, { configure: '^amq\\.gen-.*$', write: '^(longhaul\\.submit|amq\\.gen-.*)$', read: '^amq\\.gen-.*$' });
    const key = (...options: string[]) => newKey(stack.env, '--admin', '--name', 'x', ...options);
    keys = { operator: await key(), acme: await key('--tenant', 'acme'), globex: await key('--tenant', 'globex') };
  }, 240_000);
  afterAll(async () => {
    for (const connection of connections) await connection.close().catch(() => undefined);
    await stack.stop();
    for (const account of accounts) await account.drop();
  });

  const items = async <Item>(whose: keyof typeof keys, path: string): Promise<Item[]> =>
    (await stack.api.call<Page<Item>>('GET', path, undefined, { authorization: `Bearer ${keys[whose]}` })).body.items;
  /** Sends as an account, with the same message id as the others; resolves with the channel. */
  async function send(account: Account, kind: string, properties: Options.Publish): Promise<Channel> {
    const vhost = decodeURIComponent(new URL(stack.amqpUrl).pathname.slice(1));
    const connection = await connect(account.url(vhost));
    connections.push(connection);
    const channel = await connection.createConfirmChannel();
    channel.publish('longhaul.submit', kind, Buffer.from(JSON.stringify({ value: account.name })), {
      contentType: 'application/json',
      messageId: 'order-1',
      ...properties,
    });
    await channel.waitForConfirms();
    return channel;
  }

  interface Listed {
    id: string;
    kind: string;
    result: { value: string } | null;
  }

  test('a message is of the tenant of its account, with the same message id for each, and its outcome is on no exchange that all read', async () => {
    const [billing, shop] = accounts as [Account, Account];
    const admin = await connect(stack.amqpUrl);
    connections.push(admin);
    const listening = await admin.createChannel();
    const { queue } = await listening.assertQueue('', { exclusive: true });
    await listening.bindQueue(queue, 'longhaul.events', '#');
    const heard: string[] = [];
    await listening.consume(queue, (message) => message && heard.push(message.content.toString()), { noAck: true });
    for (const account of [billing, shop]) await send(account, 'debug.echo', { userId: account.name });
    for (const [whose, account] of [
      ['acme', billing],
      ['globex', shop],
    ] as const) {
      const [job, ...others] = await waitFor(`the job of ${whose}`, async () => {
        const jobs = await items<Listed>(whose, '/jobs?kind=debug.echo&state=succeeded');
        return jobs.length > 0 ? jobs : undefined;
      });
      expect([job?.result?.value, others]).toEqual([account.name, []]);
    }
    const mine = { authorization: `Bearer ${keys.operator}` };
    const { body } = await stack.api.call<{ id: string }>('POST', '/jobs', { kind: 'debug.echo', payload: { value: 'of the default tenant' } }, mine);
    await waitFor('the outcome of a job of the default tenant', () => heard.some((event) => event.includes(body.id)));
    expect(heard.filter((event) => event.includes(billing.name) || event.includes(shop.name))).toEqual([]);
  });

  test('a reply goes to the queue of the account that asked, and one that is to go to the queue of another is refused', async () => {
    const [billing, shop] = accounts as [Account, Account];
    const admin = await connect(stack.amqpUrl);
    connections.push(admin);
    const listening = await admin.createChannel();
    const heard: Record<string, { type: string; correlationId: string; body: string }[]> = {};
    for (const { name } of [billing, shop]) {
      await listening.assertQueue(`replies.${name}`, { exclusive: true });
      const came = (heard[name] = [] as (typeof heard)[string]);
      await listening.consume(
        `replies.${name}`,
        (message) =>
          message &&
          came.push({ type: String(message.properties.type), correlationId: String(message.properties.correlationId), body: message.content.toString() }),
        { noAck: true },
      );
    }
    // The same message id, and the same correlation id: what tells them apart is the account alone.
    for (const account of [billing, shop])
      await send(account, 'debug.echo', { userId: account.name, messageId: 'asks', correlationId: 'asks', replyTo: `replies.${account.name}` });
    await waitFor('both replies', () => [billing, shop].every(({ name }) => heard[name]?.length === 1));
    const stolen = { userId: shop.name, replyTo: `replies.${billing.name}`, correlationId: 'asks' };
    await send(shop, 'debug.echo', { ...stolen, messageId: 'steals' });
    // A repeat of the other's request, with its message id.
    await send(shop, 'debug.echo', { ...stolen, messageId: 'asks' });
    const letters = await waitFor('both letters', async () => {
      const found = await items<{ reason: string; messageId: string }>('globex', '/dead-letters');
      return found.length === 2 ? found : undefined;
    });
    expect(letters.map(({ reason }) => reason)).toEqual(['reply_to_refused', 'reply_to_refused']);
    expect(await items('acme', '/dead-letters')).toEqual([]);
    // Whatever would have come, has come when this one has.
    await send(billing, 'debug.echo', { userId: billing.name, messageId: 'last', correlationId: 'last', replyTo: `replies.${billing.name}` });
    await waitFor('the last reply', () => heard[billing.name]?.some(({ correlationId }) => correlationId === 'last'));
    for (const [{ name }, other, count] of [
      [billing, shop, 2],
      [shop, billing, 1],
    ] as const) {
      expect(heard[name]).toHaveLength(count);
      for (const { type, body } of heard[name] ?? [])
        expect([type, body.includes(name), body.includes(other.name)]).toEqual(['debug.echo.succeeded', true, false]);
    }
    for (const { id } of await items<{ id: string }>('globex', '/dead-letters'))
      await stack.api.call('POST', `/dead-letters/${id}/discard`, undefined, { authorization: `Bearer ${keys.globex}` });
  });

  test.each([
    ['without an account', 2, false, 'expected the property user_id'],
    ['of an account that nobody has named', 2, true, 'expected a user_id that AMQP_PRODUCERS names'],
    ['of a named account that does not say so', 0, false, 'expected the property user_id'],
  ])('a message %s is refused, without a reply, as a dead letter of the installation', async (_, index, named, detail) => {
    const account = accounts[index] as Account;
    const messageId = `refused ${index} ${named}`;
    const replies: unknown[] = [];
    const channel = await send(account, 'debug.echo', { messageId: 'order-2', ...(named ? { userId: account.name } : {}) }).then(async (open) => {
      const { queue } = await open.assertQueue('', { exclusive: true });
      await open.consume(queue, (message) => message && replies.push(message), { noAck: true });
      open.publish('longhaul.submit', 'debug.echo', Buffer.from('{}'), {
        contentType: 'application/json',
        messageId,
        replyTo: queue,
        ...(named ? { userId: account.name } : {}),
      });
      return open;
    });
    const letter = await waitFor('its letter', async () =>
      (await items<{ id: string; messageId: string; reason: string; detail: string }>('operator', '/dead-letters?limit=200')).find(
        (each) => each.messageId === messageId,
      ),
    );
    expect(letter).toMatchObject({ reason: 'unauthenticated', detail: expect.stringContaining(detail) as string });
    for (const whose of ['acme', 'globex'] as const)
      expect((await items<{ messageId: string }>(whose, '/dead-letters')).map((each) => each.messageId)).not.toContain(messageId);
    await channel.close();
    expect(replies).toEqual([]);
  });

  test('what is refused for another reason is a dead letter of its tenant, and is put back as its job', async () => {
    const [billing] = accounts as [Account];
    await send(billing, 'no.such.kind', { userId: billing.name, messageId: 'order-3' });
    const letter = await waitFor('its letter', async () =>
      (await items<{ id: string; messageId: string }>('acme', '/dead-letters')).find((each) => each.messageId === 'order-3'),
    );
    expect(await items('globex', '/dead-letters')).toEqual([]);
    const acme = { authorization: `Bearer ${keys.acme}` };
    const { status, body } = await stack.api.call<{ jobId: string }>('POST', `/dead-letters/${letter.id}/redrive`, { kind: 'debug.echo' }, acme);
    expect(status).toBe(202);
    expect((await stack.api.call('GET', `/jobs/${body.jobId}`, undefined, acme)).status).toBe(200);
    expect((await stack.api.call('GET', `/jobs/${body.jobId}`, undefined, { authorization: `Bearer ${keys.globex}` })).status).toBe(404);
  });
});
