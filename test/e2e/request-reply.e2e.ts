import { type Channel, type ChannelModel, connect, type ConsumeMessage, type Options } from 'amqplib';
import type { JobView, Problem } from '@app/contracts';
import { describeWithBroker, type Stack, startStack, waitFor } from '../support/index.js';

/** What RabbitMQ 3.10 answers by closing the connection that publishes to it. */
const MANGLED = 'amq.rabbitmq.reply-to.g1h2.AA==';

describeWithBroker('request and reply over AMQP', () => {
  let stack: Stack;
  let connection: ChannelModel;
  let channel: Channel;
  const replies: ConsumeMessage[] = [];
  const events: ConsumeMessage[] = [];
  let exclusive: string;
  let made = 0;

  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed', env: { REPLY_QUEUES: 'amq.gen-*,gone,full' } });
    connection = await connect(stack.amqpUrl);
    channel = await connection.createChannel();
    exclusive = (await channel.assertQueue('', { exclusive: true })).queue;
    await channel.consume(exclusive, (message) => message && replies.push(message), { noAck: true });
    await channel.consume('amq.rabbitmq.reply-to', (message) => message && replies.push(message), { noAck: true });
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, 'longhaul.events', '#');
    await channel.consume(queue, (message) => message && events.push(message), { noAck: true });
  });
  afterAll(async () => {
    await connection.close();
    await stack.stop();
  });

  function request(kind: string, payload: unknown, properties: Options.Publish, on: Channel = channel): string {
    const messageId = properties.messageId ?? `request-${String(made++)}`;
    on.publish('longhaul.submit', kind, Buffer.from(JSON.stringify(payload)), { contentType: 'application/json', persistent: true, ...properties, messageId });
    return messageId;
  }

  const replyTo = (correlationId: string) =>
    waitFor(
      `the reply to ${correlationId}`,
      () => {
        const message = replies.find(({ properties }) => properties.correlationId === correlationId);
        return message && { message, body: JSON.parse(message.content.toString()) as JobView & Problem };
      },
      { timeoutMs: 90_000 },
    );

  const eventOf = (messageId: string) =>
    waitFor('its event', async () => {
      const key = (await stack.query<{ job_id: string }>(`SELECT job_id FROM idempotency_keys WHERE key = $1`, [messageId]))[0]?.job_id;
      return events.find(({ content }) => (JSON.parse(content.toString()) as JobView).id === key);
    });

  describe.each(['an exclusive queue', 'amq.rabbitmq.reply-to'])('by %s', (way) => {
    const to = () => (way === 'an exclusive queue' ? exclusive : way);

    test('the outcome comes back with the correlation id of the request', async () => {
      request('debug.echo', { value: way }, { replyTo: to(), correlationId: `ok by ${way}` });
      const { message, body } = await replyTo(`ok by ${way}`);
      expect(body).toMatchObject({ state: 'succeeded', result: { value: way } });
      expect(message.properties).toMatchObject({ contentType: 'application/json', type: 'debug.echo.succeeded', messageId: `${body.id}.succeeded.0` });
    });

    test('a failure comes back too', async () => {
      request('debug.fail', { message: 'no', retryable: false }, { replyTo: to(), correlationId: `failed by ${way}` });
      const { body } = await replyTo(`failed by ${way}`);
      expect(body).toMatchObject({ state: 'failed', error: { message: 'no' } });
    });

    test.each([
      ['an unknown kind', 'debug.eco', { value: 1 }, 'unknown-kind', 'did you mean \\"debug.echo\\"'],
      ['an invalid payload', 'debug.sleep', { ms: 'long' }, 'invalid-payload', '/payload/ms'],
    ])('a submission that is refused for %s is answered with the problem, and is a dead letter', async (what, kind, payload, code, text) => {
      const correlationId = `${what} by ${way}`;
      request(kind, payload, { replyTo: to(), correlationId });
      const { message, body } = await replyTo(correlationId);
      expect(message.properties).toMatchObject({ contentType: 'application/problem+json', type: 'refused' });
      expect(body).toMatchObject({ type: `/problems/${code}`, status: 422 });
      expect(JSON.stringify(body)).toContain(text);
      const letter = await stack.api.call<{ reason: string }>('GET', body.instance);
      expect([letter.status, letter.body.reason]).toEqual([200, code.replace('-', '_')]);
    });
  });

  test('a request without a correlation id is answered under its message id', async () => {
    const messageId = request('debug.echo', { value: 1 }, { replyTo: exclusive });
    await replyTo(messageId);
  });

  test('a requester that has lost its reply queue asks again and is answered where it waits now', async () => {
    const other = await connect(stack.amqpUrl);
    const lost = await other.createChannel();
    const { queue } = await lost.assertQueue('', { exclusive: true });
    const messageId = request('debug.sleep', { ms: 3_000 }, { replyTo: queue, correlationId: 'first', messageId: 'asked twice' }, lost);
    await waitFor('its job', async () => (await stack.query(`SELECT 1 FROM idempotency_keys WHERE key = $1`, [messageId])).length === 1);
    await other.close();
    request('debug.sleep', { ms: 3_000 }, { replyTo: exclusive, correlationId: 'second', messageId });
    const { body } = await replyTo('second');
    expect(body.state).toBe('succeeded');
    // And at once, when the job has ended.
    request('debug.sleep', { ms: 3_000 }, { replyTo: exclusive, correlationId: 'third', messageId });
    expect((await replyTo('third')).body.id).toBe(body.id);
  });

  test('two requesters with one message_id both get the outcome (E14)', async () => {
    const { queue: second } = await channel.assertQueue('', { exclusive: true });
    await channel.consume(second, (message) => message && replies.push(message), { noAck: true });
    const messageId = request('debug.sleep', { ms: 1_500 }, { replyTo: exclusive, correlationId: 'one', messageId: 'shared' });
    await waitFor('its job', async () => (await stack.query(`SELECT 1 FROM idempotency_keys WHERE key = $1`, [messageId])).length === 1);
    request('debug.sleep', { ms: 1_500 }, { replyTo: second, correlationId: 'two', messageId });
    const [one, two] = [await replyTo('one'), await replyTo('two')];
    expect(one.body.id).toBe(two.body.id);
    expect([one.message.fields.routingKey, two.message.fields.routingKey]).toEqual([exclusive, second]);
  });

  test.each([
    ['a queue that is gone', async () => 'gone'],
    [
      'a queue that is full',
      async () => {
        await channel.assertQueue('full', { durable: true, maxLength: 1, arguments: { 'x-overflow': 'reject-publish' } });
        channel.sendToQueue('full', Buffer.from('x'));
        return 'full';
      },
    ],
    ['a requester of amq.rabbitmq.reply-to that has left', async () => 'amq.rabbitmq.reply-to'],
    ['what makes RabbitMQ close the connection', async () => MANGLED],
  ])('a reply to %s loses no event and leaves nothing in the outbox', async (_, reply) => {
    const other = await connect(stack.amqpUrl);
    const leaving = await other.createChannel();
    const to = await reply();
    if (to === 'amq.rabbitmq.reply-to') await leaving.consume(to, () => undefined, { noAck: true });
    const ids = Array.from({ length: 5 }, () => request('debug.sleep', { ms: 500 }, { replyTo: to }, leaving));
    await waitFor('the jobs', async () => (await stack.query(`SELECT 1 FROM idempotency_keys WHERE key = ANY ($1)`, [ids])).length === 5);
    await other.close();
    await Promise.all(ids.map(eventOf));
    await waitFor('an empty outbox', async () => (await stack.query(`SELECT 1 FROM outbox`)).length === 0);
    // Nor is anybody else held up by it.
    request('debug.echo', { value: 1 }, { replyTo: exclusive, correlationId: `after ${to}` });
    await replyTo(`after ${to}`);
    await waitFor('an empty outbox', async () => (await stack.query(`SELECT 1 FROM outbox`)).length === 0);
  });

  test('a reply queue that is gone does not lose the reason of a refusal', async () => {
    const messageId = request('no.such.kind', {}, { replyTo: MANGLED });
    await waitFor('the dead letter', async () => (await stack.api.deadLetters()).find((letter) => letter.messageId === messageId));
  });
});
