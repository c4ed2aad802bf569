import type { IncomingMessage } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import type { TrustedProxies } from './trusted-proxies.js';

/**
 * The client that limits count: an address, for IPv6 its 64-bit network, which belongs to one caller. It is that of the other end of the connection; behind
 * a proxy of TRUST_PROXY that which the proxy has seen. See docs/operate/limits.md.
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

/** A member of the request itself, as with its caller. */
const CLIENT = Symbol('client');
type Seen = Pick<IncomingMessage, 'socket'> & { [CLIENT]?: string };

/** Sees who the caller of a request is that comes over a trusted proxy. Anybody else can write anything in `X-Forwarded-For`, so it is not read. */
export function seeClient(request: IncomingMessage, proxies: TrustedProxies): void {
  const peer = request.socket.remoteAddress;
  const forwarded = request.headers['x-forwarded-for'];
  if (peer === undefined || !proxies.has(peer)) return;
  (request as Seen)[CLIENT] = clientOf({ remoteAddress: proxies.callerOf(peer, [forwarded].flat().join(',')) });
}

export function clientOfRequest(request: Pick<IncomingMessage, 'socket'>): string {
  const seen = (request as Seen)[CLIENT];
  if (seen !== undefined) return seen;
  const { socket } = request;
  let client = clients.get(socket);
  // A closed connection has no address any more.
  if (client === undefined) clients.set(socket, (client = clientOf(socket)));
  return client;
}
