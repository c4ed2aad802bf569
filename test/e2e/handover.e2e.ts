import { connect } from 'amqplib';
import { describeWithBroker, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';

describeWithBroker('a job that runs for long', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed', env: { HANDOVER_SECONDS: '1', WORKER_CONCURRENCY: '1', LEASE_SECONDS: '5' } });
  });
  afterAll(() => stack.stop());

  test('is handed over to its lease: its delivery is accepted, its slot stays taken, and a crash is still recovered', async () => {
    const long = await stack.api.accepted('debug.sleep', { ms: 8_000 });
    await stack.api.waitForState(long, 'running');
    const waiting = await stack.api.accepted('debug.echo', { value: 'next' });
    const connection = await connect(stack.amqpUrl);
    const channel = await connection.createChannel();
    // Neither the long job nor the one behind it is held by the worker: the first was accepted, the second not taken.
    await waitFor('the worker to hold no delivery', async () => {
      const { consumerCount, messageCount } = await channel.checkQueue('longhaul.jobs.default');
      return consumerCount === 0 && messageCount === 1;
    });
    expect((await stack.api.job(waiting)).state).toBe('queued');

    const [worker] = stack.workers;
    worker?.kill('SIGKILL');
    stack.workers.splice(0, 1, await spawnApp('worker', stack.env));
    const job = await stack.api.waitForState(long, 'succeeded', 60_000);
    expect(job.attempt).toBe(1);
    await stack.api.waitForState(waiting, 'succeeded');
    await connection.close();
  });

  test('its outcome event is published though no delivery guards it', async () => {
    const connection = await connect(stack.amqpUrl);
    const channel = await connection.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, 'longhaul.events', 'debug.sleep.*');
    const ids: string[] = [];
    await channel.consume(queue, (message) => message && ids.push((JSON.parse(message.content.toString()) as { id: string }).id), { noAck: true });
    const id = await stack.api.accepted('debug.sleep', { ms: 2_000 });
    await waitFor('its event', () => ids.includes(id), { timeoutMs: 90_000 });
    await connection.close();
  });
});
