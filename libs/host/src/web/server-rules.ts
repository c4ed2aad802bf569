import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterAnswers, followAnswers } from './answers-in-turn.js';
import { answerSocket } from './raw-answer.js';

/**
 * Passes requests to the handler that Node would answer itself without a body (an unknown `Expect`), and answers requests that Node would cut off
 * (CONNECT).
 */
export function answerEverything(server: Server): void {
  followAnswers(server);
  // By default Node silently drops headers after 2,000. Here they are counted, and their bytes are limited.
  server.maxHeadersCount = 0;
  server.on('checkExpectation', (request, response) => void server.emit('request', request, response));
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => undefined);
    afterAnswers(socket, () => answerSocket(socket, { code: 'method_not_allowed', detail: 'this is no proxy: there is no CONNECT', headers: { allow: '' } }));
  });
}
