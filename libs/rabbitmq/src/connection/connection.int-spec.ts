import type { ChannelModel } from 'amqplib';
import { type Account, describeWithBroker, describeWithControl, freshAccount, rabbitmqctl, waitFor } from '../../../../test/support/index.js';
import type { RabbitConnection } from './connection.js';
import { TestBroker } from '../testing/test-broker.js';

describeWithBroker('the connection', () => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await TestBroker.open();
  });
  afterAll(() => broker.close());
  afterEach(() => broker.closeConnections());

  const failures = () => broker.counted('amqp_connection_failures_total');

  /** The heartbeat that both sides agreed on, in seconds. */
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
    await waitFor('two tries', () => failures() >= 2);
    expect([connection.up, connection.everUp]).toEqual([false, false]);
    expect(connection.reason).toMatch(/^expected RabbitMQ to answer on 127\.0\.0\.1:\d+, got: \w+; start it, or correct AMQP_URL$/);
    // The second failure has the same reason, so it was not logged again.
    expect(broker.messages('warn')).toEqual([`no connection to RabbitMQ: ${String(connection.reason)}`]);
    await broker.proxy.heal();
    await waitFor('the connection', () => connection.up);
    expect([connection.reason, connection.everUp]).toEqual([undefined, true]);
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

  test("that is blocked by an alarm says why in RabbitMQ's own words, once, and has the reason (C24)", async () => {
    const connection = broker.connection();
    let model: ChannelModel | undefined;
    await broker.up(connection, { attach: async (each) => void (model = each) });
    for (let times = 0; times < 3; times++) {
      model?.emit('blocked', 'low on memory');
      expect(connection.blocked).toBe('low on memory');
      model?.emit('unblocked');
    }
    expect(connection.blocked).toBeUndefined();
    expect(broker.messages('warn')).toEqual([expect.stringMatching(/^RabbitMQ takes no messages: low on memory; free memory or disk there/)]);
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

describeWithControl('a connection that RabbitMQ refuses', () => {
  let broker: TestBroker;
  let account: Account;
  beforeAll(async () => {
    broker = await TestBroker.open();
    account = await freshAccount();
  });
  afterAll(async () => {
    await account.drop();
    await broker.close();
  });
  afterEach(() => broker.closeConnections());

  const ALL = { configure: '.*', write: '.*', read: '.*' };

  test.each([
    [
      'a virtual host that is not there',
      () => account.url('lh_test_nowhere'),
      /virtual host "lh_test_nowhere" .* got: NOT_ALLOWED - vhost lh_test_nowhere not found; .*add_vhost/,
    ],
    ['a wrong password', () => account.url(broker.vhost).replace('secret', 'wrong'), /got: ACCESS_REFUSED - Login was refused .*; correct user and password/],
    ['an account without access', () => account.url(broker.vhost), /to have access .* got: NOT_ALLOWED - access to vhost .* refused for user/],
  ])(
    'because of %s says so in its own words, once, while it goes on (C24)',
    async (_, url, expected) => {
      const connection = broker.connection({ url: url() });
      connection.start();
      await waitFor('the reason', () => connection.reason);
      expect(connection.reason).toMatch(expected);
      expect(connection.reason).not.toMatch(/secret|wrong/);
      await waitFor('it to be tried again', () => broker.counted('amqp_connection_failures_total') >= 2, { timeoutMs: 90_000 });
      expect(broker.messages('warn')).toEqual([`no connection to RabbitMQ: ${String(connection.reason)}`]);
      expect(connection.everUp).toBe(false);
    },
    40_000,
  );

  test('because of a limit of the virtual host says so, and is made when there is room (C24)', async () => {
    await account.allow(broker.vhost, ALL);
    await rabbitmqctl('set_vhost_limits', '-p', broker.vhost, '{"max-connections": 0}');
    const connection = broker.connection({ url: account.url(broker.vhost) });
    connection.start();
    await waitFor('the reason', () => connection.reason);
    expect(connection.reason).toMatch(/got: NOT_ALLOWED - .*connection limit \(0\) is reached; end others, or raise the limit/);
    await rabbitmqctl('clear_vhost_limits', '-p', broker.vhost);
    await waitFor('the connection', () => connection.up);
    expect(connection.reason).toBeUndefined();
  });
});
