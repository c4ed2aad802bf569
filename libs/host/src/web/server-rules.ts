import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterAnswers, followAnswers } from './answers-in-turn.js';
import { answerSocket } from './raw-answer.js';

/**
 * Brings to the request's handler what Node would answer by itself without a body, and answers what it would cut off: an `Expect` that
 * nobody knows, and CONNECT.
 */
export function answerEverything(server: Server): void {
  followAnswers(server);
  // Not cut off silently after 2,000 of them: they are counted, and there is a limit of bytes.
  server.maxHeadersCount = 0;
  server.on('checkExpectation', (request, response) => void server.emit('request', request, response));
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => undefined);
    afterAnswers(socket, () => answerSocket(socket, { code: 'method_not_allowed', detail: 'this is no proxy: there is no CONNECT', headers: { allow: '' } }));
  });
}
