import { JobFailedError, Longhaul, ProblemError, UnreachableError } from './index.js';
import { hangUp, job, json, problem, ScriptedGateway, stream } from './testing/scripted-gateway.js';

describe('the client', () => {
  let gateway: ScriptedGateway;
  let longhaul: Longhaul;

  beforeEach(async () => {
    gateway = await new ScriptedGateway().start();
    longhaul = new Longhaul({ url: gateway.url, backoff: { firstMs: 1, longestMs: 5 } });
  });
  afterEach(() => gateway.close());

  test('submits a kind with its payload and options', async () => {
    gateway.on('POST /jobs', json(job(), 202));
    await expect(longhaul.submit('debug.echo', { value: 1 }, { queue: 'slow', runAt: new Date(0), idempotencyKey: 'a "key"', wait: 3 })).resolves.toEqual(
      job(),
    );
    const [seen] = gateway.seen;
    expect(seen?.body).toEqual({ kind: 'debug.echo', payload: { value: 1 }, options: { queue: 'slow', runAt: '1970-01-01T00:00:00.000Z' } });
    expect(seen?.headers).toMatchObject({ 'idempotency-key': '"a \\"key\\""', prefer: 'wait=3', 'content-type': 'application/json' });
  });

  test('says at once what can never be sent, and does not take it for a gateway that is away', async () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    for (const attempt of [() => longhaul.submit('debug.echo', circle), () => longhaul.submit('debug.echo', {}, { idempotencyKey: 'ключ' })])
      await expect(attempt()).rejects.toMatchObject({ name: 'TypeError' });
    expect(gateway.seen).toEqual([]);
  });

  test('sends each header once, in whatever case its name was given', async () => {
    gateway.on('POST /jobs', json(job(), 202));
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json', 'Idempotency-Key': 'of all', Authorization: 'Bearer a' };
    await new Longhaul({ url: gateway.url, headers }).submit('debug.echo', { value: 1 }, { idempotencyKey: 'mine' });
    expect(gateway.seen[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/json',
      'idempotency-key': '"mine"',
      authorization: 'Bearer a',
    });
  });

  test.each([
    ['no answer', hangUp],
    ['429', problem(429, 'queue-full')],
    ['502 by a proxy', (response: Parameters<typeof hangUp>[0]) => response.writeHead(502).end('<html>')],
    ['503', problem(503, 'unavailable')],
    ['504', problem(504, 'late')],
    ['409 while the same key is being stored', problem(409, 'submit-in-progress')],
  ] as const)('after %s it sends the same again, with the same idempotency key', async (_, turn) => {
    gateway.on('POST /jobs', turn, turn, json(job(), 202));
    await longhaul.submit('debug.echo', { value: 1 });
    const keys = gateway.seen.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(new Set(gateway.seen.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  });

  const withText = (result: string) => (response: Parameters<typeof hangUp>[0]) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ ...job(), state: 'succeeded', result: 'HERE' }).replace('"HERE"', result));

  test('has numbers beyond 2^53 as they are where it is asked to, and the text of a result in any case (C2)', async () => {
    const text = '{"id":1234567890123456789,"rate":1.50}';
    gateway.on(`GET /jobs/${job().id}`, withText(text));
    const exact = new Longhaul({ url: gateway.url, exact: true });
    expect((await exact.get(job().id)).result).toEqual({ id: 1234567890123456789n, rate: 1.5 });
    expect((await longhaul.get<{ rate: number }>(job().id)).result?.rate).toBe(1.5);
    expect(await longhaul.resultText(await longhaul.get(job().id))).toBe(text);
  });

  test('sends a bigint digit by digit (C2)', async () => {
    gateway.on('POST /jobs', json(job(), 202));
    await longhaul.submit('debug.echo', { id: 1234567890123456789n });
    expect(gateway.texts.at(-1)).toBe('{"kind":"debug.echo","payload":{"id":1234567890123456789}}');
  });

  test('two submissions have two keys', async () => {
    gateway.on('POST /jobs', json(job(), 202));
    await longhaul.submit('debug.echo', { value: 1 });
    await longhaul.submit('debug.echo', { value: 1 });
    expect(new Set(gateway.seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(2);
  });

  test('waits as long as Retry-After says', async () => {
    gateway.on('POST /jobs', problem(429, 'queue-full', { 'retry-after': '1' }), json(job(), 202));
    const start = performance.now();
    await longhaul.submit('debug.echo', { value: 1 });
    expect(performance.now() - start).toBeGreaterThanOrEqual(990);
  });

  test('does not wait for what would come after its deadline', async () => {
    gateway.on('POST /jobs', problem(503, 'overloaded', { 'retry-after': '3600' }));
    const start = performance.now();
    await expect(longhaul.submit('debug.echo', {})).rejects.toMatchObject({ code: 'overloaded', status: 503, retryAfterMs: 3_600_000 });
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test('what is refused is thrown at once, with all that the problem says', async () => {
    const errors = [{ pointer: '/payload/ms', detail: 'must be an integer' }];
    gateway.on('POST /jobs', problem(422, 'invalid-payload', {}, { errors }));
    const refused = await longhaul.submit('debug.sleep', { ms: 'x' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ProblemError);
    expect(refused).toMatchObject({
      name: 'ProblemError',
      code: 'invalid-payload',
      type: '/problems/invalid-payload',
      status: 422,
      errors,
      message: 'a detail of invalid-payload',
    });
    expect(gateway.seen).toHaveLength(1);
  });

  test('gives up when its deadline is over, saying what it asked for', async () => {
    const { url } = gateway;
    await gateway.close();
    const call = longhaul.submit('debug.echo', {}, { deadlineMs: 100 });
    await expect(call).rejects.toThrow(UnreachableError);
    await expect(call).rejects.toThrow(`expected an answer to POST ${url}/jobs, got none`);
    gateway = await new ScriptedGateway().start();
  });

  test('an unanswered request is given up and sent again', async () => {
    longhaul = new Longhaul({ url: gateway.url, attemptMs: 500, backoff: { firstMs: 1, longestMs: 5 } });
    gateway.on('POST /jobs', () => undefined, json(job(), 202));
    await longhaul.submit('debug.echo', { value: 1 });
    expect(gateway.seen).toHaveLength(2);
  });

  test('a signal ends a call with its own reason, also while it pauses', async () => {
    gateway.on('POST /jobs', problem(503, 'unavailable', { 'retry-after': '30' }));
    const controller = new AbortController();
    const call = longhaul.submit('debug.echo', {}, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await expect(call).rejects.toThrow('enough');
  });

  test('a cancel whose first answer was lost is no error', async () => {
    gateway.on('POST /jobs/j1/cancel', hangUp, problem(409, 'state-forbids'));
    gateway.on('GET /jobs/j1', json(job({ state: 'cancelled' })));
    await expect(longhaul.cancel('j1')).resolves.toMatchObject({ state: 'cancelled' });
    gateway.on('POST /jobs/j1/cancel', problem(409, 'state-forbids'));
    await expect(longhaul.cancel('j1')).rejects.toMatchObject({ code: 'state-forbids' });
  });

  test('changes a queue by PATCH, sends it again after no answer, and says who pauses what', async () => {
    const fair = { by: 'tag:tenant', cost: 'time', weights: { acme: 3 } } as const;
    gateway.on('PATCH /queues/a%2Fb', hangUp, json({ name: 'a/b', fair }));
    expect(await longhaul.queues.change('a/b', { fair })).toEqual({ name: 'a/b', fair });
    expect(gateway.seen.map(({ body }) => body)).toEqual([{ fair }, { fair }]);
    gateway.on('POST /kinds/mail.send/pause', json({ kind: 'mail.send', paused: true }));
    expect(await longhaul.kinds.pause('mail.send', { by: 'anna', reason: 'wrong font' })).toMatchObject({ paused: true });
    expect(gateway.seen.at(-1)?.body).toEqual({ by: 'anna', reason: 'wrong font' });
  });

  test('a queue that is gone when its deletion is repeated is no error, and one that was never there is', async () => {
    gateway.on('DELETE /queues/old', hangUp, problem(404, 'not-found'));
    await longhaul.queues.delete('old');
    gateway.on('DELETE /queues/none', problem(404, 'not-found'));
    await expect(longhaul.queues.delete('none')).rejects.toMatchObject({ status: 404 });
  });

  test('sends its headers with each request, asking for them anew', async () => {
    let token = 0;
    longhaul = new Longhaul({ url: `${gateway.url}/`, headers: () => ({ authorization: `Bearer ${++token}` }) });
    gateway.on('GET /jobs?state=failed&limit=2', json({ items: [], nextCursor: null }));
    await longhaul.list({ state: 'failed', limit: 2 });
    await longhaul.list({ state: 'failed', limit: 2 });
    expect(gateway.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer 1', 'Bearer 2']);
  });

  test('lists with several values of a condition, and with times', async () => {
    gateway.on(
      'GET /jobs?state=failed&state=cancelled&tag=a&createdFrom=2026-01-31T08%3A00%3A00.000Z&count=true',
      json({ items: [], nextCursor: null, count: 0 }),
    );
    const page = await longhaul.list({ state: ['failed', 'cancelled'], tag: 'a', createdFrom: new Date('2026-01-31T08:00:00Z'), count: true });
    expect(page.count).toBe(0);
  });

  test('lists all jobs that fit, also behind a page on which none was found', async () => {
    gateway.on('GET /jobs?limit=200&kind=a', json({ items: [job({ id: 'j1' })], nextCursor: 'c1' }));
    gateway.on('GET /jobs?limit=200&kind=a&cursor=c1', json({ items: [], nextCursor: 'c2', partial: true }));
    gateway.on('GET /jobs?limit=200&kind=a&cursor=c2', json({ items: [job({ id: 'j2' })], nextCursor: null }));
    const ids: string[] = [];
    for await (const { id } of longhaul.listAll({ kind: 'a' })) ids.push(id);
    expect(ids).toEqual(['j1', 'j2']);
  });

  describe('result()', () => {
    const done = job({ state: 'succeeded', result: { value: 1 } });

    test('of a job that has ended asks nobody', async () => {
      await expect(longhaul.result(done)).resolves.toEqual({ value: 1 });
      expect(gateway.seen).toEqual([]);
    });

    test('follows the events and then reads the job', async () => {
      gateway.on('GET /jobs/j1/events', stream(['state 1 queued', 'state 2 running', 'progress 3 running', 'state 4 succeeded']));
      gateway.on('GET /jobs/j1', json(done));
      const events: number[] = [];
      await expect(longhaul.result(job(), { onEvent: ({ seq }) => events.push(seq) })).resolves.toEqual({ value: 1 });
      expect(events).toEqual([1, 2, 3, 4]);
      expect(gateway.calls('GET /jobs/j1')).toHaveLength(1);
    });

    test.each([
      ['there are none', problem(404, 'not-found')],
      ['they are no event stream', json({})],
      ['they break off each time', hangUp],
    ])('polls with Prefer: wait where events do not come: %s', async (_, turn) => {
      gateway.on('GET /jobs/j1/events', turn);
      gateway.on('GET /jobs/j1', json(done));
      await expect(longhaul.result('j1')).resolves.toEqual({ value: 1 });
      expect(gateway.calls('GET /jobs/j1')[0]?.headers['prefer']).toBe('wait=20');
    });

    test('of a job that is not there is a problem', async () => {
      await expect(longhaul.result('j2')).rejects.toMatchObject({ name: 'ProblemError', status: 404 });
    });

    test.each(['failed', 'cancelled'] as const)('of a job that has %s rejects with the job', async (state) => {
      const error = state === 'failed' ? { code: 'handler_error', message: 'no luck', attempt: 3, at: '' } : null;
      const call = longhaul.result(job({ state, attempt: 3, error }));
      await expect(call).rejects.toThrow(JobFailedError);
      await expect(call).rejects.toMatchObject({ state, code: error?.code ?? 'cancelled', job: { id: 'j1' } });
    });

    test('ends at its deadline', async () => {
      gateway.on('GET /jobs/j1/events', stream(['state 1 queued'], 'open'));
      await expect(longhaul.result('j1', { deadlineMs: 100 })).rejects.toMatchObject({ name: 'TimeoutError' });
    });
  });
});
