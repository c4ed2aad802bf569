import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** On the connection itself: what is under way on it. One listener for all of them, since to add and to remove one for each request is dear. */
const UNDER_WAY = Symbol('under way');
type WithRequests = Socket & { [UNDER_WAY]?: Set<() => void> };

/**
 * Calls `over` once, when the response is over or its connection is gone; not before it returns. A response that waits for its turn
 * behind another one on its connection (pipelining) never says `close` when that connection closes, so the socket is listened to as well.
 */
export function whenOver(response: ServerResponse, over: () => void): void {
  const { socket } = response.req;
  const underWay = requestsOf(socket);
  const once = () => {
    if (underWay.delete(once)) over();
  };
  underWay.add(once);
  response.on('close', once);
  // Gone already: its `close` was before there was a listener.
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
