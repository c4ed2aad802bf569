import 'reflect-metadata';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { fastify } from 'fastify';
import { SseStream } from './sse-stream.js';

describe('a stream of server-sent events', () => {
  test('is closed when its connection closes, though it still waits behind another response', async () => {
    let closed = 0;
    const app = fastify();
    app.get('/hangs', () => new Promise(() => undefined));
    const opened = new Promise<Socket>((resolve) =>
      app.get('/events', (request, reply) => {
        SseStream.open(reply, () => undefined, () => closed++); // prettier-ignore
        resolve(request.raw.socket);
      }),
    );
    await app.listen({ port: 0, host: '127.0.0.1' });
    const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    client.write('GET /hangs HTTP/1.1\r\nHost: x\r\n\r\nGET /events HTTP/1.1\r\nHost: x\r\n\r\n');
    const socket = await opened;
    client.destroy();
    await once(socket, 'close');
    expect(closed).toBe(1);
    await app.close();
  });
});
