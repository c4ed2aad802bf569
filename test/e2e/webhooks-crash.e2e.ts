// Ring 2: .ci/run runs this file.
import type { ServerResponse } from 'node:http';
import { describeWithBroker, type Stack, spawnApp, startStack, waitFor, type WebhookReceiver, webhookReceiver } from '../support/index.js';

describeWithBroker('when a worker is killed while it delivers webhooks', () => {
  let stack: Stack;
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    receiver = await webhookReceiver();
    const env = { WEBHOOK_ALLOW_HOSTS: '127.0.0.1', WEBHOOK_SCHEDULE: '300ms,300ms,300ms,300ms,300ms,300ms', LEASE_SECONDS: '5', WORKER_CONCURRENCY: '3' };
    stack = await startStack({ mode: 'distributed', workers: 2, env });
  });
  afterAll(async () => {
    await stack.stop();
    await receiver.close();
  });

  test('no event is missing, and each has one webhook-id for each receiver', async () => {
    for (const path of ['/one', '/two']) await stack.api.call('POST', '/webhooks/endpoints', { url: receiver.url + path });
    const held: ServerResponse[] = [];
    receiver.answer = (response) => held.push(response);
    const ids: string[] = [];
    for (let value = 0; value < 15; value++) ids.push(await stack.api.accepted('debug.echo', { value }));
    // As many as both workers may have under way.
    await waitFor('deliveries under way in both workers', () => held.length >= 6);
    const [victim] = stack.workers.splice(0, 1);
    victim?.kill('SIGKILL');
    await victim?.exited;
    receiver.answer = (response) => response.writeHead(204).end();
    for (const response of held) response.writeHead(204).end();
    stack.workers.push(await spawnApp('worker', stack.env));
    const ended = () => stack.query<{ state: string; n: number }>('SELECT state, count(*)::integer AS n FROM webhook_deliveries GROUP BY state');
    await waitFor('all deliveries to have succeeded', async () => (await ended()).some(({ state, n }) => state === 'succeeded' && n === 30), {
      timeoutMs: 50_000,
    });
    for (const id of ids) {
      const seen = receiver.of(id);
      for (const path of ['/one', '/two']) expect(new Set(seen.filter((webhook) => webhook.path === path).map((webhook) => webhook.id)).size).toBe(1);
    }
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(30);
    expect(await stack.query('SELECT * FROM notices')).toEqual([]);
  });
});
