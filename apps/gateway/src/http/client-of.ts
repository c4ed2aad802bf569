import type { IncomingMessage } from 'node:http';
import { isIPv6, type Socket } from 'node:net';

/**
 * The client that limits count: the address at the other end of the connection; for IPv6 its 64-bit network, which belongs to one caller.
 * Headers such as `X-Forwarded-For` are not read, because a caller can write anything there. Behind a proxy all callers count as one client, see
 * docs/operate/limits.md.
 */
export function clientOf({ remoteAddress = 'unknown' }: Pick<Socket, 'remoteAddress'>): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(remoteAddress);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!isIPv6(remoteAddress)) return remoteAddress;
  const [head = '', tail] = remoteAddress.split('%', 1)[0]?.split('::') ?? [];
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = tail === undefined ? first : [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last];
  return `${groups.slice(0, 4).join(':')}::/64`;
}

/** The client of each known connection: its address does not change, and many requests come over it. */
const clients = new WeakMap<Socket, string>();

export function clientOfRequest({ socket }: Pick<IncomingMessage, 'socket'>): string {
  let client = clients.get(socket);
  // A closed connection has no address any more.
  if (client === undefined) clients.set(socket, (client = clientOf(socket)));
  return client;
}
