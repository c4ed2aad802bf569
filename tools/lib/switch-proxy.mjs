// A TCP proxy on loopback that can be switched off: what a broker that is away looks like to who connects to it.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** @param {string} target  a URL with a port */
export async function switchProxy(target) {
  const url = new URL(target);
  const upstream = { host: url.hostname, port: Number(url.port) };
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const server = createServer((client) => {
    const remote = connect(upstream);
    pass(client, remote);
    pass(remote, client);
  });
  const pass = (/** @type {import('node:net').Socket} */ from, /** @type {import('node:net').Socket} */ to) => {
    sockets.add(from);
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const listen = async (/** @type {number} */ port) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  url.hostname = '127.0.0.1';
  url.port = String(port);

  /** Ends what is open, and refuses what comes. */
  const off = async () => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  };
  return { url: url.href, off, on: () => listen(port) };
}
