// Free TCP ports.

import { createServer } from 'node:net';
import { PlainError } from './log.mjs';

/** @param {number} port @param {string} [host] */
export function isFree(port, host = '127.0.0.1') {
  return /** @type {Promise<boolean>} */ (
    new Promise((resolve, reject) => {
      const server = createServer();
      server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
        if (error.code !== 'EADDRNOTAVAIL' && error.code !== 'ENOTFOUND') return resolve(false);
        reject(new PlainError(`expected HOST to be an address of this machine, such as 127.0.0.1 or 0.0.0.0, got: ${host}`));
      });
      server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
    })
  );
}

/** `wanted`, or the next one above it that is free and not in `taken`. @param {number} wanted @param {string} [host] */
export async function freePortFrom(wanted, host = '127.0.0.1', taken = /** @type {number[]} */ ([])) {
  for (let port = wanted; port < wanted + 500 && port < 65536; port++) {
    if (!taken.includes(port) && (await isFree(port, host))) return port;
  }
  throw new PlainError(`expected a free port at or above ${wanted}, got none; set PORT or WORKER_PORT to one`);
}
