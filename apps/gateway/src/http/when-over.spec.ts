import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { whenOver } from './when-over.js';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** A server, a client of it, and how many responses were over so far. */
async function server(answer: (response: ServerResponse, nth: number) => void) {
  const seen = { over: 0, requests: 0 };
  const http = createServer((_request, response) => {
    whenOver(response, () => seen.over++);
    answer(response, ++seen.requests);
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const client = connect((http.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await once(http, 'connection')) as [Socket];
  return { http, client, socket, seen };
}

describe('a response', () => {
  test('is over once it is told, and all that come over one connection take one listener of it', async () => {
    const { http, client, socket, seen } = await server((response) => response.end('x'));
    const before = socket.listenerCount('close');
    for (let request = 1; request <= 3; request++) {
      client.write(GET);
      await once(client, 'data');
      expect([seen.over, socket.listenerCount('close')]).toEqual([request, before + 1]);
    }
    client.destroy();
    await once(socket, 'close');
    expect(seen.over).toBe(3);
    http.close();
  });

  test('is over when its connection closes, though it waits behind another one', async () => {
    let arrived: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (arrived = resolve));
    const { http, client, socket, seen } = await server((_response, nth) => nth === 30 && arrived());
    client.write(GET.repeat(30));
    await all;
    client.destroy();
    await once(socket, 'close');
    expect(seen.over).toBe(30);
    http.close();
  });

  test('is over soon when its connection closed before anybody asked', async () => {
    let over: Promise<void> | undefined;
    const http = createServer((request, response) => {
      request.socket.destroy();
      over = once(request.socket, 'close').then(() => new Promise((resolve) => whenOver(response, resolve)));
    });
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const client = connect((http.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
    client.write(GET);
    await once(http, 'request');
    await over;
    http.close();
  });
});
