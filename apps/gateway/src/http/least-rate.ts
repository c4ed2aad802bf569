import type { IncomingMessage } from 'node:http';

/** What does not bring so many bytes in so many milliseconds is not meant to arrive. */
export interface Rate {
  bytes: number;
  ms: number;
}

export const LEAST_RATE: Rate = { bytes: 5 * 1_024, ms: 5_000 };

/**
 * Calls `slow`, once, when the body of a request comes more slowly than the least rate. A body that waits for us, for nobody reads it yet,
 * is not slow. Returns what ends the watch.
 */
export function watchRate(raw: IncomingMessage, slow: () => void, { bytes, ms }: Rate = LEAST_RATE): () => void {
  // A connection is kept over many requests, and its bytes are counted as a whole.
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
