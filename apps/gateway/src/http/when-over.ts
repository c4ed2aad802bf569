import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The open responses of a connection, as a member of the connection. They share one listener, because adding and removing one for each request is slow. */
const UNDER_WAY = Symbol('under way');
type WithRequests = Socket & { [UNDER_WAY]?: Set<() => void> };

/**
 * Calls `over` once, when the response is finished or its connection is gone, and never before this function returns. A response that waits
 * behind another one on its connection (pipelining) emits no `close` when the connection closes, so this listens to the socket as well.
 */
export function whenOver(response: ServerResponse, over: () => void): void {
  const { socket } = response.req;
  const underWay = requestsOf(socket);
  const once = () => {
    if (underWay.delete(once)) over();
  };
  underWay.add(once);
  response.on('close', once);
  // The connection is gone: it emitted `close` before there was a listener.
  if (response.destroyed || socket.destroyed) setImmediate(once);
}

function requestsOf(socket: WithRequests): Set<() => void> {
  const known = socket[UNDER_WAY];
  if (known) return known;
  const underWay = new Set<() => void>();
  socket[UNDER_WAY] = underWay;
  socket.once('close', () => underWay.forEach((once) => once()));
  return underWay;
}
