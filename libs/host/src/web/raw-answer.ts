import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ProblemCode, PROBLEMS, problemType } from '@app/contracts';
import { afterWholeAnswers } from './answers-in-turn.js';
import { MAX_HEADER_BYTES } from './limits.js';
import { SECURITY_HEADERS } from './security-headers.js';

export interface RawProblem {
  code: ProblemCode;
  detail: string;
  instance?: string;
  headers?: Record<string, string>;
}

/** What a client gets to read its answer and to close its side. */
const CLOSE_WITHIN_MS = 5_000;

/** A problem on a bare connection, of which there is no request or none any more; it is closed then. */
export function answerSocket(socket: Duplex, { code, detail, instance = '', headers = {} }: RawProblem): void {
  // Ended already: what was written before is still on its way.
  if (socket.writableEnded) return;
  if (!socket.writable) return void socket.destroy();
  const { status, title } = PROBLEMS[code];
  const body = JSON.stringify({ type: problemType(code), title, status, detail, instance });
  const fields = {
    ...SECURITY_HEADERS,
    ...headers,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  end(socket, `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}

/** A client that goes on sending, or never closes its side, keeps no descriptor: nobody else looks after a bare connection. */
function end(socket: Duplex, answer?: string): void {
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), CLOSE_WITHIN_MS).unref();
  socket.once('close', () => clearTimeout(cut));
  socket.end(answer);
}

/** By code: the parser's own words are for its programmers, and change with Node. */
const REASONS: Record<string, { code: ProblemCode; detail: string }> = {
  HPE_HEADER_OVERFLOW: { code: 'headers_too_large', detail: `expected the URL and the headers to be at most ${MAX_HEADER_BYTES} bytes together` },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { code: 'payload_too_large', detail: 'expected chunks with short extensions or none' },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request_timeout', detail: 'expected the request to arrive in time' },
  HPE_INVALID_METHOD: { code: 'malformed_request', detail: 'expected a request of HTTP with a known method; is it TLS or HTTP/2 on a port of HTTP/1.1?' },
  HPE_INVALID_HEADER_TOKEN: { code: 'malformed_request', detail: 'expected header lines of a name, a colon and a value, got another character' },
  HPE_INVALID_CONTENT_LENGTH: { code: 'malformed_request', detail: 'expected one Content-Length of digits' },
  HPE_UNEXPECTED_CONTENT_LENGTH: { code: 'malformed_request', detail: 'expected Content-Length or Transfer-Encoding, got both or two' },
  HPE_INVALID_TRANSFER_ENCODING: { code: 'malformed_request', detail: 'expected Transfer-Encoding to be chunked' },
  HPE_INVALID_CHUNK_SIZE: { code: 'malformed_request', detail: 'expected chunks that begin with their size in hex' },
  HPE_INVALID_URL: { code: 'malformed_request', detail: 'expected a URL of ASCII characters that begins with a slash' },
};

const broken = new WeakSet<Duplex>();

/**
 * What Node's parser refuses never becomes a request. It is answered once, after the requests before it on the connection, which were
 * accepted: the refusal must not be taken for theirs.
 */
export function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  const code = error.code ?? '';
  if (code === 'ECONNRESET') return void socket.destroy();
  // What follows a request that closes its connection is not read (RFC 9112, 9.6). Of a broken one, each further piece is an error again.
  if (code === 'HPE_CLOSED_CONNECTION' || broken.has(socket)) return;
  broken.add(socket);
  const unknown = `the request is not HTTP as it is accepted here${/^HPE_[A-Z_]+$/.test(code) ? ` (${code})` : ''}`;
  afterWholeAnswers(socket, (unanswered) => {
    if (unanswered) answerSocket(socket, REASONS[code] ?? { code: 'malformed_request', detail: unknown });
    else end(socket);
  });
}
