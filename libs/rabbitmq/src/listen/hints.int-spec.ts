import { EXCHANGES } from '@app/contracts';
import { type JobId, uuidv7 } from '@app/core';
import type { Channel } from 'amqplib';
import { describeWithBroker, waitFor } from '../../../../test/support/index.js';
import { HintListener } from './hint-listener.js';
import { HintPublisher } from '../publish/hint-publisher.js';
import type { RabbitConnection } from '../connection/connection.js';
import { CHANGES } from '../topology/hints.js';
import { TestBroker } from '../testing/test-broker.js';

describeWithBroker('news of changed jobs', () => {
  let broker: TestBroker;
  let publishing: RabbitConnection;
  let consuming: RabbitConnection;
  let publisher: HintPublisher;
  let listener: HintListener;
  let heard: JobId[];
  let others: number;
  let gaps: number;
  beforeAll(async () => {
    broker = await TestBroker.open();
  });
  afterAll(() => broker.close());
  beforeEach(async () => {
    [heard, others, gaps] = [[], 0, 0];
    [publishing, consuming] = [broker.connection(), broker.connection()];
    publisher = new HintPublisher(publishing, CHANGES, broker.logger);
    listener = new HintListener(
      consuming,
      CHANGES,
      (ids) => {
        heard.push(...ids);
        if (ids.length === 0) others++;
      },
      () => gaps++,
      broker.logger,
    );
    await broker.up(publishing);
    await broker.up(consuming);
  });
  afterEach(async () => {
    listener.close();
    await broker.closeConnections();
  });

  /** Publishes a changed job until a listener receives one, because messages may be lost. */
  async function hears(): Promise<void> {
    heard.length = 0;
    await waitFor('news', () => {
      publisher.send([uuidv7() as JobId]);
      return heard.length > 0;
    });
  }

  test('is heard by who wants it, while it is wanted', async () => {
    listener.listen(true);
    await hears();
    expect(gaps).toBe(1);
    listener.listen(false);
    await waitFor('silence', async () => {
      heard.length = 0;
      publisher.send([uuidv7() as JobId]);
      await broker.settled(publishing);
      await broker.settled(consuming);
      return heard.length === 0;
    });
  });

  test('of what is no job is heard as well', async () => {
    listener.listen(true);
    await hears();
    publisher.send([]);
    await waitFor('the news', () => others === 1);
  });

  test('that cannot be read is no news, and nothing breaks', async () => {
    listener.listen(true);
    await hears();
    heard.length = 0;
    const id = uuidv7() as JobId;
    await broker.plain(async (channel) => {
      for (const text of ['no json', '{}', '[1, "x", null]', JSON.stringify([id])]) channel.publish(EXCHANGES.changes, '', Buffer.from(text));
    });
    await waitFor('the one id', () => heard.includes(id));
  });

  test.each([
    ['its connection is lost', () => broker.proxy.cut()],
    [
      'its channel is closed by the broker',
      () => {
        const { channel } = (listener as unknown as { kept: { channel: Channel } }).kept;
        channel.ack({ fields: { deliveryTag: 999 } } as never);
      },
    ],
  ])('is heard again after %s, and that some may have been missed is told', async (_, hurt) => {
    listener.listen(true);
    await hears();
    hurt();
    await waitFor('the gap to be told', () => gaps >= 2);
    await hears();
  });
});
