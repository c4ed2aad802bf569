// Ring 2: .ci/run runs this file.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeEachModeInProofs, longhaul, type Stack, startStack, waitFor, type WebhookReceiver, webhookReceiver } from '../support/index.js';

interface Erasure {
  id: string;
  state: string;
  requestedBy: string;
  removed: Record<string, number>;
  jobsSha256: string | null;
  left: Record<string, number> | null;
}
interface Answer<Body> {
  status: number;
  body: Body;
}

const TAG = 'customer-17';
const CANARY = 'canary4c19';

describeEachModeInProofs('an erasure in %s mode', (mode) => {
  let stack: Stack;
  let receiver: WebhookReceiver;
  let folder: string;
  let keys: Record<'acme' | 'globex' | 'reader' | 'operator', string>;
  beforeAll(async () => {
    receiver = await webhookReceiver();
    folder = await mkdtemp(join(tmpdir(), 'longhaul-erase-'));
    const env = { AUTH: 'on', FILES_DIR: folder, WEBHOOK_ALLOW_HOSTS: '127.0.0.1', WEBHOOK_SCHEDULE: '1h', LOG_LEVEL: 'warn' };
    stack = await startStack({ mode, env });
    const made = async (...options: string[]) => (await longhaul(['keys', 'create', '--name', 'a key', ...options], stack.env)).out.trim();
    keys = {
      acme: await made('--admin', '--tenant', 'acme'),
      globex: await made('--admin', '--tenant', 'globex'),
      reader: await made('--tenant', 'acme', '--scope', 'jobs:read', '--scope', 'jobs:control'),
      operator: await made('--admin'),
    };
  }, 240_000);
  afterAll(async () => {
    await stack.stop();
    await receiver.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function ask<Body>(key: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    const json = body !== undefined && headers['content-type'] === undefined;
    const response = await fetch(stack.gateway.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(json ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body === undefined ? {} : { body: json ? JSON.stringify(body) : (body as string) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as Body };
  }
  const submitted = async (key: string, kind: string, payload: object, options: object = {}, headers = {}): Promise<string> =>
    (await ask<{ id: string }>(key, 'POST', '/jobs', { kind, payload, options: { tags: [TAG], ...options } }, headers)).body.id;
  const isIn = (key: string, id: string, state: string) =>
    waitFor(`job ${id} to be ${state}`, async () => (await ask<{ state: string }>(key, 'GET', `/jobs/${id}`)).body.state === state);

  /** Jobs of every state, with a file, a webhook that its receiver refuses, a key and a dead letter. */
  async function filled(key: string, word: string): Promise<{ ids: string[]; file: string }> {
    const { id: file } = (await ask<{ id: string }>(key, 'POST', '/files?name=orders.csv', `a\n${word}\n`, { 'content-type': 'text/csv' })).body;
    const callback = { callbackUrl: `${receiver.url}?${word}` };
    const done = await submitted(key, 'debug.echo', { value: { word, file } }, callback, { 'idempotency-key': word });
    const failed = await submitted(key, 'debug.fail', { message: word }, { maxAttempts: 1 });
    const later = await submitted(key, 'debug.echo', { value: word }, { delay: '1h', unique: { key: word } });
    const running = await submitted(key, 'debug.sleep', { ms: 600_000 });
    await isIn(key, done, 'succeeded');
    await isIn(key, failed, 'failed');
    await isIn(key, running, 'running');
    return { ids: [done, failed, later, running], file };
  }

  /** Rows of any table, and files on the disk, that have the word. */
  async function placesOf(word: string): Promise<string[]> {
    const tables = await stack.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace('longhaul') AND relkind = 'r'`,
    );
    const places: string[] = [];
    for (const { name } of tables)
      if ((await stack.query(`SELECT FROM longhaul."${name}" t WHERE strpos(t::text, $1) > 0 LIMIT 1`, [word])).length > 0) places.push(name);
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile() && (await readFile(join(entry.parentPath, entry.name), 'utf8')).includes(word)) places.push('a file');
    return places.sort();
  }

  test('removes the jobs of one tenant, whatever their state, with all that is stored of them; the other tenant, with the same tag, keeps its own', async () => {
    receiver.answer = (response) => response.writeHead(500).end();
    const [mine, others] = [await filled(keys.acme, CANARY), await filled(keys.globex, 'canary5d20')];
    await waitFor('a webhook to be refused', async () => (await placesOf(CANARY)).includes('webhook_deliveries'));
    // An act on one of them, which the audit keeps.
    expect((await ask(keys.acme, 'POST', `/jobs/${mine.ids[1]}/redrive`, { payload: { message: CANARY } })).status).toBe(202);
    await isIn(keys.acme, mine.ids[1] as string, 'failed');
    const before = await placesOf('canary5d20');
    expect(await placesOf(CANARY)).toEqual(expect.arrayContaining(['a file', 'dead_letters', 'idempotency_keys', 'jobs', 'webhook_deliveries']));

    const counted = await ask(keys.acme, 'POST', '/erasures', { tag: TAG, dryRun: true });
    expect(counted).toMatchObject({ status: 200, body: { dryRun: true, jobs: 4, unfinished: 2, files: 1, deliveries: 1, schedules: 0 } });
    expect((await placesOf(CANARY)).length).toBeGreaterThan(4);

    const once = { 'idempotency-key': 'request-4711' };
    const asked = await ask<Erasure>(keys.acme, 'POST', '/erasures', { tag: TAG, reason: 'request 4711' }, once);
    expect(asked).toMatchObject({ status: 202, body: { state: 'running', tag: TAG, reason: 'request 4711', jobsSha256: null, left: null } });
    expect((await ask<Erasure>(keys.acme, 'POST', '/erasures', { tag: TAG, reason: 'request 4711' }, once)).body.id).toBe(asked.body.id);
    const path = `/erasures/${asked.body.id}`;
    await waitFor('the erasure to finish', async () => (await ask<Erasure>(keys.acme, 'GET', path)).body.state === 'finished', { timeoutMs: 60_000 });

    expect(await placesOf(CANARY)).toEqual([]);
    for (const id of mine.ids) expect((await ask(keys.acme, 'GET', `/jobs/${id}`)).status).toBe(404);
    expect((await ask(keys.acme, 'GET', `/files/${mine.file}`)).status).toBe(404);
    const { body: proof } = await ask<Erasure>(keys.acme, 'GET', path);
    expect(proof.removed).toMatchObject({ jobs: 4, deliveries: 1, notifications: 1, idempotencyKeys: 1, files: 1, abandoned: 0 });
    expect(proof.jobsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.values(proof.left ?? { none: 1 })).toEqual(Object.values(proof.left ?? {}).map(() => 0));
    const { items } = (await ask<{ items: { action: string; target: string; subject: string }[] }>(keys.acme, 'GET', '/audit?limit=50')).body;
    expect(items.filter(({ target }) => target === path || target === '/erasures').map(({ action }) => action)).toEqual(
      expect.arrayContaining(['createErasure', 'erasure finished']),
    );

    expect(await placesOf('canary5d20')).toEqual(before);
    await isIn(keys.globex, others.ids[3] as string, 'running');
    expect((await ask(keys.globex, 'GET', path)).status).toBe(404);
    expect(await ask(keys.operator, 'GET', path)).toMatchObject({ status: 200, body: { tenant: 'acme' } });
    // Free again: the same request makes a new job.
    const again = await submitted(keys.acme, 'debug.echo', { value: 1 }, { tags: ['another'] }, { 'idempotency-key': CANARY });
    expect(mine.ids).not.toContain(again);
  }, 180_000);

  test('of a job that was put back with another tag in its payload erases what was asked for, and nothing else', async () => {
    const kept = await submitted(keys.acme, 'debug.echo', { value: 1 }, { tags: ['to be kept'] });
    await isIn(keys.acme, kept, 'succeeded');
    const { id } = (await ask<Erasure>(keys.acme, 'POST', '/erasures', { tag: 'nobody' })).body;
    await waitFor('the erasure to finish', async () => (await ask<Erasure>(keys.acme, 'GET', `/erasures/${id}`)).body.state === 'finished');
    await stack.query(`UPDATE longhaul.jobs SET payload = '{"tag":"to be kept","keepFiles":false}', state = 'failed', history = '[]' WHERE id = $1`, [id]);
    await stack.query('UPDATE longhaul.erasures SET finished_at = NULL WHERE id = $1', [id]);
    expect((await ask(keys.reader, 'POST', `/jobs/${id}/redrive`)).status).toBe(202);
    await waitFor('the erasure to finish again', async () => (await ask<Erasure>(keys.acme, 'GET', `/erasures/${id}`)).body.state === 'finished');
    expect((await ask(keys.acme, 'GET', `/jobs/${kept}`)).status).toBe(200);
  });

  test('is for keys with its scope, of a tenant that the key sees, and with a tag', async () => {
    expect(await ask(keys.reader, 'POST', '/erasures', { tag: TAG })).toMatchObject({ status: 403, body: { type: '/problems/insufficient-scope' } });
    expect((await ask(keys.acme, 'POST', '/erasures?tenant=globex', { tag: TAG })).status).toBe(400);
    expect((await ask(keys.acme, 'GET', '/erasures/none')).status).toBe(404);
    const wrong = { tag: '', rate: 0, keepFiles: 'no', reason: 7 };
    const refused = await ask<{ errors: { pointer: string }[] }>(keys.acme, 'POST', '/erasures', wrong);
    expect(refused.status).toBe(422);
    expect(refused.body.errors.map(({ pointer }) => pointer).sort()).toEqual(['/keepFiles', '/rate', '/reason', '/tag']);
  });

  test('are listed by those who may erase, the newest first, a page at a time', async () => {
    const all = (await ask<{ items: Erasure[]; nextCursor: string | null }>(keys.acme, 'GET', '/erasures')).body;
    expect([all.items.length >= 2, all.nextCursor]).toEqual([true, null]);
    expect(all.items.map(({ id }) => id)).toEqual(
      all.items
        .map(({ id }) => id)
        .toSorted()
        .reverse(),
    );
    const first = (await ask<{ items: Erasure[]; nextCursor: string }>(keys.acme, 'GET', '/erasures?limit=1')).body;
    expect(first).toMatchObject({ items: [{ id: all.items[0]?.id }], nextCursor: all.items[0]?.id });
    const second = (await ask<{ items: Erasure[] }>(keys.acme, 'GET', `/erasures?limit=1&cursor=${first.nextCursor}`)).body;
    expect(second.items).toEqual([all.items[1]]);
    expect((await ask(keys.reader, 'GET', '/erasures')).status).toBe(403);
  });

  test('is asked for and followed from the command line, which prints its proof', async () => {
    const id = await submitted(keys.globex, 'debug.echo', { value: 1 }, { tags: ['by hand'] });
    await isIn(keys.globex, id, 'succeeded');
    const env = { ...stack.env, LONGHAUL_KEY: keys.operator, LONGHAUL_URL: stack.gateway.url };
    expect(JSON.parse((await longhaul(['erase', '--tag', 'by hand', '--tenant', 'globex', '--dry-run', '--json'], env)).out)).toMatchObject({ jobs: 1 });
    const erased = await longhaul(['erase', '--tag', 'by hand', '--tenant', 'globex', '--reason', 'asked for', '--json'], env);
    expect([erased.code, JSON.parse(erased.out)]).toMatchObject([0, { state: 'finished', reason: 'asked for', removed: { jobs: 1 } }]);
    const shown = await longhaul(['erase', 'show', (JSON.parse(erased.out) as Erasure).id], env);
    expect(shown.out).toMatch(/state +finished[^]*sha256 of ids +[0-9a-f]{64}[^]*removed[^]*jobs +1/);
    const listed = await longhaul(['erase', 'list', '--tag', 'by hand'], env);
    expect([listed.code, listed.out]).toEqual([0, expect.stringMatching(/^ID +TAG[^]*\n[0-9a-f-]{36} +by hand +finished .* +1 +asked for\n$/)]);
    expect((await longhaul(['erase'], env)).code).toBe(2);
    expect((await ask(keys.globex, 'GET', `/jobs/${id}`)).status).toBe(404);
  });
});
