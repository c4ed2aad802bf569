import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * The newest pending answer of each connection. A client may send its next request before it has the answer to the last one (pipelining), and
 * Node keeps answers in order only for requests that it has parsed without a break. A text that is written to the connection itself in between
 * would be taken for the answer to an accepted request.
 */
const NEWEST = Symbol('newest answer');
/** A member of the connection, because a weak map costs the garbage collector more, and this is for each request. */
type Answering = Duplex & { [NEWEST]?: ServerResponse };
const former = new WeakMap<ServerResponse, ServerResponse>();

export function followAnswers(server: Server): void {
  server.on('request', (request, response) => {
    const before = owed((request.socket as Answering)[NEWEST]);
    if (before) {
      former.set(response, before);
      // Only the newest answer refers to the one before it. Otherwise a client that always sends ahead would keep all answers in memory.
      former.delete(before);
    }
    (request.socket as Answering)[NEWEST] = response;
  });
}

function owed(response: ServerResponse | undefined): ServerResponse | undefined {
  return response?.closed === false ? response : undefined;
}

/** Calls `then` when all requests of this connection are answered; at once when no answer is pending. */
export function afterAnswers(socket: Duplex, then: () => void): void {
  const last = owed((socket as Answering)[NEWEST]);
  if (last) last.once('close', then);
  else then();
}

/**
 * The same for a connection that broke off within a request. `then` gets whether that request still needs an answer: it does unless its answer
 * has begun.
 */
export function afterWholeAnswers(socket: Duplex, then: (unanswered: boolean) => void): void {
  const broken = owed((socket as Answering)[NEWEST]);
  if (!broken || broken.req.complete) return afterAnswers(socket, () => then(true));
  if (broken.headersSent) return afterAnswers(socket, () => then(false));
  const before = owed(former.get(broken));
  if (before) before.once('close', () => then(true));
  else then(true);
}
