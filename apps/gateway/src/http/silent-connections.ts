import type { Server, Socket } from 'node:net';

const LOOK_MS = 200;

/**
 * Lets a server be closed though a client holds a connection on which it never sent anything, as clients open them ahead of
 * need: Node counts those as busy, so that neither `close` nor `closeIdleConnections` ends them. All others have `withinMs` to
 * end by themselves, for a client may have vanished; then they are cut too, WebSockets included, which `closeAllConnections` omits.
 */
export function trackSilent(server: Server, withinMs: number): { closing: (close: () => Promise<void>) => Promise<void> } {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    // Given to the server a second time after an upgrade that was ignored.
    if (sockets.has(socket)) return;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const cut = (late: boolean) => {
    for (const socket of sockets) if (late || socket.bytesRead === 0) socket.destroy();
  };
  return {
    closing: async (close) => {
      const began = performance.now();
      const timer = setInterval(() => cut(performance.now() - began >= withinMs), LOOK_MS);
      await close().finally(() => clearInterval(timer));
    },
  };
}
