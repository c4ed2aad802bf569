import type { IncomingMessage } from 'node:http';
import { isIPv6, type Socket } from 'node:net';

/**
 * Whom a bound counts: the address at the other end of the connection, of IPv6 its network of 64 bits, which one caller has as a whole.
 * Headers such as `X-Forwarded-For` say what the caller likes, so they are not read; behind a proxy all callers are one, see docs/operate/limits.md.
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

/** Of each connection that has asked: its address does not change, and many requests come over it. */
const clients = new WeakMap<Socket, string>();

export function clientOfRequest({ socket }: Pick<IncomingMessage, 'socket'>): string {
  let client = clients.get(socket);
  // One that is closed has no address any more.
  if (client === undefined) clients.set(socket, (client = clientOf(socket)));
  return client;
}
