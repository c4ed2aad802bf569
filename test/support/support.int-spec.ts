import { connect as connectAmqp } from 'amqplib';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { describeWithBroker, freshDatabase, freshVhost, tcpProxy, type TcpProxy, waitFor } from './index.js';

describe('freshDatabase', () => {
  test('two databases of one file share nothing, and a dropped one is gone', async () => {
    const [one, two] = await Promise.all([freshDatabase(), freshDatabase()]);
    const client = new pg.Client({ connectionString: one.url });
    client.on('error', () => undefined); // drop() ends this connection
    await client.connect();
    await client.query('create table mark (n int)');

    const other = new pg.Client({ connectionString: two.url });
    await other.connect();
    const { rows } = await other.query<{ mark: string | null }>(`select to_regclass('mark') as mark`);
    expect(rows).toEqual([{ mark: null }]);
    await other.end();

    await Promise.all([one.drop(), two.drop()]);
    await one.drop();
    await expect(new pg.Client({ connectionString: one.url }).connect()).rejects.toThrow(/does not exist/);
  });
});

describeWithBroker('freshVhost', () => {
  test('its URL may declare a quorum queue, and drop() removes it with its connections', async () => {
    const vhost = await freshVhost();
    const connection = await connectAmqp(vhost.url);
    const closed = once(connection, 'close');
    connection.on('error', () => undefined);
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await channel.assertQueue('q', { durable: true, arguments: { 'x-queue-type': 'quorum' } });

    await vhost.drop();
    await closed;
    await expect(connectAmqp(vhost.url)).rejects.toThrow();
  });
});

describe('waitFor', () => {
  test('returns the first value that is one', async () => {
    const values = [undefined, null, false, 0];
    await expect(waitFor('a value', () => values.shift())).resolves.toBe(0);
  });

  test('says what was awaited and what came last', async () => {
    await expect(waitFor('the moon', () => null, { timeoutMs: 50 })).rejects.toThrow('waited 50 ms for the moon; last value: null');
    const fail = (): never => {
      throw new Error('no moon');
    };
    await expect(waitFor('the moon', fail, { timeoutMs: 50 })).rejects.toThrow('last error: no moon');
  });
});

describe('tcpProxy', () => {
  let server: Server;
  let proxy: TcpProxy;

  beforeEach(async () => {
    server = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await tcpProxy(`127.0.0.1:${String((server.address() as { port: number }).port)}`);
  });
  afterEach(async () => {
    await proxy.close();
    server.close();
  });

  async function open(): Promise<{ socket: Socket; received: () => string }> {
    const socket = connect(proxy.port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await once(socket, 'connect');
    return { socket, received: () => text };
  }

  test('passes bytes on, cut() ends with FIN and reset() with RST', async () => {
    const first = await open();
    first.socket.write('hello');
    await waitFor('the echo', () => first.received() === 'hello');
    const ended = once(first.socket, 'end');
    proxy.cut();
    await ended;

    const second = await open();
    second.socket.write('again');
    await waitFor('the echo', () => second.received() === 'again');
    const failed = once(second.socket, 'error');
    proxy.reset();
    expect(await failed).toEqual([expect.objectContaining({ code: 'ECONNRESET' })]);
  });

  // Node leaves a socket open for ever that is reset in the moment in which it sends its FIN, and then never ends the process.
  test.each([0, 1, 2, 3])('a connection that is reset %i ticks after it was cut is closed at both ends', async (ticks) => {
    const client = await open();
    client.socket.on('error', () => undefined).write('hello');
    await waitFor('the echo', () => client.received() === 'hello');
    proxy.cut();
    for (let tick = 0; tick < ticks; tick++) await new Promise<void>((resolve) => process.nextTick(resolve));
    proxy.reset();
    await waitFor('both ends to be closed', () => proxy.connections === 0);
  });

  test('blackhole() holds everything back and heal() lets it through', async () => {
    const client = await open();
    client.socket.write('one');
    await waitFor('the echo', () => client.received() === 'one');
    proxy.blackhole();
    client.socket.write('two');
    await expect(waitFor('nothing', () => client.received() !== 'one', { timeoutMs: 150 })).rejects.toThrow(/waited/);
    await proxy.heal();
    await waitFor('the rest', () => client.received() === 'onetwo');
    client.socket.destroy();
  });

  test('refuse() refuses new connections until heal(), on the same port', async () => {
    await proxy.refuse();
    await expect(open()).rejects.toThrow(/ECONNREFUSED/);
    await proxy.heal();
    (await open()).socket.destroy();
  });

  test('latency() delays both ways and keeps the order', async () => {
    const client = await open();
    proxy.latency(60);
    const began = performance.now();
    client.socket.write('a');
    client.socket.write('b');
    await waitFor('the echo', () => client.received() === 'ab');
    expect(performance.now() - began).toBeGreaterThan(110);
    client.socket.destroy();
  });
});
