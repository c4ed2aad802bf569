import type { ServerResponse } from 'node:http';

/**
 * Calls `over` once, when the response is over or its connection is gone; not before it returns. A response that waits for its turn
 * behind another one on its connection (pipelining) never says `close` when that connection closes, so the socket is listened to as well.
 */
export function whenOver(response: ServerResponse, over: () => void): void {
  const { socket } = response.req;
  let called = false;
  const once = () => {
    if (called) return;
    called = true;
    response.off('close', once);
    // A socket is kept alive over many requests.
    socket.off('close', once);
    over();
  };
  // As many as there are requests under way on it: no leak that Node should warn of.
  socket.setMaxListeners(0);
  socket.once('close', once);
  response.once('close', once);
  // Gone already: its `close` was before there was a listener.
  if (response.destroyed || socket.destroyed) setImmediate(once);
}
