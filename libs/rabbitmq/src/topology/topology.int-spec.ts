import type { ChannelModel } from 'amqplib';
import { DEAD_QUEUE, EXCHANGES, jobQueueName, SUBMIT_QUEUE } from '@app/contracts';
import { describeWithBroker, waitFor } from '../../../../test/support/index.js';
import { ConfirmPublisher } from '../publish/confirm-publisher.js';
import { QueueDepth } from './queue-depth.js';
import { jobMessage, TestBroker } from '../testing/test-broker.js';
import { absentParts } from './absent-parts.js';
import { describePart, jobQueueParts, TOPOLOGY } from './topology.js';

const NEVER_LOSES = {
  'x-queue-type': 'quorum',
  'x-delivery-limit': 100,
  'x-dead-letter-exchange': 'longhaul.dlx',
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
};

describeWithBroker('the topology', () => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await TestBroker.open();
  });
  afterAll(() => broker.close());
  afterEach(() => broker.closeConnections());

  test('what is not there is named, and stays away', async () => {
    const all = TOPOLOGY.filter(({ type }) => type !== 'binding').map((part) => describePart(part));
    for (let times = 0; times < 2; times++) expect(await absentParts(broker.client)).toEqual(all);
    await broker.declare(...TOPOLOGY);
    expect(await absentParts(broker.client)).toEqual([]);
    await broker.plain((channel) => channel.deleteQueue(SUBMIT_QUEUE));
    expect(await absentParts(broker.client)).toEqual([`queue ${SUBMIT_QUEUE}`]);
  });

  test('may be declared again and again', async () => {
    for (let times = 0; times < 2; times++) {
      await broker.declare(...TOPOLOGY, ...jobQueueParts('again'));
    }
    expect(await broker.depth(jobQueueName('again'))).toBe(0);
  });

  // The broker compares arguments, so a declaration that succeeds proves which arguments the queue has.
  test.each([
    [jobQueueName('again'), NEVER_LOSES],
    [SUBMIT_QUEUE, NEVER_LOSES],
    [DEAD_QUEUE, { 'x-queue-type': 'quorum', 'x-delivery-limit': -1 }],
  ])('%s is a durable quorum queue with the arguments of the design', async (name, expected) => {
    await broker.declare(...TOPOLOGY, ...jobQueueParts('again'));
    const declare = (options: object) => broker.plain((channel) => channel.assertQueue(name, { durable: true, ...options }));
    await declare({ arguments: expected });
    for (const argument of Object.keys(expected)) {
      const rest = Object.fromEntries(Object.entries(expected).filter(([name]) => name !== argument));
      await expect(declare({ arguments: rest })).rejects.toThrow('PRECONDITION_FAILED');
    }
  });

  test.each([
    [EXCHANGES.submit, 'topic'],
    [EXCHANGES.jobs, 'direct'],
    [EXCHANGES.events, 'topic'],
    [EXCHANGES.dead, 'topic'],
  ])('%s is a durable %s exchange', async (name, type) => {
    await broker.declare(...TOPOLOGY);
    await broker.plain((channel) => channel.assertExchange(name, type, { durable: true }));
    await expect(broker.plain((channel) => channel.assertExchange(name, type, { durable: false }))).rejects.toThrow('PRECONDITION_FAILED');
  });

  test('a job queue that exists with other arguments is explained, and the publishing of others goes on undisturbed', async () => {
    const [odd, even] = [broker.queueName(), broker.queueName()];
    await broker.plain((channel) => channel.assertQueue(jobQueueName(odd), { durable: true }));
    const connection = broker.connection();
    const publisher = new ConfirmPublisher(connection, broker.logger);
    await broker.up(connection);
    for (let times = 0; times < 5; times++) {
      const [refused, sent] = await Promise.allSettled([publisher.publish(jobMessage(odd)), publisher.publish(jobMessage(even))]);
      expect(refused).toMatchObject({ reason: { message: expect.stringContaining('exists with other arguments') } });
      expect(sent).toMatchObject({ status: 'fulfilled' });
    }
    // The same connection was used all the time.
    expect(broker.messages('info')).toEqual(['connected to RabbitMQ']);
    expect(connection.up).toBe(true);
    await publisher.close();
  });

  test('an exchange that exists with other arguments is explained, and tried again only after a long pause', async () => {
    await broker.plain(async (channel) => {
      await channel.deleteExchange(EXCHANGES.events);
      await channel.assertExchange(EXCHANGES.events, 'fanout', { durable: true });
    });
    const connection = broker.connection();
    const publisher = new ConfirmPublisher(connection, broker.logger);
    connection.start();
    const entry = await waitFor('the explanation', () => broker.logger.entries.find(({ message }) => message.startsWith('no connection to RabbitMQ')));
    expect(entry).toMatchObject({ fields: { retryMs: 10_000 }, message: expect.stringContaining('exists with other arguments') });
    expect(connection.up).toBe(false);
    expect(connection.reason).toContain('exists with other arguments');
    await broker.plain((channel) => channel.deleteExchange(EXCHANGES.events));
    await publisher.close();
  });
});

describeWithBroker('the depth of a queue', () => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await TestBroker.open();
  });
  afterAll(() => broker.close());

  test('is told for each queue, whatever is wrong with another, and is unknown without a connection', async () => {
    const [queue, odd] = [broker.queueName(), broker.queueName()];
    const connection = broker.connection();
    const depth = new QueueDepth(connection);
    expect(await depth.of(queue)).toBeNull();
    await broker.declare(...TOPOLOGY);
    await broker.plain((channel) => channel.assertQueue(jobQueueName(odd), { durable: true }));
    await broker.up(connection);
    expect(await depth.of(queue)).toBe(0);
    await broker.send(queue);
    await broker.send(queue);
    expect(await depth.of(odd)).toBeNull();
    await waitFor('both to be counted', async () => (await depth.of(queue)) === 2);
    await connection.close();
    expect(await depth.of(queue)).toBeNull();
  });

  test('is unknown while the broker does not answer, or reads nothing during an alarm', async () => {
    const connection = broker.connection();
    const depth = new QueueDepth(connection);
    let model: ChannelModel | undefined;
    await broker.up(connection, { attach: async (each) => void (model = each) });
    const queue = broker.queueName();
    await broker.declare(...TOPOLOGY);
    model?.emit('blocked', 'low on memory');
    broker.proxy.deafen('answers');
    expect(await depth.of(queue)).toBeNull();
    model?.emit('unblocked');
    expect(await depth.of(queue)).toBeNull();
    await broker.proxy.heal();
    await waitFor('it to be told again', async () => (await depth.of(queue)) === 0);
  });
});
