import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { trackSilent } from './silent-connections.js';

/** A server that never answers and closes, a client whose request it has in part, and one that sent nothing. */
async function closing(withinMs: number) {
  const server = createServer();
  const connections = trackSilent(server, withinMs);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const silent = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(server, 'connection');
  const uploader = connect(port, '127.0.0.1').on('error', () => undefined);
  uploader.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nbegun');
  await once(server, 'request');
  const closed = connections.closing(() => new Promise((resolve) => void server.close(() => resolve())));
  return { silent, uploader, closed };
}

describe('a server that closes', () => {
  test('ends though a client neither sends the rest of its request nor goes away', async () => {
    const { closed } = await closing(100);
    await closed;
  });

  test('cuts a connection on which nothing was sent, and leaves the others their time', async () => {
    const { silent, uploader, closed } = await closing(3_600_000);
    await once(silent, 'close');
    expect(uploader.destroyed).toBe(false);
    uploader.destroy();
    await closed;
  });
});
