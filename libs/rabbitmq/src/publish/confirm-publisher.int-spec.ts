import { EXCHANGES, jobQueueName } from '@app/contracts';
import { type EventMessage, type JobId, type Metrics, noMetrics, type PublishId, uuidv7 } from '@app/core';
import type { ChannelModel } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { describeWithBroker, waitFor } from '../../../../test/support/index.js';
import { ConfirmPublisher, type PublisherOptions } from './confirm-publisher.js';
import type { RabbitConnection } from '../connection/connection.js';
import { ReplySender } from './reply-sender.js';
import { jobMessage, TestBroker } from '../testing/test-broker.js';

describeWithBroker('the publisher', () => {
  let broker: TestBroker;
  let connection: RabbitConnection;
  let publisher: ConfirmPublisher;
  let model: ChannelModel;
  let queue: string;
  beforeAll(async () => {
    broker = await TestBroker.open();
  });
  afterAll(() => broker.close());
  beforeEach(() => {
    queue = broker.queueName();
  });
  afterEach(async () => {
    await broker.proxy.heal();
    await publisher.close();
    await broker.closeConnections();
  });

  async function start({ heartbeat, ...options }: { heartbeat?: number } & PublisherOptions = {}): Promise<void> {
    connection = broker.connection(heartbeat === undefined ? {} : { heartbeat });
    publisher = new ConfirmPublisher(connection, broker.logger, options);
    await broker.up(connection, { attach: async (each) => void (model = each) });
  }

  /** Publishes messages whose confirms cannot arrive, because the proxy lets nothing through. */
  async function stuck(count: number): Promise<Promise<PromiseSettledResult<void>[]>[]> {
    await publisher.publish(jobMessage(queue));
    broker.proxy.blackhole();
    const publishing = Promise.allSettled(Array.from({ length: count }, () => publisher.publish(jobMessage(queue))));
    await turn();
    // The array keeps the promise from being awaited.
    return [publishing];
  }

  async function recovers(): Promise<void> {
    await broker.proxy.heal();
    await waitFor('the publisher to be ready again', () => publisher.ready);
    await publisher.publish(jobMessage(queue));
  }

  test('sends a job as a wake-up: ids, kind and trace, no payload, a new id for each copy', async () => {
    await start();
    const message = jobMessage(queue, { kind: 'report.render', traceparent: '00-trace' });
    await publisher.publish(message);
    await publisher.publish(message);
    const [first, second] = [await broker.take(jobQueueName(queue)), await broker.take(jobQueueName(queue))];
    expect(JSON.parse(first.content.toString())).toEqual(message.jobIds);
    expect(first.properties).toMatchObject({
      correlationId: message.jobIds[0],
      type: 'report.render',
      contentType: 'application/vnd.longhaul.wake+json',
      deliveryMode: 2,
      headers: { traceparent: '00-trace' },
    });
    expect(first.properties.messageId).not.toBe(second.properties.messageId);
  });

  test('sends a job that was claimed under the id of its row under that id', async () => {
    await start();
    const publishId = randomUUID() as PublishId;
    await publisher.publish({ ...jobMessage(queue), publishId });
    expect((await broker.take(jobQueueName(queue))).properties.messageId).toBe(publishId);
  });

  test('resolves with the confirm of the broker, not before', async () => {
    await start();
    await publisher.publish(jobMessage(queue));
    broker.proxy.blackhole();
    let settled = false;
    const publishing = publisher.publish(jobMessage(queue)).finally(() => (settled = true));
    for (let times = 0; times < 20; times++) await turn();
    expect(settled).toBe(false);
    await broker.proxy.heal();
    await publishing;
    expect(await broker.depth(jobQueueName(queue))).toBe(2);
  });

  test('rejects what is returned as unroutable though it is confirmed, and declares the queue again for a later one', async () => {
    await start();
    await publisher.publish(jobMessage(queue));
    await broker.deleteQueue(jobQueueName(queue));
    await expect(publisher.publish(jobMessage(queue))).rejects.toThrow('unroutable');
    await waitFor('the queue to be declared again', () => publisher.publish(jobMessage(queue)).then(() => true));
    expect(await broker.depth(jobQueueName(queue))).toBe(1);
  });

  test('tells the returned one of many that are in flight', async () => {
    await start();
    const gone = broker.queueName();
    await publisher.publish(jobMessage(queue));
    await publisher.publish(jobMessage(gone));
    await broker.deleteQueue(jobQueueName(gone));
    const results = await Promise.allSettled(Array.from({ length: 50 }, (_, index) => publisher.publish(jobMessage(index === 25 ? gone : queue))));
    expect(results.map(({ status }, index) => (status === 'rejected' ? index : -1)).filter((index) => index >= 0)).toEqual([25]);
  });

  test.each(['cut', 'reset'] as const)('rejects all that is pending when its connection is lost (%s), and publishes again on the next', async (fault) => {
    await start();
    const [publishing] = await stuck(50);
    broker.proxy[fault]();
    const results = await publishing;
    expect(new Set(results?.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(publisher.ready).toBe(false);
    await recovers();
  });

  test('rejects all that is pending when nothing passes any more, as soon as the heartbeat tells', async () => {
    await start({ heartbeat: 1 });
    const [publishing] = await stuck(50);
    const results = await publishing;
    expect(new Set(results?.map(({ status }) => status))).toEqual(new Set(['rejected']));
    await recovers();
  });

  test('rejects a publish whose confirm does not come in time', async () => {
    await start({ confirmWithinMs: 300 });
    const [publishing] = await stuck(3);
    for (const result of (await publishing) ?? []) expect(result).toMatchObject({ reason: { message: 'expected a confirm within 300 ms, got none' } });
    // The same holds for a queue whose declaration gets no answer.
    await expect(publisher.publish(jobMessage(broker.queueName()))).rejects.toThrow('declared within 300 ms');
    await recovers();
  });

  test('rejects all that is pending when its channel is closed, here by a missing exchange, and mends that', async () => {
    await start();
    await publisher.publish(jobMessage(queue));
    await broker.plain((channel) => channel.deleteExchange(EXCHANGES.jobs));
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => publisher.publish(jobMessage(queue))));
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    await recovers();
  });

  test('gets through again when a queue that was full is so no more, though RabbitMQ 3.10 goes on refusing the old channel', async () => {
    await start({ confirmWithinMs: 300 });
    await publisher.publish(jobMessage(queue));
    if (!(await broker.limitLength(1))) return;
    const refused = () =>
      publisher.publish(jobMessage(queue)).then(
        () => false,
        () => true,
      );
    await waitFor('the queue to refuse', refused);
    await broker.limitLength(null);
    await waitFor('it to take messages again', async () => !(await refused()), { timeoutMs: 90_000 });
  });

  test('is not ready while the broker blocks it, and is again afterwards or on another connection', async () => {
    await start();
    expect(publisher.ready).toBe(true);
    // amqplib emits this for the frame of an alarm. Only the chaos suite raises a real alarm, because it stops the whole broker.
    model.emit('blocked', 'low on memory');
    expect(publisher.ready).toBe(false);
    expect(connection.blocked).toBe('low on memory');
    model.emit('unblocked');
    expect(publisher.ready).toBe(true);
    model.emit('blocked', 'low on disk');
    broker.proxy.cut();
    await waitFor('it to be ready on a new connection', () => publisher.ready);
    expect(connection.blocked).toBeUndefined();
  });

  test('rejects at once without a connection', async () => {
    connection = broker.connection();
    publisher = new ConfirmPublisher(connection, broker.logger);
    expect(publisher.ready).toBe(false);
    await expect(publisher.publish(jobMessage(queue))).rejects.toThrow('no connection');
    await expect(publisher.publish(event('x'))).rejects.toThrow('no connection');
  });

  test('waits for the confirms that are on their way when it is closed', async () => {
    await start();
    await publisher.publish(jobMessage(queue));
    const publishing = Promise.allSettled(Array.from({ length: 200 }, () => publisher.publish(jobMessage(queue))));
    await turn();
    await publisher.close();
    expect(new Set((await publishing).map(({ status }) => status))).toEqual(new Set(['fulfilled']));
    await expect(publisher.publish(jobMessage(queue))).rejects.toThrow('no connection');
  });

  function event(messageId: string, more: Partial<EventMessage> = {}): EventMessage {
    const jobId = uuidv7() as JobId;
    return {
      type: 'event',
      tenant: 'default',
      outboxId: null,
      jobId,
      messageId,
      routingKey: 'test.job.succeeded',
      body: JSON.stringify({ id: jobId }),
      notify: [],
      ...more,
    };
  }

  test('sends events to whoever listens, and to the reply queue, gone or not', async () => {
    const replies = new ReplySender({ url: broker.proxy.url, name: 'test: reply', logger: broker.logger });
    await start({ replies });
    await broker.plain(async (channel) => {
      for (const name of ['listener', 'replies']) await channel.assertQueue(name, { durable: true });
      await channel.bindQueue('listener', EXCHANGES.events, 'test.job.*');
    });
    await publisher.publish(event('e1', { notify: [{ channel: 'reply', to: 'replies', id: 'theirs' }] }));
    await publisher.publish(event('e2', { notify: [{ channel: 'reply', to: 'nobody' }] }));
    expect((await broker.take('replies')).properties).toMatchObject({ messageId: 'e1', correlationId: 'theirs' });
    expect((await broker.take('listener')).properties).toMatchObject({ messageId: 'e1', type: 'test.job.succeeded' });
    expect((await broker.take('listener')).properties).toMatchObject({ messageId: 'e2' });
    await replies.close();
  });

  test('sends events together, and tells of each that was not confirmed: a full queue of one kind does no harm to the others', async () => {
    await start();
    const [full, listener] = [broker.queueName(), broker.queueName()];
    await broker.plain(async (channel) => {
      await channel.assertQueue(full, { durable: true, arguments: { 'x-max-length': 0, 'x-overflow': 'reject-publish' } });
      await channel.bindQueue(full, EXCHANGES.events, 'full.job.*');
      await channel.assertQueue(listener, { durable: true });
      await channel.bindQueue(listener, EXCHANGES.events, '#');
    });
    const refused = event('e2', { routingKey: 'full.job.succeeded' });
    const untold = await publisher.publishEvents([event('e1'), refused, event('e3')]);
    expect([...untold.keys()]).toEqual([refused.jobId]);
    expect(String(untold.get(refused.jobId))).toContain('refused a message for full.job.succeeded');
    expect(publisher.inFlight).toBe(0);
    const received = [await broker.take(listener), await broker.take(listener), await broker.take(listener)];
    const ids = received.map(({ properties }) => properties.messageId as string);
    expect(ids.toSorted()).toEqual(['e1', 'e2', 'e3']);
    expect(ids.indexOf('e1')).toBeLessThan(ids.indexOf('e3'));
    await broker.deleteQueue(listener);
  });

  test('sends one event of a batch that no queue is bound for, and makes the text of no other', async () => {
    const counted = new Map<unknown, number>();
    const metrics: Metrics = { ...noMetrics, count: (_, labels, by = 1) => void counted.set(labels?.['result'], (counted.get(labels?.['result']) ?? 0) + by) };
    await start({ metrics });
    const [listener, routingKey] = [broker.queueName(), 'unheard.job.succeeded'];
    let texts = 0;
    const batch = () =>
      Array.from({ length: 64 }, (_, n) => Object.defineProperty(event(`e${n}`, { routingKey }), 'body', { get: () => `{"text":${++texts}}` }));
    for (let times = 0; times < 3; times++) expect((await publisher.publishEvents(batch())).size).toBe(0);
    expect({ texts, counted: Object.fromEntries(counted) }).toEqual({ texts: 3, counted: { unheard: 3 * 64 } });

    await broker.plain(async (channel) => {
      await channel.assertQueue(listener, { durable: true });
      await channel.bindQueue(listener, EXCHANGES.events, 'unheard.#');
    });
    for (let times = 0; times < 2; times++) await publisher.publishEvents(batch());
    expect(await broker.depth(listener)).toBe(2 * 64);

    await broker.deleteQueue(listener);
    // The batch that finds it gone is sent whole, the next is not.
    for (let times = 0; times < 2; times++) expect((await publisher.publishEvents(batch())).size).toBe(0);
    expect(texts).toBe(3 + 3 * 64 + 1);
  });

  test('sends a queue that is bound while batches are published every event of each later batch, and of two queues each its own', async () => {
    await start();
    const listeners = [broker.queueName(), broker.queueName()];
    let batches = 0;
    const publishing = { on: true };
    const flights = Array.from({ length: 3 }, async () => {
      while (publishing.on) {
        const number = ++batches;
        const events = ['succeeded', 'failed'].flatMap((outcome) =>
          Array.from({ length: 20 }, (_, n) => event(`${number} ${outcome} ${n}`, { routingKey: `late.job.${outcome}` })),
        );
        expect((await publisher.publishEvents(events)).size).toBe(0);
      }
    });
    const bound: number[] = [];
    for (const [index, listener] of listeners.entries()) {
      await waitFor('some batches to be published', () => batches > (bound.at(-1) ?? 0) + 10);
      await broker.plain(async (channel) => {
        await channel.assertQueue(listener, { durable: true });
        await channel.bindQueue(listener, EXCHANGES.events, index === 0 ? 'late.job.succeeded' : 'late.#');
      });
      bound.push(batches);
    }
    await waitFor('some more batches to be published', () => batches > (bound.at(-1) ?? 0) + 10);
    publishing.on = false;
    await Promise.all(flights);
    const expected = (after: number, outcomes: string[]) =>
      Array.from({ length: batches - after }, (_, n) =>
        outcomes.flatMap((outcome) => Array.from({ length: 20 }, (__, each) => `${after + n + 1} ${outcome} ${each}`)),
      ).flat();
    const [first, second] = [await drained(listeners[0]), await drained(listeners[1])];
    expect(expected(bound[0] ?? 0, ['succeeded']).filter((id) => !first.has(id))).toEqual([]);
    expect(expected(bound[1] ?? 0, ['succeeded', 'failed']).filter((id) => !second.has(id))).toEqual([]);
    expect([...first].filter((id) => id.includes('failed'))).toEqual([]);
  });

  /** The ids of all messages of a queue. */
  function drained(name = ''): Promise<Set<string>> {
    return broker.plain(async (channel) => {
      const ids = new Set<string>();
      for (let message = await channel.get(name, { noAck: true }); message; message = await channel.get(name, { noAck: true }))
        ids.add(message.properties.messageId as string);
      return ids;
    });
  }

  test('tells of all events of a batch whose confirms do not come', async () => {
    await start({ confirmWithinMs: 300 });
    broker.proxy.deafen('answers');
    const events = [event('e1'), event('e2')];
    const untold = await publisher.publishEvents(events);
    expect([...untold.keys()]).toEqual(events.map(({ jobId }) => jobId));
    expect(publisher.inFlight).toBe(0);
    await publisher.close();
    expect((await publisher.publishEvents(events)).size).toBe(2);
  });

  test('publishes outcomes of the kinds that it is told to, and replies of all', async () => {
    const replies = new ReplySender({ url: broker.proxy.url, name: 'test: reply', logger: broker.logger });
    await start({ replies, publicEvents: (kind) => kind === 'test.job' });
    const [listener, replyQueue] = [broker.queueName(), broker.queueName()];
    await broker.plain(async (channel) => {
      for (const name of [listener, replyQueue]) await channel.assertQueue(name, { durable: true });
      await channel.bindQueue(listener, EXCHANGES.events, '#');
    });
    const quiet = { routingKey: 'other.job.failed' };
    const notify = [{ channel: 'reply', to: replyQueue }];
    expect((await publisher.publishEvents([event('e1', quiet), event('e2', { ...quiet, notify }), event('e3')])).size).toBe(0);
    await publisher.publish(event('e4', quiet));
    await publisher.publish(event('e5'));
    expect((await broker.take(replyQueue)).properties.messageId).toBe('e2');
    expect([(await broker.take(listener)).properties.messageId, (await broker.take(listener)).properties.messageId]).toEqual(['e3', 'e5']);
    await broker.deleteQueue(listener);
    await replies.close();
  });

  test('sends one event twice at the same time without losing a confirm', async () => {
    await start();
    await Promise.all(Array.from({ length: 5 }, () => publisher.publish(event('same'))));
  });

  test('does not take the late confirm of one try for the confirm of the next, under the same message id', async () => {
    await start({ confirmWithinMs: 300 });
    broker.proxy.deafen('answers');
    await expect(publisher.publish(event('late'))).rejects.toThrow('expected a confirm within 300 ms');
    const again = publisher.publish(event('late'));
    await turn();
    await broker.proxy.heal();
    await again;
    expect(publisher.inFlight).toBe(0);
  });
});
