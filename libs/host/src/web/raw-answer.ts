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

/** The time that a client has to read the answer and to close its side. */
const CLOSE_WITHIN_MS = 5_000;

/** Writes a problem to a connection without a (valid) request, and closes the connection. */
export function answerSocket(socket: Duplex, { code, detail, instance = '', headers = {} }: RawProblem): void {
  // The connection has ended already, and earlier bytes are still on their way.
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

/** Ends the connection, by force after a while, so that a client that goes on sending or never closes its side does not keep a descriptor. */
function end(socket: Duplex, answer?: string): void {
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), CLOSE_WITHIN_MS).unref();
  socket.once('close', () => clearTimeout(cut));
  socket.end(answer);
}

/** The problems by the parser's codes. Its own messages are for its developers, and change with Node. */
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
 * Answers bytes that Node's parser refuses, which never become a request. The answer is sent once, after the answers to the accepted requests
 * before them, so that it cannot be taken for one of those.
 */
export function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  const code = error.code ?? '';
  if (code === 'ECONNRESET') return void socket.destroy();
  // Bytes after a request that closes its connection are not read (RFC 9112, 9.6). On a broken connection each further piece raises another error.
  if (code === 'HPE_CLOSED_CONNECTION' || broken.has(socket)) return;
  broken.add(socket);
  const unknown = `the request is not HTTP as it is accepted here${/^HPE_[A-Z_]+$/.test(code) ? ` (${code})` : ''}`;
  afterWholeAnswers(socket, (unanswered) => {
    if (unanswered) answerSocket(socket, REASONS[code] ?? { code: 'malformed_request', detail: unknown });
    else end(socket);
  });
}
