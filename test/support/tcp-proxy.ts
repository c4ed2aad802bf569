import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy on loopback whose faults a chaos test switches on and off. */
export interface TcpProxy {
  /** The target's URL with the proxy's host and port in it. */
  readonly url: string;
  readonly port: number;
  /** Connections open now. */
  readonly connections: number;
  /** Ends each open connection with FIN. New ones are accepted as before. */
  cut(): void;
  /** Ends each open connection with RST. New ones are accepted as before. */
  reset(): void;
  /** RST to each open connection, and new ones are refused, until heal(). */
  refuse(): Promise<void>;
  /** Connections stay open and nothing passes, in either direction, until heal(): a partition, seen from inside. */
  blackhole(): void;
  /** As blackhole(), but only one direction is dead: `requests` go nowhere, or `answers` do not come. */
  deafen(direction: 'requests' | 'answers'): void;
  /** Delays every chunk by `ms`, in each direction. 0 is none. */
  latency(ms: number): void;
  /** Takes back refuse(), blackhole(), deafen() and latency(). What a blackhole held back then arrives. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

interface Faults {
  latencyMs: number;
  /** Nothing is read from these ends. */
  held: { client: boolean; remote: boolean };
}

export async function tcpProxy(target: string): Promise<TcpProxy> {
  const url = new URL(target.includes('://') ? target : `tcp://${target}`);
  const upstream = { host: url.hostname, port: Number(url.port || defaultPort(url.protocol)) };
  const sockets = new Map<Socket, keyof Faults['held']>();
  const faults: Faults = { latencyMs: 0, held: { client: false, remote: false } };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const remote = connect({ ...upstream, allowHalfOpen: true });
    join(client, remote, faults);
    for (const [socket, end] of [
      [client, 'client'],
      [remote, 'remote'],
    ] as const) {
      sockets.set(socket, end);
      socket.once('close', () => sockets.delete(socket));
      if (faults.held[end]) socket.pause();
    }
  });
  const port = await listen(server, 0);
  url.hostname = '127.0.0.1';
  url.port = String(port);

  const resetAll = (): void => {
    for (const socket of sockets.keys()) sendReset(socket);
  };
  const hold = (held: Faults['held']): void => {
    faults.held = held;
    for (const [socket, end] of sockets) {
      if (held[end]) socket.pause();
      else socket.resume();
    }
  };
  return {
    url: target.includes('://') ? url.href : url.host,
    port,
    get connections() {
      return sockets.size / 2;
    },
    cut: () => {
      for (const socket of sockets.keys()) socket.destroySoon();
    },
    reset: resetAll,
    refuse: async () => {
      await stopListening(server, resetAll);
    },
    blackhole: () => {
      hold({ client: true, remote: true });
    },
    deafen: (direction) => {
      hold({ client: direction === 'requests', remote: direction === 'answers' });
    },
    latency: (ms) => {
      faults.latencyMs = ms;
    },
    heal: async () => {
      faults.latencyMs = 0;
      hold({ client: false, remote: false });
      if (!server.listening) await listen(server, port);
    },
    close: () => stopListening(server, resetAll),
  };
}

/** Two pipes by hand: `pipe()` would resume a socket that a blackhole has paused. */
function join(client: Socket, remote: Socket, faults: Faults): void {
  for (const [from, to, end] of [
    [client, remote, 'client'],
    [remote, client, 'remote'],
  ] as const) {
    let queue: Promise<void> = Promise.resolve();
    // In order, whatever the latency was when each chunk came.
    const later = (act: () => void): void => {
      const due = Date.now() + faults.latencyMs;
      queue = queue.then(async () => {
        if (due > Date.now()) await new Promise((resolve) => setTimeout(resolve, due - Date.now()));
        if (to.writable) act();
      });
    };
    from.on('data', (chunk: Buffer) => {
      later(() => {
        if (to.write(chunk)) return;
        from.pause();
        to.once('drain', () => {
          if (!faults.held[end]) from.resume();
        });
      });
    });
    from.on('end', () => {
      later(() => to.end());
    });
    from.on('error', () => {
      sendReset(to);
    });
    from.on('close', () => {
      later(() => to.destroySoon());
    });
  }
}

/**
 * Ends a connection with RST. A FIN that is being sent goes first: Node (seen with 20) refuses the reset with EINVAL then, never closes the
 * handle, and waits for that handle in a busy loop when the process should end.
 */
function sendReset(socket: Socket): void {
  const sendsFin = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (sendsFin) socket.once('finish', () => socket.resetAndDestroy());
  else socket.resetAndDestroy();
}

function defaultPort(protocol: string): string {
  const known: Record<string, string> = { 'amqp:': '5672', 'postgres:': '5432', 'postgresql:': '5432', 'http:': '80' };
  const port = known[protocol];
  if (port === undefined) throw new Error(`expected a target with a port, got protocol ${protocol}`);
  return port;
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as { port: number }).port;
}

async function stopListening(server: Server, endConnections: () => void): Promise<void> {
  if (!server.listening) {
    endConnections();
    return;
  }
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    endConnections();
  });
}
