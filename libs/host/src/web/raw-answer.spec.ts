import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { answerClientError } from './raw-answer.js';
import { answerEverything } from './server-rules.js';

describe('what a client sends that is no request', () => {
  /** Answers a good request: within the same call, or after the following bytes were read. */
  let answer: (response: ServerResponse) => void;
  const server = createServer((request, response) => {
    request.resume();
    answer(response);
  });
  answerEverything(server);
  server.on('clientError', answerClientError);
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => server.close());

  const atOnce = (response: ServerResponse) => void response.end('accepted');
  const later = (response: ServerResponse) => void setTimeout(() => response.end('accepted'), 20);

  /** Sends the text and returns everything until the server closes the connection. */
  async function exchange(text: string): Promise<string> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let got = '';
    socket.on('data', (chunk: Buffer) => (got += chunk.toString('latin1'))).on('error', () => undefined);
    socket.write(text);
    await once(socket, 'close');
    return got;
  }
  const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
  const good = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}';

  test.each([
    ['at once', atOnce],
    ['later', later],
  ])('is not answered where it follows a request that closes the connection, which is answered %s (E21)', async (_, how) => {
    answer = how;
    const text = await exchange('POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n{}');
    expect([statuses(text), text.split('\r\n\r\n')[1]]).toEqual([[200], expect.stringContaining('accepted')]);
  });

  test.each([
    ['at once', atOnce],
    ['later', later],
  ])('is refused after the requests before it, which are answered %s, and once (E21)', async (_, how) => {
    answer = how;
    const text = await exchange(`${good}${good}nonsense\r\n\r\n`);
    expect(statuses(text)).toEqual([200, 200, 400]);
    expect(text.slice(text.lastIndexOf('HTTP/1.1 4'))).toContain('/problems/malformed-request');
  });

  test('is refused within its body where nothing is answered yet, after the requests before it (E21)', async () => {
    answer = later;
    expect(statuses(await exchange(`${good}POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n`))).toEqual([200, 400]);
  });

  test('ends the connection within a body whose request is answered already (E21)', async () => {
    answer = atOnce;
    expect(statuses(await exchange('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n'))).toEqual([200]);
  });

  test('keeps no connection of a client that never closes its side, nor of one that goes on sending (E11)', async () => {
    const closed: Promise<unknown>[] = [];
    server.on('connection', (socket) => closed.push(once(socket, 'close')));
    const clients = ['', 'x'].map(async (more) => {
      const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
      socket.on('error', () => undefined);
      socket.write('CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n');
      await once(socket, 'data');
      if (more !== '') socket.write(more);
      return socket;
    });
    const sockets = await Promise.all(clients);
    expect(closed).toHaveLength(2);
    await Promise.all(closed);
    for (const socket of sockets) socket.destroy();
  }, 30_000);
});
