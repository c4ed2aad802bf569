import { describeWithBroker, waitFor } from '../../../test/support/index.js';
import type { RabbitConnection } from './connection.js';
import { TestBroker } from './testing/test-broker.js';

describeWithBroker('the connection', () => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await TestBroker.open();
  });
  afterAll(() => broker.close());
  afterEach(() => broker.closeConnections());

  /** What both sides agreed on, in seconds. */
  function heartbeatOf(connection: RabbitConnection): number {
    return (connection as unknown as { current: { connection: { heartbeat: number } } }).current.connection.heartbeat;
  }

  test('has a heartbeat of ten seconds, not the sixty that the server suggests, unless its URL says otherwise', async () => {
    const [usual, other] = [broker.connection(), broker.connection({ heartbeat: 3 })];
    await broker.up(usual);
    await broker.up(other);
    expect([heartbeatOf(usual), heartbeatOf(other)]).toEqual([10, 3]);
  });

  test('is made when the broker comes up, however late', async () => {
    await broker.proxy.refuse();
    const connection = broker.connection();
    connection.start();
    await waitFor('two tries', () => broker.messages('warn').filter((message) => message === 'no connection to RabbitMQ').length >= 2);
    expect(connection.up).toBe(false);
    await broker.proxy.heal();
    await waitFor('the connection', () => connection.up);
  });

  test('attaches everything anew on each connection, and is up only when all of it is in place', async () => {
    const connection = broker.connection();
    let attached = 0;
    let refuse = true;
    await broker.up(connection, {
      attach: async () => {
        attached++;
        expect(connection.up).toBe(false);
        if (attached === 1 && refuse) throw new Error('not yet');
      },
    });
    expect(attached).toBe(2);
    refuse = false;
    broker.proxy.reset();
    await waitFor('a third', () => attached === 3 && connection.up);
  });

  test('can be reset: it is made again', async () => {
    const connection = broker.connection();
    await broker.up(connection);
    await connection.reset();
    await waitFor('the next', () => broker.messages('info').length === 2 && connection.up);
  });

  test('closes in time, and its socket with it, though the broker does not answer any more', async () => {
    const connection = broker.connection();
    await broker.up(connection);
    broker.proxy.blackhole();
    await connection.close();
    expect(connection.up).toBe(false);
    await broker.proxy.heal();
    await waitFor('the socket to be gone', () => broker.proxy.connections === 0);
  });

  test('closes at once while there is none', async () => {
    await broker.proxy.refuse();
    const connection = broker.connection();
    connection.start();
    await connection.close();
    await broker.proxy.heal();
    expect(broker.proxy.connections).toBe(0);
  });
});
