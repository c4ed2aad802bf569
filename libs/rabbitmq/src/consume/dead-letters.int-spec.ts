import { DEAD_QUEUE, EXCHANGES, jobQueueName } from '@app/contracts';
import { uuidv4, uuidv7 } from '@app/core';
import { describeWithBroker, waitFor } from '../../../../test/support/index.js';
import { RabbitConsumer } from './consumer.js';
import type { RabbitDelivery } from './delivery.js';
import { TestBroker } from '../testing/test-broker.js';
import { DEAD_PARTS, jobQueueParts, TOPOLOGY } from '../topology/topology.js';

describeWithBroker('the way to the dead letters', () => {
  let broker: TestBroker;
  let consumer: RabbitConsumer;
  let queue: string;
  let deliveries: RabbitDelivery[];
  beforeAll(async () => {
    broker = await TestBroker.open();
  });
  afterAll(() => broker.close());
  beforeEach(async () => {
    queue = broker.queueName();
    deliveries = [];
    await broker.declare(...TOPOLOGY);
    const connection = broker.connection();
    consumer = new RabbitConsumer({
      queue: jobQueueName(queue),
      slots: () => 10,
      declare: (model) => connection.declare(model, jobQueueParts(queue)),
      onDelivery: (delivery) => deliveries.push(delivery),
      logger: broker.logger,
    });
    await broker.up(connection, consumer);
  });
  afterEach(async () => {
    await consumer.close();
    await broker.closeConnections();
  });

  test('of a rejected message ends in the dead-letter queue with its bytes, its properties and the reason', async () => {
    const body = Buffer.from([0, 1, 2, 253, 254, 255]);
    const properties = { messageId: uuidv4(), correlationId: uuidv7(), type: 'test.job', headers: { traceparent: '00-trace' } };
    await broker.send(queue, properties, body);
    await waitFor('the delivery', () => deliveries.length === 1);
    deliveries[0]?.reject();
    const dead = await broker.take(DEAD_QUEUE);
    expect(dead.content.equals(body)).toBe(true);
    expect(dead.properties).toMatchObject(properties);
    expect(dead.properties.headers?.['x-death']).toMatchObject([{ queue: jobQueueName(queue), exchange: '', reason: 'rejected' }]);
    expect(await broker.depth(jobQueueName(queue))).toBe(0);
  });

  test('keeps a message that it cannot deliver instead of losing it: at least once, not at most once', async () => {
    await broker.deleteQueue(DEAD_QUEUE);
    await broker.send(queue, { messageId: uuidv4() });
    await waitFor('the delivery', () => deliveries.length === 1);
    deliveries[0]?.reject();
    await consumer.close();
    // The consumer no longer has the message, but it still exists and waits for the dead-letter queue. The broker's next try
    // takes up to its timer of three minutes.
    await waitFor('the consumer to be gone', async () => (await broker.consumers(jobQueueName(queue))) === 0);
    expect(await broker.plain((channel) => channel.get(jobQueueName(queue), { noAck: true }))).toBe(false);
    await waitFor('the broker to count it', async () => (await broker.held(jobQueueName(queue))) === 1, { timeoutMs: 90_000 });
    await broker.declare(...DEAD_PARTS);
  });

  test('takes what others send to the dead-letter exchange by themselves, whatever its routing key', async () => {
    await broker.plain(async (channel) => channel.publish(EXCHANGES.dead, 'any.thing', Buffer.from('x')));
    expect((await broker.take(DEAD_QUEUE)).fields.routingKey).toBe('any.thing');
  });
});
