import type { Server, Socket } from 'node:net';

const LOOK_MS = 200;

/**
 * Lets a server be closed though a client holds a connection on which it never sent anything, as clients open them ahead of
 * need: Node counts those as busy, so that neither `close` nor `closeIdleConnections` ends them.
 */
export function trackSilent(server: Server): { closing: (close: () => Promise<void>) => Promise<void> } {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const cut = () => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
  return {
    closing: async (close) => {
      const timer = setInterval(cut, LOOK_MS);
      await close().finally(() => clearInterval(timer));
    },
  };
}
