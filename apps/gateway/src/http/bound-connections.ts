import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { clientOf } from './client-of.js';
import { PerClient } from './per-client.js';
import type { TrustedProxies } from './trusted-proxies.js';

const REFUSED = JSON.stringify({
  type: '/problems/too-many-of-client',
  title: 'This client has as much open as one may have',
  status: 429,
  detail: 'expected fewer connections of one client; close some, or use them for many requests',
  instance: '/',
});
const ANSWER = `HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(REFUSED)}\r\nRetry-After: 1\r\nConnection: close\r\n\r\n${REFUSED}`;

/**
 * Limits the connections of one client, before anything is read from them; those of trusted proxies are of many. The returned function gives the number of
 * refused ones.
 */
export function boundConnections(server: Server, max: number, proxies: TrustedProxies | null = null): () => number {
  const ofClients = new PerClient(max);
  const counted = new WeakSet<Socket>();
  let refused = 0;
  server.prependListener('connection', (socket: Socket) => {
    // The connection comes a second time, after an ignored upgrade.
    if (counted.has(socket)) return;
    counted.add(socket);
    if (proxies?.has(socket.remoteAddress ?? '')) return;
    const client = clientOf(socket);
    if (ofClients.exceeds(client)) {
      refused++;
      // Before TLS has begun no answer could be read.
      if ('setSecureContext' in server) socket.destroy();
      else socket.on('error', () => undefined).end(ANSWER, () => socket.destroySoon());
      return;
    }
    socket.once('close', ofClients.take(client));
  });
  return () => refused;
}
