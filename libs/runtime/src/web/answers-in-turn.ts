import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * The answers that each connection still owes, oldest first. A client may send its next request before it has the answer to the last one
 * (pipelining), and Node puts answers in order only for what it has read itself without a break: what is written on the bare connection
 * in between would be taken as the answer to a request that was accepted.
 */
const owed = new WeakMap<Duplex, Set<ServerResponse>>();

export function followAnswers(server: Server): void {
  server.on('request', (request, response) => {
    const answers = owed.get(request.socket) ?? new Set();
    owed.set(request.socket, answers.add(response));
    response.once('close', () => answers.delete(response));
  });
}

/** Once all that was asked for on this connection is answered, in the order of its requests; at once where nothing is owed. */
export function afterAnswers(socket: Duplex, then: () => void): void {
  const last = [...(owed.get(socket) ?? [])].at(-1);
  if (last) last.once('close', then);
  else then();
}

/**
 * The same, where the connection broke off within a request. Its own answer is still owed unless it has begun: `then` is told whether
 * there is anything to answer.
 */
export function afterWholeAnswers(socket: Duplex, then: (unanswered: boolean) => void): void {
  const answers = [...(owed.get(socket) ?? [])];
  const broken = answers.at(-1);
  if (!broken || broken.req.complete) return afterAnswers(socket, () => then(true));
  if (broken.headersSent) return afterAnswers(socket, () => then(false));
  const before = answers.at(-2);
  if (before) before.once('close', () => then(true));
  else then(true);
}
