// Ring 2: .ci/run runs this file.
import { describeWithBroker, spawnApp, type Stack, startStack, tcpProxy, type TcpProxy, waitFor } from '../support/index.js';

describeWithBroker('while RabbitMQ is away', () => {
  let stack: Stack;
  let proxy: TcpProxy;
  beforeAll(async () => {
    stack = await startStack({
      mode: 'distributed',
      amqpUrl: async (url) => {
        proxy = await tcpProxy(url);
        return proxy.url;
      },
    });
  });
  afterAll(async () => {
    await stack.stop();
    await proxy.close();
  });

  test('submissions are accepted all the same, and run when it is back', async () => {
    await proxy.refuse();
    const ids: string[] = [];
    for (let n = 0; n < 20; n++) ids.push(await stack.api.accepted('debug.effect', { key: `away-${String(n)}` }));
    const health = await stack.api.call<{ status: string; broker: string }>('GET', '/health/ready');
    expect(health).toMatchObject({ status: 200, body: { status: 'ok', broker: 'down' } });
    await proxy.heal();
    for (const id of ids) await stack.api.waitForState(id, 'succeeded', 60_000);
    expect(await stack.query('SELECT count(*)::integer AS n, count(DISTINCT key)::integer AS keys FROM debug_effects')).toEqual([{ n: 20, keys: 20 }]);
  });

  test('a running handler is not interrupted by a lost connection, and does not run twice', async () => {
    const second = await spawnApp('worker', stack.env);
    const ids = await Promise.all(Array.from({ length: 8 }, (_, n) => stack.api.accepted('debug.effect', { key: `blink-${String(n)}`, ms: 4_000 })));
    for (const id of ids) await stack.api.waitForState(id, 'running');
    await proxy.refuse();
    await waitFor('the gateway to notice', async () => (await stack.api.call<{ broker: string }>('GET', '/health/ready')).body.broker === 'down');
    await proxy.heal();
    for (const id of ids) expect((await stack.api.waitForState(id, 'succeeded', 60_000)).attempt).toBe(1);
    expect(await stack.query(`SELECT count(*)::integer AS n FROM debug_effects WHERE key LIKE 'blink-%'`)).toEqual([{ n: 8 }]);
    // Each outcome is announced although the delivery was lost: nothing stays in the outbox.
    await waitFor('the outbox to be empty', async () => (await stack.query('SELECT 1 FROM outbox')).length === 0, { timeoutMs: 90_000 });
    await second.stop();
  });
});
