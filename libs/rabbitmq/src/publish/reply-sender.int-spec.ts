import { describeWithBroker, waitFor } from '../../../../test/support/index.js';
import { type Reply, ReplySender } from './reply-sender.js';
import { TestBroker } from '../testing/test-broker.js';

/** An address for which RabbitMQ 3.10 closes the connection. Later versions may only return the message. */
const MANGLED = 'amq.rabbitmq.reply-to.g1h2.AA==';

describeWithBroker('replies', () => {
  let broker: TestBroker;
  let sender: ReplySender;
  let made = 0;
  beforeAll(async () => {
    broker = await TestBroker.open();
  });
  afterAll(() => broker.close());
  beforeEach(() => {
    sender = new ReplySender({ url: broker.proxy.url, name: 'test: reply', logger: broker.logger, confirmWithinMs: 500 });
  });
  afterEach(async () => {
    await broker.proxy.heal();
    await sender.close();
  });

  function reply(to: string): Reply {
    return { to, messageId: `m${made++}`, correlationId: 'c', type: 't', contentType: 'application/json', body: JSON.stringify({ n: made }) };
  }

  async function queue(args: Record<string, unknown> = {}): Promise<string> {
    const name = broker.queueName();
    await broker.plain((channel) => channel.assertQueue(name, { durable: true, arguments: args }));
    return name;
  }

  test('arrive, with what the requester knows them by', async () => {
    const to = await queue();
    await expect(sender.send({ ...reply(to), messageId: 'm' })).resolves.toBe('confirmed');
    const message = await broker.take(to);
    expect(message.properties).toMatchObject({ messageId: 'm', correlationId: 'c', type: 't', contentType: 'application/json', appId: 'longhaul' });
  });

  test('to a queue that is gone are told from the others of the same moment', async () => {
    const to = await queue();
    const results = await Promise.all(Array.from({ length: 20 }, (_, n) => sender.send(reply(n % 5 === 0 ? 'gone' : to))));
    expect(results).toEqual(Array.from({ length: 20 }, (_, n) => (n % 5 === 0 ? 'returned' : 'confirmed')));
  });

  test('to a queue that is full are refused, and nobody is kept waiting', async () => {
    const to = await queue({ 'x-max-length': 1, 'x-overflow': 'reject-publish' });
    await expect(sender.send(reply(to))).resolves.toBe('confirmed');
    await expect(sender.send(reply(to))).resolves.toBe('refused');
  });

  test('to what breaks the connection are given up alone: the others arrive', async () => {
    const to = await queue();
    const sent = Array.from({ length: 11 }, (_, n) => sender.send(reply(n === 5 ? MANGLED : to)));
    const results = await Promise.all(sent);
    expect(['lost', 'returned']).toContain(results[5]);
    results.splice(5, 1);
    expect(new Set(results)).toEqual(new Set(['confirmed']));
  });

  test('that cannot be a routing key are refused here', async () => {
    await expect(sender.send(reply('x'.repeat(300)))).resolves.toBe('refused');
    await expect(sender.send(reply(await queue()))).resolves.toBe('confirmed');
  });

  test('are given up when no confirm comes, and go on when it does again', async () => {
    const to = await queue();
    await sender.send(reply(to));
    broker.proxy.blackhole();
    await expect(sender.send(reply(to))).resolves.toBe('overdue');
    await broker.proxy.heal();
    await waitFor('a reply to arrive again', async () => (await sender.send(reply(to))) === 'confirmed');
  });

  test('that are on their way when the connection is lost are sent again on the next', async () => {
    const to = await queue();
    await sender.send(reply(to));
    const sent = Array.from({ length: 10 }, () => sender.send(reply(to)));
    broker.proxy.reset();
    expect(new Set(await Promise.all(sent))).toEqual(new Set(['confirmed']));
  });

  test('without a broker take some seconds, and say so', async () => {
    await broker.proxy.refuse();
    await expect(sender.send(reply('anywhere'))).resolves.toBe('lost');
  });
});
