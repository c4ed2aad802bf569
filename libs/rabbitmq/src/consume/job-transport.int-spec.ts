import { DEAD_QUEUE, jobQueueName } from '@app/contracts';
import { type WakeUp, uuidv4, uuidv7 } from '@app/core';
import { describeWithBroker, waitFor } from '../../../../test/support/index.js';
import { ConfirmPublisher } from '../publish/confirm-publisher.js';
import type { RabbitDelivery } from './delivery.js';
import { describeMessage } from './job-delivery.js';
import { JOB_DELIVERY, JobTransport } from './job-transport.js';
import { jobMessage, TestBroker } from '../testing/test-broker.js';

describeWithBroker('the transport', () => {
  let broker: TestBroker;
  let transport: JobTransport;
  let queue: string;
  let deliveries: WakeUp[];
  let credit: number;
  let unreadable: { delivery: RabbitDelivery; queue: string; fault: string }[];
  beforeAll(async () => {
    broker = await TestBroker.open();
  });
  afterAll(() => broker.close());
  beforeEach(() => {
    queue = broker.queueName();
    deliveries = [];
    credit = 5;
    unreadable = [];
  });
  afterEach(async () => {
    await broker.proxy.heal();
    await transport.close();
    await broker.closeConnections();
  });

  async function start(handler: (delivery: WakeUp) => Promise<void> = async (delivery) => void deliveries.push(delivery)): Promise<void> {
    transport = new JobTransport({
      connection: broker.connection(),
      logger: broker.logger,
      credit: () => credit,
      recordUnreadable: async (delivery, name, fault) => {
        unreadable.push({ delivery, queue: name, fault });
        delivery.reject();
      },
    });
    transport.addHandler(JOB_DELIVERY, handler, true);
    transport.listen(() => undefined);
    await transport.consume(new Set([queue]));
    await waitFor('the transport to consume', () => transport.healthy);
  }

  const ids = () => ({ correlationId: uuidv7(), messageId: uuidv4(), type: 'test.job' });

  test('gives the handler what the publisher sent, and takes its disposition', async () => {
    await start();
    const publishing = broker.connection();
    const publisher = new ConfirmPublisher(publishing, broker.logger);
    await broker.up(publishing);
    const message = jobMessage(queue, { kind: 'report.render' });
    await publisher.publish(message);
    await waitFor('the delivery', () => deliveries.length === 1);
    const [delivery] = deliveries;
    expect(delivery).toMatchObject({ jobIds: message.jobIds, kind: 'report.render', queue, open: true });
    delivery?.accept();
    expect(delivery?.open).toBe(false);
    await transport.close();
    expect(await broker.depth(jobQueueName(queue))).toBe(0);
    await publisher.close();
  });

  test.each([
    ['no job id', { correlationId: undefined }, 'expected the id of a job as correlation_id'],
    ['a job id that is none', { correlationId: '1; DROP TABLE jobs' }, 'expected the id of a job as correlation_id'],
    ['no message id', { messageId: undefined }, 'expected a UUID as message_id'],
    ['no kind', { type: undefined }, 'expected the kind as type'],
  ])('hands a message with %s over with the reason, and its original bytes go to the dead letters', async (_, wrong, fault) => {
    await start();
    const body = Buffer.from([0, 255, 0x7b, 13, 10, 0xc3, 0x28]);
    await broker.send(queue, { ...ids(), contentType: 'image/png', headers: { 'x-odd': 1 }, ...wrong }, body);
    await waitFor('the message to be handed over', () => unreadable.length === 1);
    expect(unreadable[0]).toMatchObject({ queue, fault });
    expect(describeMessage(unreadable[0]?.delivery.message as never)).toMatchObject({ contentType: 'image/png', body, headers: { 'x-odd': 1 } });
    const dead = await broker.take(DEAD_QUEUE);
    expect(dead.content.equals(body)).toBe(true);
    expect(dead.properties.headers?.['x-death']).toMatchObject([{ queue: jobQueueName(queue), reason: 'rejected', count: 1 }]);
    expect(deliveries).toEqual([]);
  });

  test('a message that nobody can read does not hold up the next', async () => {
    await start();
    await broker.send(queue, {}, Buffer.from('?'));
    await broker.send(queue, ids());
    await waitFor('the good one', () => deliveries.length === 1);
    deliveries[0]?.accept();
    await broker.take(DEAD_QUEUE);
  });

  test('a queue that exists with other arguments does not keep the others from being consumed', async () => {
    const odd = broker.queueName();
    await broker.plain((channel) => channel.assertQueue(jobQueueName(odd), { durable: true }));
    await start();
    await transport.consume(new Set([odd, queue]));
    expect(transport.healthy).toBe(false);
    await broker.send(queue, ids());
    await waitFor('a delivery', () => deliveries.length === 1);
    broker.proxy.cut();
    await waitFor('the delivery to come again', () => deliveries.length === 2);
    deliveries[1]?.accept();
    await broker.deleteQueue(jobQueueName(odd));
    await waitFor('all to be well', () => transport.healthy);
  });

  test('consumes exactly the queues it is told to, those that come later too', async () => {
    const later = broker.queueName();
    await start();
    await transport.consume(new Set([later]));
    await broker.send(queue, ids());
    await broker.send(later, ids());
    await waitFor('the delivery', () => deliveries.length === 1);
    expect(deliveries[0]?.queue).toBe(later);
    deliveries[0]?.accept();
    await transport.consume(new Set([queue]));
    await waitFor('the other', () => deliveries.length === 2);
    expect(deliveries[1]?.queue).toBe(queue);
    deliveries[1]?.accept();
  });

  test('keeps what is open when it takes no more, also over a change of credit', async () => {
    await start();
    await broker.send(queue, ids());
    await waitFor('the delivery', () => deliveries.length === 1);
    credit = 4;
    await transport.adjust();
    await transport.stopConsuming();
    await broker.send(queue, ids());
    expect(deliveries.map(({ open }) => open)).toEqual([true]);
    deliveries[0]?.accept();
    await waitFor('one to be left in the queue', async () => (await broker.depth(jobQueueName(queue))) === 1);
    expect(transport.healthy).toBe(true);
  });

  test('takes as many messages as it has credit for, and none without', async () => {
    await start();
    credit = 1;
    await transport.adjust();
    for (let n = 0; n < 3; n++) await broker.send(queue, ids());
    await waitFor('one delivery', () => deliveries.length === 1);
    credit = 0;
    await transport.adjust();
    deliveries[0]?.accept();
    await waitFor('the others to wait in the queue', async () => (await broker.depth(jobQueueName(queue))) === 2);
    expect(deliveries).toHaveLength(1);
    credit = 5;
    await transport.adjust();
    await waitFor('all', () => deliveries.length === 3);
    for (const delivery of deliveries) delivery.accept();
  });

  test('what waits in the queue is delivered when the broker comes back, without the handler knowing', async () => {
    await start();
    await broker.proxy.refuse();
    await waitFor('the connection to be lost', () => !transport.healthy);
    await broker.send(queue, ids());
    await broker.proxy.heal();
    await waitFor('the delivery', () => deliveries.length === 1);
    deliveries[0]?.accept();
  });
});
