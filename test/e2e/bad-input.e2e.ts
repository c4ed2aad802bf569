import { connect } from 'node:net';
import { type Stack, startStack } from '../support/index.js';

const ECHO = { kind: 'debug.echo', payload: { value: 1 } };
const NESTED = `{"kind":"debug.echo","payload":{"value":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`;

describe('bad input over HTTP', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'single-process', env: { MAX_BODY_BYTES: '200000' } });
  });
  afterAll(() => stack.stop());

  type Bad = [what: string, method: string, path: string, body: unknown, headers: Record<string, string>, status: number, pointer?: string];
  const bad: Bad[] = [
    ['malformed JSON', 'POST', '/jobs', '{"kind":', {}, 400],
    ['no body', 'POST', '/jobs', '', {}, 400],
    ['a body that is no object', 'POST', '/jobs', [1], {}, 422],
    ['JSON null', 'POST', '/jobs', 'null', {}, 422],
    ['bytes that are not UTF-8', 'POST', '/jobs', Buffer.from('{"kind":"debug.echo","payload":{"value":"\xff"}}', 'latin1'), {}, 400],
    ['__proto__', 'POST', '/jobs', '{"kind":"debug.echo","payload":{"value":{"__proto__":{"polluted":true}}}}', {}, 400],
    ['constructor.prototype', 'POST', '/jobs', '{"kind":"debug.echo","payload":{"constructor":{"prototype":{"polluted":true}}}}', {}, 400],
    ['U+0000', 'POST', '/jobs', '{"kind":"debug.echo","payload":{"value":"\\u0000"}}', {}, 422, '/payload/value'],
    ['U+0000 in a name', 'POST', '/jobs', '{"kind":"debug.echo","payload":{"value":{"\\u0000":1}}}', {}, 422, '/payload/value'],
    ['half a surrogate pair', 'POST', '/jobs', '{"kind":"debug.echo","payload":{"value":"\\ud800"}}', {}, 422, '/payload/value'],
    ['50,000 levels', 'POST', '/jobs', NESTED, {}, 422],
    ['too large a body', 'POST', '/jobs', { ...ECHO, payload: { value: 'x'.repeat(300_000) } }, {}, 413],
    ['another media type', 'POST', '/jobs', 'kind=debug.echo', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['a form', 'POST', '/jobs', '--x--', { 'content-type': 'multipart/form-data; boundary=x' }, 415],
    ['an unknown kind', 'POST', '/jobs', { kind: 'debug.eccho', payload: {} }, {}, 422, '/kind'],
    ['a kind that is no string', 'POST', '/jobs', { kind: 1, payload: {} }, {}, 422, '/kind'],
    ['a kind with a NUL', 'POST', '/jobs', '{"kind":"\\u0000","payload":{}}', {}, 422, '/kind'],
    ['no payload', 'POST', '/jobs', { kind: 'debug.echo' }, {}, 422, '/payload'],
    ['a payload of a wrong type', 'POST', '/jobs', { kind: 'debug.sleep', payload: { ms: 'long' } }, {}, 422, '/payload/ms'],
    ['a payload that is an array', 'POST', '/jobs', { kind: 'debug.sleep', payload: [] }, {}, 422, '/payload'],
    ['an unknown field', 'POST', '/jobs', { ...ECHO, prio: 1 }, {}, 422, '/prio'],
    ['an unknown payload field', 'POST', '/jobs', { kind: 'debug.sleep', payload: { ms: 1, s: 1 } }, {}, 422, '/payload/s'],
    ['an unknown option', 'POST', '/jobs', { ...ECHO, options: { prio: 1 } }, {}, 422, '/options/prio'],
    ['options null', 'POST', '/jobs', { ...ECHO, options: null }, {}, 422, '/options'],
    ['an option null', 'POST', '/jobs', { ...ECHO, options: { delay: null } }, {}, 422, '/options/delay'],
    ['a negative priority', 'POST', '/jobs', { ...ECHO, options: { priority: -1 } }, {}, 422, '/options/priority'],
    ['no attempts', 'POST', '/jobs', { ...ECHO, options: { maxAttempts: 0 } }, {}, 422, '/options/maxAttempts'],
    ['an absurd number of attempts', 'POST', '/jobs', { ...ECHO, options: { maxAttempts: 1e9 } }, {}, 422, '/options/maxAttempts'],
    ['a negative delay', 'POST', '/jobs', { ...ECHO, options: { delay: -1 } }, {}, 422, '/options/delay'],
    ['an absurd delay', 'POST', '/jobs', { ...ECHO, options: { delay: 1e300 } }, {}, 422, '/options/delay'],
    ['a timeout of nothing', 'POST', '/jobs', { ...ECHO, options: { timeout: 0 } }, {}, 422, '/options/timeout'],
    ['a time that is none', 'POST', '/jobs', { ...ECHO, options: { runAt: '2026-13-45T00:00:00Z' } }, {}, 422, '/options/runAt'],
    ['a time in 5,000 years', 'POST', '/jobs', { ...ECHO, options: { runAt: '7026-01-01T00:00:00Z' } }, {}, 422, '/options/runAt'],
    ['a queue name with a space', 'POST', '/jobs', { ...ECHO, options: { queue: 'a b' } }, {}, 422, '/options/queue'],
    ['a callback that is no URL', 'POST', '/jobs', { ...ECHO, options: { callbackUrl: 'javascript:1' } }, {}, 422, '/options/callbackUrl'],
    ['an e-mail that is none', 'POST', '/jobs', { ...ECHO, options: { notifyEmail: 'a@b@c' } }, {}, 422, '/options/notifyEmail'],
    ['too many tags', 'POST', '/jobs', { ...ECHO, options: { tags: Array.from({ length: 21 }, String) } }, {}, 422, '/options/tags'],
    ['an empty idempotency key', 'POST', '/jobs', ECHO, { 'idempotency-key': '""' }, 400],
    ['an idempotency key with a space', 'POST', '/jobs', ECHO, { 'idempotency-key': 'a b' }, 400],
    ['an idempotency key of 256 characters', 'POST', '/jobs', ECHO, { 'idempotency-key': 'k'.repeat(256) }, 400],
    ['an id that is no UUID', 'GET', '/jobs/1', undefined, {}, 404],
    ['an unknown id', 'GET', '/jobs/01890000-0000-7000-8000-000000000000', undefined, {}, 404],
    ['an unknown id to cancel', 'POST', '/jobs/01890000-0000-7000-8000-000000000000/cancel', undefined, {}, 404],
    ['an id with a NUL', 'GET', '/jobs/%00', undefined, {}, 404],
    ['a URL that cannot be decoded', 'GET', '/jobs/%zz', undefined, {}, 400],
    ['an unknown path', 'GET', '/job', undefined, {}, 404],
    ['an unknown state', 'GET', '/jobs?state=done', undefined, {}, 400],
    ['a limit of nothing', 'GET', '/jobs?limit=0', undefined, {}, 400],
    ['a limit without end', 'GET', '/jobs?limit=1e9', undefined, {}, 400],
    ['a cursor that is none', 'GET', '/jobs?cursor=1', undefined, {}, 400],
    ['a parameter twice', 'GET', '/jobs?queue=a&queue=b', undefined, {}, 400],
    ['a filter with a NUL', 'GET', '/jobs?kind=%00', undefined, {}, 400],
    ['an unknown queue', 'POST', '/queues/nope/pause', undefined, {}, 404],
    ['a limit by a tag with a NUL', 'PUT', '/limits/nul', { match: {}, concurrency: 1, per: 'tag:a\u0000' }, {}, 422, '/per'],
    ['a queue shared by a tag with a NUL', 'PATCH', '/queues/default', { fair: { by: 'tag:\u0000' } }, {}, 422, '/fair/by'],
    ['a weight of a key with a NUL', 'PATCH', '/queues/default', { fair: { by: 'kind', weights: { 'a\u0000': 1 } } }, {}, 422, '/fair/weights'],
    ['an unknown dead letter', 'GET', '/dead-letters/1', undefined, {}, 404],
    ['an empty batch', 'POST', '/jobs/batch', { jobs: [] }, {}, 422, '/jobs'],
    ['an unknown file', 'GET', '/files/1', undefined, {}, 404],
  ];
  test.each(bad)('%s is a problem that says what is wrong', async (...[, method, path, body, headers, status, pointer]: Bad) => {
    const answer = await stack.api.call<{
      status: number;
      type: string;
      title: string;
      detail: string;
      instance: string;
      errors?: { pointer: string; detail: string }[];
    }>(method, path, body, {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    });
    expect([answer.status, answer.body.status]).toEqual([status, status]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({
      type: expect.stringMatching(/^\/problems\//),
      title: expect.any(String),
      detail: expect.stringMatching(/./),
      instance: path,
    });
    if (pointer !== undefined) expect(answer.body.errors?.map((fault) => fault.pointer)).toContain(pointer);
  });

  test('none of it was stored, and the gateway goes on', async () => {
    expect(await stack.query('SELECT id FROM jobs')).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect((await stack.api.submit('debug.echo', { value: 1 }, undefined, { prefer: 'wait=20' })).status).toBe(200);
  });

  test('what is no HTTP is answered and cut, not crashed upon', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(stack.api.url).port), '127.0.0.1', () => socket.write('\x16\x03\x01 nonsense\r\n\r\n'));
      let text = '';
      socket
        .on('data', (chunk) => (text += chunk.toString()))
        .on('close', () => resolve(text))
        .on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    expect((await stack.api.call('GET', '/health/live')).status).toBe(200);
  });
});
