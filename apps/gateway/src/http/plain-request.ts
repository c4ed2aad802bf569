import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAnswers } from '@app/host';

const OF_UPGRADE = new Set(['upgrade', 'http2-settings']);

/**
 * Serves a request as if it had not asked for another protocol, such as `h2c`, with which Java's client begins by default. Node has released
 * the connection by then. So the request is written back in front of the remaining bytes, without the upgrade, and the connection is given to
 * the server again, as `http.Server` allows. A body or further requests on the connection are read as usual.
 */
export function servePlainly(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/${request.httpVersion}`];
  const { rawHeaders } = request;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    const kept = name.toLowerCase() === 'connection' ? withoutUpgrade(value) : OF_UPGRADE.has(name.toLowerCase()) ? undefined : value;
    if (kept !== undefined) lines.push(`${name}: ${kept}`);
  }
  const again = () => {
    if (socket.destroyed) return;
    if (head.length > 0) socket.unshift(head);
    // Encoded as Node decoded it, so that the bytes are the same.
    socket.unshift(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
    // Node has begun to count the pause that it allows between two requests. This ends the count.
    (socket as Socket).setTimeout(0);
    server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
  };
  afterAnswers(socket, again);
}

function withoutUpgrade(connection: string): string | undefined {
  const kept = connection.split(',').filter((option) => !OF_UPGRADE.has(option.trim().toLowerCase()));
  return kept.length > 0 ? kept.join(',') : undefined;
}
