import { type JobId, type JobMessage, uuidv7 } from '@app/core';
import type { BrokerWorld } from './broker-world.js';

export const PREFETCH = 2;

/** What the core relies on of a broker and its transport; runs on the simulated broker and on RabbitMQ. */
export function brokerSuite(makeWorld: () => Promise<BrokerWorld>): void {
  let world: BrokerWorld;

  beforeEach(async () => {
    world = await makeWorld();
    await world.until('the publisher is connected', () => world.publisher.ready);
    await world.consume();
  });
  afterEach(() => world.close());

  const message = (): JobMessage => ({
    ...{
      type: 'job',
      outboxId: uuidv7(),
      jobIds: [uuidv7() as JobId, uuidv7() as JobId],
      kind: 'test.job',
      queue: world.queue,
      priority: 4,
      traceparent: null,
    },
  });
  const publish = (sent: JobMessage) => world.finish(world.publisher.publish(sent));
  const count = (number: number) => world.until(`${number} deliveries`, () => world.deliveries.length >= number);

  test('every publication of a job is a copy of its own', async () => {
    const sent = message();
    await publish(sent);
    await publish(sent);
    await count(2);
    const [first, second] = world.deliveries;
    expect([first?.jobIds, second?.jobIds]).toEqual([sent.jobIds, sent.jobIds]);
    expect(first?.publishId).not.toBe(second?.publishId);
    expect(first).toMatchObject({ kind: 'test.job', queue: world.queue, open: true });
  });

  test('what was not settled comes again when its link is lost, as the same copy; what was accepted does not', async () => {
    await publish(message());
    await publish(message());
    await count(2);
    const [kept, accepted] = world.deliveries;
    accepted?.accept();
    // In order on one link: had this one come, the acceptance would have been read.
    await publish(message());
    await count(3);
    await world.breakLink();
    await count(5);
    expect(kept?.open).toBe(false);
    expect(world.deliveries.slice(3).map(({ publishId }) => publishId)).toEqual([kept?.publishId, world.deliveries[2]?.publishId]);
    expect(accepted?.open).toBe(false);
  });

  test('the disposition of a delivery whose link is lost does nothing', async () => {
    await publish(message());
    await count(1);
    await world.breakLink();
    await count(2);
    world.deliveries[0]?.accept();
    await world.breakLink();
    await count(3);
    expect(world.deliveries[2]?.publishId).toBe(world.deliveries[0]?.publishId);
  });

  test('no more deliveries are open than the prefetch allows', async () => {
    for (let number = 0; number < 3; number++) await publish(message());
    await count(2);
    expect(world.deliveries).toHaveLength(2);
    world.deliveries[0]?.accept();
    await count(3);
  });

  test('a released delivery comes again, a rejected one does not', async () => {
    await publish(message());
    await count(1);
    world.deliveries[0]?.release();
    await count(2);
    expect(world.deliveries[1]?.publishId).toBe(world.deliveries[0]?.publishId);
    world.deliveries[1]?.reject();
    const next = message();
    await publish(next);
    await count(3);
    expect(world.deliveries[2]?.jobIds).toEqual(next.jobIds);
  });

  test('after its queue was deleted the consumer subscribes again', async () => {
    await publish(message());
    await count(1);
    await world.deleteQueue();
    const next = message();
    // Returned until somebody has declared the queue again, which takes a while: tried until it is taken, as the relay does.
    let state: 'to send' | 'on its way' | 'sent' = 'to send';
    await world.until('the new message', () => {
      if (state === 'to send') {
        state = 'on its way';
        publish(next).then(
          () => (state = 'sent'),
          () => (state = 'to send'),
        );
      }
      return world.deliveries.some(({ jobIds }) => jobIds[0] === next.jobIds[0]);
    });
  });
}
