import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { answerEverything } from '@app/host';
import { boundConnections } from './bound-connections.js';
import { servePlainly } from './plain-request.js';

const H2C = 'Host: x\r\nConnection: keep-alive, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n';

describe('a request that asks for a protocol which is not offered', () => {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    // Later than the next request has come.
    request.on('end', () =>
      setTimeout(() => response.end(`<${request.method ?? ''} ${body} ${String(request.headers.upgrade)} ${String(request.headers.connection)}>`), 5),
    );
  });
  answerEverything(server);
  server.on('upgrade', (request, socket, head) => servePlainly(server, request, socket, head));
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => server.close());

  test('is answered as if it had not, each in its turn, with bodies and without, at once and one by one (E18)', async () => {
    const get = `GET / HTTP/1.1\r\n${H2C}\r\n`;
    const plain = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
    const post = `POST / HTTP/1.1\r\n${H2C}Content-Length: 3\r\n\r\nabc`;
    const chunked = `POST / HTTP/1.1\r\n${H2C}Transfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n`;
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    const answers = () => text.match(/<[^>]*>/g) ?? [];
    for (const request of [get, post, chunked, plain, get]) {
      const had = answers().length;
      socket.write(request);
      while (answers().length === had) await once(socket, 'data');
    }
    socket.write(get + post + plain + plain + chunked + get + 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await once(socket, 'close');
    const [G, P, C, N] = ['<GET  undefined keep-alive>', '<POST abc undefined keep-alive>', '<POST de undefined keep-alive>', '<GET  undefined undefined>'];
    expect(answers()).toEqual([G, P, C, N, G, G, P, N, N, C, G, '<GET  undefined close>']);
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(12);
  });

  test('is answered when its body comes later', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(`POST / HTTP/1.1\r\n${H2C}Content-Length: 3\r\n\r\n`);
    await once(server, 'connection');
    socket.write('abc');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('HTTP/1.1 200');
    socket.destroy();
  });
});

test('a connection that asks for another protocol again and again is counted once (E18)', async () => {
  const server = createServer((_request, response) => response.end('ok'));
  answerEverything(server);
  server.on('upgrade', (request, socket, head) => servePlainly(server, request, socket, head));
  const refused = boundConnections(server, 3);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  for (let n = 0; n < 10; n++) {
    socket.write(`GET / HTTP/1.1\r\n${H2C}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('HTTP/1.1 200');
  }
  expect(refused()).toBe(0);
  socket.destroy();
  server.close();
});
