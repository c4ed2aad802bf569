import { EXCHANGES } from '@app/contracts';
import { type JobId, uuidv7 } from '@app/core';
import { describeWithBroker, waitFor } from '../../../test/support/index.js';
import type { RabbitConnection } from './connection.js';
import { OutcomeListener } from './outcome-listener.js';
import { TestBroker } from './testing/test-broker.js';
import { declareTopology } from './topology.js';

describeWithBroker('the listener to outcomes', () => {
  let broker: TestBroker;
  let connection: RabbitConnection;
  let listener: OutcomeListener;
  let heard: JobId[];
  beforeAll(async () => {
    broker = await TestBroker.open();
    await broker.plain(declareTopology);
  });
  afterAll(() => broker.close());
  beforeEach(async () => {
    heard = [];
    connection = broker.connection();
    listener = new OutcomeListener(connection, (jobId) => heard.push(jobId), broker.logger);
    await broker.up(connection);
  });
  afterEach(async () => {
    listener.close();
    await broker.closeConnections();
  });

  async function announce(kind: string): Promise<JobId> {
    const id = uuidv7() as JobId;
    await broker.plain(async (channel) => channel.publish(EXCHANGES.events, `${kind}.succeeded`, Buffer.from('{}'), { messageId: `${id}.succeeded.0` }));
    return id;
  }

  /** Announces until one is heard: what is lost while the listener mends itself is made good by the database. */
  async function hears(kind: string): Promise<void> {
    await waitFor('an outcome to be heard', async () => heard.includes(await announce(kind)) || heard.length > 0);
    heard.length = 0;
  }

  function privately(): { channel: { cancel(tag: string): Promise<unknown>; ack(message: unknown): void }; queue: string } {
    const { kept, queue } = listener as unknown as { kept: { channel: never }; queue: string };
    return { channel: kept.channel, queue };
  }

  test('hears the outcomes of the kinds that somebody waits for, as soon as that was promised, and no others', async () => {
    await Promise.all([listener.listenFor('a.b'), listener.listenFor('a.b')]);
    await announce('c.d');
    const id = await announce('a.b');
    await waitFor('the outcome', () => heard.length > 0);
    expect(heard).toEqual([id]);
  });

  test('promises a kind to a second one who waits only when the first has it', async () => {
    const first = listener.listenFor('a.b');
    await listener.listenFor('a.b');
    const id = await announce('a.b');
    await waitFor('the outcome', () => heard.includes(id));
    await first;
  });

  test('hears on after its connection was lost, without being asked again', async () => {
    await listener.listenFor('a.b');
    broker.proxy.cut();
    await waitFor('the connection to be back', () => broker.messages('info').length === 2 && connection.up);
    await hears('a.b');
  });

  test('hears on after its channel was closed by an error', async () => {
    await listener.listenFor('a.b');
    privately().channel.ack({ fields: { deliveryTag: 999 } });
    await waitFor('the error', () => broker.messages('warn').includes('the outcome listener failed'));
    await hears('a.b');
  });

  test('hears on after its queue was deleted', async () => {
    await listener.listenFor('a.b');
    const before = privately().queue;
    // Exclusive: only its own connection may delete it.
    await (privately().channel as unknown as { deleteQueue(name: string): Promise<unknown> }).deleteQueue(before);
    await waitFor('another queue', () => privately().queue !== before);
    await hears('a.b');
  });

  test('promises nothing without a connection, and does not keep anybody waiting', async () => {
    await connection.close();
    await listener.listenFor('a.b');
    expect(heard).toEqual([]);
  });
});
