import type { Server, Socket } from 'node:net';

const LOOK_MS = 200;

/**
 * Makes it possible to close a server while a client holds a connection on which it has never sent anything (clients open some in advance):
 * Node counts those as busy, so that neither `close` nor `closeIdleConnections` ends them. All other connections have `withinMs` to end,
 * because a client may have vanished. Then they are cut too, with WebSockets, which `closeAllConnections` omits.
 */
export function trackSilent(server: Server, withinMs: number): { closing: (close: () => Promise<void>) => Promise<void> } {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    // The connection comes a second time, after an ignored upgrade.
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
