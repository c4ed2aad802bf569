import type { IncomingMessage } from 'node:http';

/** A body must bring so many bytes in so many milliseconds. */
export interface Rate {
  bytes: number;
  ms: number;
}

export const LEAST_RATE: Rate = { bytes: 5 * 1_024, ms: 5_000 };

/**
 * Calls `slow` once when the body of a request comes more slowly than the least rate. A body that this process does not read yet is not
 * slow. Returns a function that ends the watch.
 */
export function watchRate(raw: IncomingMessage, slow: () => void, { bytes, ms }: Rate = LEAST_RATE): () => void {
  // A connection serves many requests, and counts the bytes of all of them.
  let before = raw.socket.bytesRead;
  const timer = setInterval(() => {
    const read = raw.socket.bytesRead;
    const came = read - before;
    before = read;
    if (raw.complete || raw.readableLength > 0 || came >= bytes) return;
    clearInterval(timer);
    slow();
  }, ms).unref();
  return () => clearInterval(timer);
}
