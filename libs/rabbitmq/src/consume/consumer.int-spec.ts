import { jobQueueName } from '@app/contracts';
import type { Channel } from 'amqplib';
import { describeWithBroker, waitFor } from '../../../../test/support/index.js';
import type { RabbitConnection } from '../connection/connection.js';
import { RabbitConsumer } from './consumer.js';
import type { RabbitDelivery } from './delivery.js';
import { TestBroker } from '../testing/test-broker.js';
import { jobQueueParts, TOPOLOGY } from '../topology/topology.js';

describeWithBroker('the consumer', () => {
  let broker: TestBroker;
  let connection: RabbitConnection;
  let consumer: RabbitConsumer;
  let queue: string;
  let deliveries: RabbitDelivery[];
  let slots: number;
  beforeAll(async () => {
    broker = await TestBroker.open();
    await broker.declare(...TOPOLOGY);
  });
  afterAll(() => broker.close());
  beforeEach(() => {
    queue = broker.queueName();
    deliveries = [];
  });
  afterEach(async () => {
    await broker.proxy.heal();
    await consumer.close();
    await broker.closeConnections();
  });

  async function start({ slots: wanted = 10, heartbeat, on }: { slots?: number; heartbeat?: number; on?: RabbitConnection } = {}): Promise<void> {
    slots = wanted;
    connection = on ?? broker.connection(heartbeat === undefined ? {} : { heartbeat });
    consumer = new RabbitConsumer({
      queue: jobQueueName(queue),
      slots: () => slots,
      declare: (model) => connection.declare(model, jobQueueParts(queue)),
      onDelivery: (delivery) => deliveries.push(delivery),
      logger: broker.logger,
      metrics: broker.metrics,
    });
    await broker.up(connection, consumer);
  }

  const giveSlots = async (count: number) => {
    slots = count;
    await consumer.adjust();
  };
  const open = () => deliveries.filter((delivery) => delivery.open);
  const arrived = (count: number) => waitFor(`${count} open deliveries`, () => open().length === count);
  const send = async (count = 1) => {
    for (let times = 0; times < count; times++) await broker.send(queue);
  };

  /** Waits until the queue has no messages, neither waiting nor unacknowledged. */
  async function nothingLeft(): Promise<void> {
    await consumer.close();
    await waitFor('the consumer to be gone', async () => (await broker.consumers(jobQueueName(queue))) === 0);
    expect(await broker.depth(jobQueueName(queue))).toBe(0);
  }

  function channelOf(delivery: RabbitDelivery | undefined): Channel {
    return (delivery as unknown as { channel: Channel }).channel;
  }

  test('subscribes again when its queue is deleted, and gets what comes then', async () => {
    await start();
    await send();
    await arrived(1);
    await broker.deleteQueue(jobQueueName(queue));
    await waitFor('the consumer to notice', () => broker.messages('warn').includes('the broker cancelled a consumer; it subscribes again'));
    await waitFor('the consumer to be healthy again', () => consumer.healthy);
    await send();
    await arrived(2);
    expect(await broker.consumers(jobQueueName(queue))).toBe(1);
  });

  test('subscribes again when its channel is closed by an error; what it held comes again, and the old delivery is void', async () => {
    await start();
    await send();
    await arrived(1);
    const [old] = deliveries;
    channelOf(old).ack({ fields: { deliveryTag: 999 } } as never);
    await waitFor('the message to come again', () => deliveries.length === 2);
    expect(old?.open).toBe(false);
    old?.accept();
    old?.reject();
    old?.release();
    const [, again] = deliveries;
    expect(again?.message.fields.redelivered).toBe(true);
    expect(again?.open).toBe(true);
    again?.accept();
    await nothingLeft();
    // There was only one failure: the dispositions of the void delivery did not close the new channel.
    expect(broker.counted('amqp_channels_closed_total')).toBe(1);
  });

  test.each(['cut', 'reset'] as const)('subscribes again after its connection was lost (%s)', async (fault) => {
    await start();
    await send();
    await arrived(1);
    broker.proxy[fault]();
    await waitFor('the message to come again', () => deliveries.length === 2);
    expect(deliveries.map((delivery) => delivery.open)).toEqual([false, true]);
    deliveries[0]?.accept();
    deliveries[1]?.accept();
    await nothingLeft();
  });

  test('subscribes again after nothing passed for a while', async () => {
    await start({ heartbeat: 1 });
    broker.proxy.blackhole();
    await waitFor('the heartbeat to tell', () => !connection.up);
    await broker.proxy.heal();
    await waitFor('the connection to be back', () => connection.up && consumer.healthy);
    await send();
    await arrived(1);
  });

  test('settles a delivery once, whatever is done with it afterwards', async () => {
    await start();
    await send(3);
    await arrived(3);
    for (const delivery of deliveries) {
      delivery.accept();
      expect(delivery.open).toBe(false);
      delivery.accept();
      delivery.reject();
      delivery.release();
    }
    await send();
    await arrived(1);
    open()[0]?.accept();
    await nothingLeft();
    expect(broker.messages('warn')).toEqual([]);
  });

  test('gives back to the queue what is released, and it comes again', async () => {
    await start();
    await send();
    await arrived(1);
    deliveries[0]?.release();
    await arrived(1);
    expect(deliveries).toHaveLength(2);
    expect(deliveries[1]?.message.fields.redelivered).toBe(true);
  });

  test('takes no more than it has slots, and the next when one is settled', async () => {
    await start({ slots: 2 });
    await send(4);
    await arrived(2);
    expect(await broker.depth(jobQueueName(queue))).toBe(2);
    open()[0]?.accept();
    await waitFor('the third', () => deliveries.length === 3);
    expect(open()).toHaveLength(2);
  });

  test('with fewer slots counts what is open already, and takes the next when there is room', async () => {
    await start({ slots: 3 });
    await send(10);
    await arrived(3);
    await giveSlots(2);
    const first = open();
    first[0]?.accept();
    await broker.settled(connection);
    expect(deliveries).toHaveLength(3);
    expect(await broker.depth(jobQueueName(queue))).toBe(7);
    first[1]?.accept();
    await waitFor('the next', () => deliveries.length === 4);
    await broker.settled(connection);
    expect(open()).toHaveLength(2);
    expect(first[2]?.open).toBe(true);
  });

  test('with more slots takes more at once, and hoards nothing when it has fewer again', async () => {
    await start({ slots: 1 });
    await send(6);
    await arrived(1);
    await giveSlots(4);
    await arrived(4);
    await giveSlots(1);
    await broker.settled(connection);
    expect(open()).toHaveLength(4);
    expect(await broker.depth(jobQueueName(queue))).toBe(2);
  });

  test('never has more open than slots, however often they change while deliveries are settled', async () => {
    await start({ slots: 4 });
    await send(60);
    for (const count of [4, 2, 0, 4, 1, 3, 0, 4, 4, 2, 4]) {
      await giveSlots(count);
      await broker.settled(connection);
      expect(open().length).toBeLessThanOrEqual(4);
      open()[0]?.accept();
      open()[0]?.accept();
    }
    await giveSlots(4);
    await waitFor('all to come', () => {
      expect(open().length).toBeLessThanOrEqual(4);
      open()[0]?.accept();
      return deliveries.length === 60;
    });
    for (const delivery of open()) delivery.accept();
    await nothingLeft();
    expect(new Set(deliveries.map(({ message }) => message.fields.deliveryTag)).size).toBe(60);
  });

  test('keeps what is open while it is paused, and goes on when resumed', async () => {
    await start();
    await send();
    await arrived(1);
    await giveSlots(0);
    expect(consumer.healthy).toBe(true);
    await send();
    expect(await broker.depth(jobQueueName(queue))).toBe(1);
    expect(deliveries.map((delivery) => delivery.open)).toEqual([true]);
    deliveries[0]?.accept();
    await giveSlots(10);
    await waitFor('the second', () => deliveries.length === 2);
    deliveries[1]?.accept();
    await nothingLeft();
  });

  test('keeps no other consumer, nor the end of its connection, waiting for a queue that gives no answer', async () => {
    const dumb = new RabbitConsumer({
      queue: jobQueueName(broker.queueName()),
      slots: () => 1,
      declare: () => new Promise(() => undefined),
      onDelivery: () => undefined,
      logger: broker.logger,
    });
    connection = broker.connection();
    connection.add(dumb);
    await start({ on: connection });
    await send();
    await arrived(1);
    expect([dumb.healthy, consumer.healthy]).toEqual([false, true]);
    expect(broker.messages('warn')).toContain('RabbitMQ gives no answer about a queue; until it does it is not consumed');
    await dumb.close();
  });

  test('stays paused over a new connection', async () => {
    await start();
    await giveSlots(0);
    await send();
    broker.proxy.cut();
    await waitFor('the connection to be lost and back', () => broker.messages('info').length === 2 && connection.up);
    expect(await broker.consumers(jobQueueName(queue))).toBe(0);
    await giveSlots(10);
    await arrived(1);
  });

  test('whose queue exists with other arguments says so, and starts when that is mended', async () => {
    await broker.plain((channel) => channel.assertQueue(jobQueueName(queue), { durable: true }));
    await start();
    expect(consumer.healthy).toBe(false);
    expect(connection.up).toBe(true);
    expect(consumer.reason).toMatch(/^queue longhaul\.jobs\..* cannot be consumed: .*exists with other arguments/);
    expect(broker.messages('warn')).toEqual([`${String(consumer.reason)}; it is tried again`]);
    await broker.deleteQueue(jobQueueName(queue));
    await waitFor('it to subscribe', () => consumer.healthy, { timeoutMs: 90_000 });
    await send();
    await arrived(1);
  });

  test('loses no ack when channel and connection are closed right after it, 20 times of 20', async () => {
    let received = 0;
    for (let round = 1; round <= 20; round++) {
      await start();
      await send(3);
      await arrived(3);
      received += deliveries.length;
      // A drain does the same: it stops deliveries, sends the last acks, and then waits for no answer.
      await giveSlots(0);
      for (const delivery of deliveries.splice(0)) delivery.accept();
      await consumer.close();
      await connection.close();
    }
    await waitFor('the last consumer to be gone', async () => (await broker.consumers(jobQueueName(queue))) === 0);
    expect(await broker.depth(jobQueueName(queue))).toBe(0);
    // A message with a lost ack would be delivered again in the next round.
    expect(received).toBe(60);
  });
});
