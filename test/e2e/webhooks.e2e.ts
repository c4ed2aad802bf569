import { describeEachMode, type Stack, startStack, waitFor, type WebhookReceiver, webhookReceiver } from '../support/index.js';

const CALLBACK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

interface Endpoint {
  id: string;
  secret: string;
  enabled: boolean;
  disabledReason: string | null;
  secrets: number;
}

interface Delivery {
  id: string;
  webhookId: string;
  state: string;
  endpointId: string | null;
  jobId: string;
  attempts: { status?: number; error?: string; durationMs: number; answer?: { body: string } }[];
  nextAttemptAt: string | null;
  body?: string;
}

describeEachMode('webhooks in %s mode', (mode) => {
  let stack: Stack;
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    receiver = await webhookReceiver();
    stack = await startStack({
      mode,
      env: {
        WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
        WEBHOOK_SCHEDULE: '200ms,500ms,1s,1s,2s',
        WEBHOOK_SECRET: CALLBACK_SECRET,
        PUBLIC_URL: 'https://jobs.example.com/',
      },
    });
  });
  afterEach(async () => {
    for (const { id } of (await stack.api.call<{ items: Endpoint[] }>('GET', '/webhooks/endpoints')).body.items) {
      await stack.api.call('DELETE', `/webhooks/endpoints/${id}`);
    }
    receiver.answer = (response) => response.writeHead(204).end();
    receiver.secrets = [];
  });
  afterAll(async () => {
    await stack.stop();
    await receiver.close();
  });

  async function endpoint(path: string, more: object = {}): Promise<Endpoint> {
    const { status, body } = await stack.api.call<Endpoint>('POST', '/webhooks/endpoints', { url: receiver.url + path, ...more });
    if (status !== 201) throw new Error(`expected 201, got ${String(status)}: ${JSON.stringify(body)}`);
    receiver.secrets.push(body.secret);
    return body;
  }

  async function deliveries(query: string): Promise<Delivery[]> {
    return (await stack.api.call<{ items: Delivery[] }>('GET', `/webhooks/deliveries?${query}`)).body.items;
  }

  function delivered(jobId: string, state = 'succeeded'): Promise<Delivery> {
    return waitFor(`a delivery of ${jobId} to be ${state}`, async () => (await deliveries(`job=${jobId}&state=${state}`))[0]);
  }

  test('a callback URL is called once, signed so that the reference verifier accepts it, with the view of the job', async () => {
    receiver.secrets = [CALLBACK_SECRET];
    const id = await stack.api.accepted('debug.echo', { value: 'hello' }, { callbackUrl: `${receiver.url}/callback` });
    await delivered(id);
    expect(receiver.of(id)).toMatchObject([
      {
        path: '/callback',
        verifiedBy: [CALLBACK_SECRET],
        headers: {
          'content-type': 'application/json',
          'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
          'webhook-id': expect.stringMatching(/^msg_[0-9a-f]{32}$/),
        },
        body: { type: 'job.succeeded', data: { id, kind: 'debug.echo', state: 'succeeded', result: { value: 'hello' } } },
      },
    ]);
    const body = receiver.of(id)[0]?.body;
    expect(Date.parse(body?.timestamp ?? '')).toBeLessThanOrEqual(Date.now());
    expect(body?.data.links.self).toBe(`https://jobs.example.com/jobs/${id}`);
  });

  test('each endpoint gets what its filters let pass, and failures and cancellations are told too', async () => {
    await endpoint('/all');
    await endpoint('/failures', { events: ['job.failed'] });
    await endpoint('/tagged', { tags: ['vip'], kinds: ['debug.*'] });
    await endpoint('/others', { kinds: ['report.*'] });
    const echo = await stack.api.accepted('debug.echo', { value: 1 }, { tags: ['vip'] });
    const fails = await stack.api.accepted('debug.fail', { message: 'no', retryable: false });
    const late = await stack.api.accepted('debug.echo', { value: 2 }, { delay: '1h' });
    await stack.api.call('POST', `/jobs/${late}/cancel`);
    const paths = (id: string) => receiver.of(id).map(({ path, body }) => `${path} ${body.type}`).sort(); // prettier-ignore
    await waitFor('all of them', () => paths(echo).length >= 2 && paths(fails).length >= 2 && paths(late).length >= 1);
    expect(paths(echo)).toEqual(['/all job.succeeded', '/tagged job.succeeded']);
    expect(paths(fails)).toEqual(['/all job.failed', '/failures job.failed']);
    expect(paths(late)).toEqual(['/all job.cancelled']);
    expect(receiver.received.filter(({ body }) => body.data.kind.startsWith('longhaul.'))).toEqual([]);
  });

  test('a receiver that is down for a while gets each event once by its webhook-id, and the list shows each request, answer and time', async () => {
    const { id: endpointId } = await endpoint('/flaky');
    let left = 4;
    receiver.answer = (response) =>
      left-- > 0 ? response.writeHead(503, { 'content-type': 'text/plain' }).end('not now') : response.writeHead(200).end('thanks');
    const ids = await Promise.all(Array.from({ length: 3 }, () => stack.api.accepted('debug.echo', { value: 1 })));
    const done = await Promise.all(ids.map((id) => delivered(id)));
    for (const id of ids) expect(new Set(receiver.of(id).map((webhook) => webhook.id)).size).toBe(1);
    expect(new Set(done.map(({ webhookId }) => webhookId)).size).toBe(3);
    const attempts = done.flatMap((delivery) => delivery.attempts);
    expect(attempts).toHaveLength(7);
    expect(attempts.filter(({ status }) => status === 503)).toHaveLength(4);
    expect(attempts.find(({ status }) => status === 503)).toMatchObject({
      answer: { body: 'not now' },
      error: expect.stringContaining('503'),
      durationMs: expect.any(Number),
    });
    expect((await deliveries(`endpoint=${endpointId}`)).map(({ jobId }) => jobId).sort()).toEqual([...ids].sort());
  });

  test('after a rotation the former secret signs too until it expires, and a receiver that knows either accepts', async () => {
    const { id, secret } = await endpoint('/rotated');
    const rotated = await stack.api.call<Endpoint>('POST', `/webhooks/endpoints/${id}/rotate-secret`, { graceSeconds: 3_600 });
    expect([rotated.status, rotated.body.secrets]).toEqual([200, 2]);
    receiver.secrets = [secret, rotated.body.secret];
    const first = await stack.api.accepted('debug.echo', { value: 1 });
    await delivered(first);
    expect(receiver.of(first).map(({ verifiedBy }) => verifiedBy)).toEqual([[secret, rotated.body.secret]]);
    const last = await stack.api.call<Endpoint>('POST', `/webhooks/endpoints/${id}/rotate-secret`, { graceSeconds: 0 });
    await stack.query(`UPDATE webhook_endpoints SET secrets = jsonb_set(secrets, '{1,expiresAt}', to_jsonb(now()))`);
    receiver.secrets.push(last.body.secret);
    const second = await stack.api.accepted('debug.echo', { value: 2 });
    await delivered(second);
    expect(receiver.of(second).map(({ verifiedBy }) => verifiedBy)).toEqual([[last.body.secret]]);
    expect(JSON.stringify((await stack.api.call('GET', `/webhooks/endpoints/${id}`)).body)).not.toContain('whsec_');
  });

  test('an endpoint that answers 410 is disabled, until it is enabled again', async () => {
    const { id } = await endpoint('/gone');
    receiver.answer = (response) => response.writeHead(410).end();
    const first = await stack.api.accepted('debug.echo', { value: 1 });
    expect((await delivered(first, 'failed')).attempts).toHaveLength(1);
    expect((await stack.api.call<Endpoint>('GET', `/webhooks/endpoints/${id}`)).body).toMatchObject({ enabled: false, disabledReason: 'it answered 410 Gone' });
    const untold = await stack.api.submit('debug.echo', { value: 2 }, undefined, { prefer: 'wait=20' });
    expect(untold.body.state).toBe('succeeded');
    receiver.answer = (response) => response.writeHead(204).end();
    await stack.api.call('PATCH', `/webhooks/endpoints/${id}`, { enabled: true });
    const told = await stack.api.accepted('debug.echo', { value: 3 });
    await delivered(told);
    expect(receiver.of(untold.body.id)).toEqual([]);
  });

  test('a redirect is a failure and is not followed; after the last attempt the delivery has failed, and its job is a dead letter', async () => {
    await endpoint('/redirects');
    receiver.answer = (response) => response.writeHead(302, { location: `${receiver.url}/target` }).end();
    const id = await stack.api.accepted('debug.echo', { value: 1 });
    const { attempts } = await delivered(id, 'failed');
    expect(attempts.map(({ status }) => status)).toEqual([302, 302, 302, 302, 302, 302]);
    expect(receiver.received.filter(({ path }) => path === '/target')).toEqual([]);
    const letters = await waitFor('the dead letter', async () => {
      const all = await stack.api.deadLetters('?kind=longhaul.webhook');
      return all.length > 0 && all;
    });
    expect(letters[0]).toMatchObject({ reason: 'webhook_not_delivered', detail: expect.stringContaining('redirect') });
  });

  test('Retry-After puts the next attempt off', async () => {
    await endpoint('/busy');
    receiver.answer = (response) => response.writeHead(429, { 'retry-after': '3600' }).end();
    const id = await stack.api.accepted('debug.echo', { value: 1 });
    const { nextAttemptAt } = await waitFor('the first attempt', async () => (await deliveries(`job=${id}`)).find(({ attempts }) => attempts.length === 1));
    expect(Date.parse(nextAttemptAt ?? '') - Date.now()).toBeGreaterThan(3_500_000);
  });

  test('a delivery that waits or has failed can be replayed, one or a range, with the same body under the same webhook-id', async () => {
    const { id: endpointId } = await endpoint('/replayed');
    receiver.answer = (response) => response.writeHead(500, { 'retry-after': '3600' }).end();
    const ids = await Promise.all([1, 2, 3].map((value) => stack.api.accepted('debug.echo', { value })));
    const waiting = await waitFor('all to have failed once', async () => {
      const found = await deliveries(`endpoint=${endpointId}&state=pending`);
      return found.length === 3 && found.every(({ attempts }) => attempts.length === 1) && found;
    });
    receiver.answer = (response) => response.writeHead(204).end();
    const [one] = waiting as [Delivery];
    expect((await stack.api.call('POST', `/webhooks/deliveries/${one.id}/replay`)).status).toBe(202);
    expect((await delivered(one.jobId)).id).toBe(one.id);
    const range = { endpoint: endpointId, state: 'pending', since: new Date(Date.now() - 3_600_000).toISOString() };
    expect((await stack.api.call('POST', '/webhooks/deliveries/replay', range)).body).toEqual({ replayed: 2, refused: [] });
    for (const id of ids) {
      const { id: deliveryId } = await delivered(id);
      const seen = receiver.of(id);
      expect(new Set(seen.map((webhook) => webhook.id)).size).toBe(1);
      const { body } = await stack.api.call<Delivery>('GET', `/webhooks/deliveries/${deliveryId}`);
      expect(seen.map((webhook) => webhook.body)).toEqual([JSON.parse(body.body ?? ''), JSON.parse(body.body ?? '')]);
      expect(body.attempts.map(({ status }) => status)).toEqual([500, 204]);
    }
    expect((await stack.api.call('POST', `/webhooks/deliveries/${one.id}/replay`)).status).toBe(202);
    await waitFor('a third copy of what had succeeded', () => receiver.of(one.jobId).length === 3);
  });

  test('a result that is too large for a webhook is left out, with the link to it', async () => {
    await endpoint('/large');
    const id = await stack.api.accepted('debug.echo', { value: 'x'.repeat(50_000) });
    await delivered(id);
    expect(receiver.of(id)[0]?.body.data).toMatchObject({ result: null, resultOmitted: true, links: { self: `https://jobs.example.com/jobs/${id}` } });
  });

  test.each([
    'http://127.0.0.2/',
    'http://169.254.169.254/latest/meta-data',
    'http://[::ffff:10.0.0.1]/',
    'http://2130706434/',
    'http://0177.0.0.2/',
    'http://localhost:1/',
  ])('an inner address is refused as a callback and as an endpoint: %s', async (url) => {
    const submitted = await stack.api.call<{ errors: { pointer: string }[] }>('POST', '/jobs', {
      kind: 'debug.echo',
      payload: { value: 1 },
      options: { callbackUrl: url },
    });
    expect([submitted.status, submitted.body.errors[0]?.pointer]).toEqual([422, '/options/callbackUrl']);
    const registered = await stack.api.call<{ errors: { pointer: string }[] }>('POST', '/webhooks/endpoints', { url });
    expect([registered.status, registered.body.errors[0]?.pointer]).toEqual([422, '/url']);
  });

  test('Longhaul runs its own kinds, which nobody else can submit or see among the kinds', async () => {
    const refused = await stack.api.submit('longhaul.webhook', { delivery: '01890000-0000-7000-8000-000000000000' });
    expect([refused.status, refused.body]).toEqual([422, expect.objectContaining({ type: '/problems/unknown-kind' })]);
    expect(JSON.stringify((await stack.api.call('GET', '/kinds')).body)).not.toContain('longhaul.');
  });

  test('what cannot be an endpoint or a filter is refused with a pointer or a name', async () => {
    const wrong = { url: `${receiver.url}/`, events: ['job.started'], secret: 'whsec_short' };
    const { status, body } = await stack.api.call<{ errors: { pointer: string }[] }>('POST', '/webhooks/endpoints', wrong);
    expect([status, body.errors.map(({ pointer }) => pointer)]).toEqual([422, ['/events']]);
    expect((await stack.api.call('GET', '/webhooks/deliveries?state=done')).status).toBe(400);
    expect((await stack.api.call('GET', '/webhooks/endpoints/nothing')).status).toBe(404);
    expect((await stack.api.call('POST', '/webhooks/deliveries/nothing/replay')).status).toBe(404);
  });
});
