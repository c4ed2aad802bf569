import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * The newest answer that each connection owes, and the one before it. A client may send its next request before it has the answer to the last one
 * (pipelining), and Node puts answers in order only for what it has read itself without a break: what is written on the bare connection
 * in between would be taken as the answer to a request that was accepted.
 */
const newest = new WeakMap<Duplex, ServerResponse>();
const former = new WeakMap<ServerResponse, ServerResponse>();

export function followAnswers(server: Server): void {
  server.on('request', (request, response) => {
    const before = owed(newest.get(request.socket));
    if (before) {
      former.set(response, before);
      // Only the newest is asked for its former: else a client that always sends ahead would keep all of them.
      former.delete(before);
    }
    newest.set(request.socket, response);
  });
}

function owed(response: ServerResponse | undefined): ServerResponse | undefined {
  return response?.closed === false ? response : undefined;
}

/** Once all that was asked for on this connection is answered, in the order of its requests; at once where nothing is owed. */
export function afterAnswers(socket: Duplex, then: () => void): void {
  const last = owed(newest.get(socket));
  if (last) last.once('close', then);
  else then();
}

/**
 * The same, where the connection broke off within a request. Its own answer is still owed unless it has begun: `then` is told whether
 * there is anything to answer.
 */
export function afterWholeAnswers(socket: Duplex, then: (unanswered: boolean) => void): void {
  const broken = owed(newest.get(socket));
  if (!broken || broken.req.complete) return afterAnswers(socket, () => then(true));
  if (broken.headersSent) return afterAnswers(socket, () => then(false));
  const before = owed(former.get(broken));
  if (before) before.once('close', () => then(true));
  else then(true);
}
