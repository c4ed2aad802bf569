import { connect, type Socket } from 'node:net';
import type pg from 'pg';
import { readConnectionUrl } from './connection-url.js';

const PROBE_MS = 5_000;
/** Of each URL with `sslmode=prefer`, whether its server offers TLS. */
const offered = new Map<string, boolean>();

/** What node-postgres connects by. */
export function connectionOf(url: string): pg.ClientConfig {
  const { prefersTls, ...connection } = readConnectionUrl(url);
  return prefersTls && offered.get(url) === false ? { ...connection, ssl: false } : connection;
}

/** Asks the server of a URL with `sslmode=prefer` whether it offers TLS. Before the first connection: node-postgres does not fall back. */
export async function findTls(url: string): Promise<void> {
  const { prefersTls, host = 'localhost', port = 5432 } = readConnectionUrl(url);
  if (prefersTls) offered.set(url, await offersTls(connect(port, host)));
}

/** https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL: the answer is one byte, `S` or `N`. */
async function offersTls(socket: Socket): Promise<boolean> {
  try {
    return await new Promise((resolve, reject) => {
      socket.setTimeout(PROBE_MS, () => reject(new Error('timeout exceeded when trying to connect')));
      socket.once('error', reject).once('close', () => reject(new Error('Connection terminated unexpectedly')));
      socket.once('connect', () => socket.write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])));
      socket.once('data', (answer) => resolve(answer.toString('latin1').startsWith('S')));
    });
  } finally {
    socket.destroy();
  }
}
