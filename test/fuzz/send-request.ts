import { Agent, request as httpRequest } from 'node:http';
import type { FuzzRequest } from './make-request.js';

export interface FuzzAnswer {
  status: number;
  headers: string;
  mediaType: string;
  text: string;
  ms: number;
}

/** What of an answer is read: no answer to a request of a test is longer, apart from the documents. */
const LONGEST = 3_000_000;
/** A stream has no end: what comes within this time is looked at. */
const STREAM_MS = 150;
/** As long as a request may take: nobody waits for an end here. */
const PATIENCE_MS = 15_000;

/** Sends over connections that are kept. Resolves with undefined where the server cut the connection; rejects where it did not answer at all. */
export class Sender {
  private readonly agent: Agent;

  constructor(
    private readonly url: string,
    connections: number,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  close(): void {
    this.agent.destroy();
  }

  send({ method, target, headers, body }: FuzzRequest): Promise<FuzzAnswer | undefined> {
    const began = performance.now();
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(this.url);
      const asked = httpRequest({
        agent: this.agent,
        hostname,
        port,
        method,
        path: target,
        headers: { ...headers, ...(body && { 'content-length': body.length }) },
      });
      const late = setTimeout(() => {
        asked.destroy();
        reject(new Error(`no answer within ${String(PATIENCE_MS)} ms`));
      }, PATIENCE_MS);
      const end = (answer: FuzzAnswer | undefined) => {
        clearTimeout(late);
        resolve(answer);
      };
      asked.on('error', () => end(undefined));
      asked.on('response', (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        const whole = () => {
          const text = Buffer.concat(chunks).toString();
          const mediaType = (response.headers['content-type'] ?? '').split(';')[0] ?? '';
          end({ status: response.statusCode ?? 0, headers: response.rawHeaders.join(' '), mediaType, text, ms: performance.now() - began });
        };
        if (response.headers['content-type']?.startsWith('text/event-stream')) {
          setTimeout(() => {
            whole();
            response.destroy();
          }, STREAM_MS);
        }
        response
          .on('data', (chunk: Buffer) => {
            if ((length += chunk.length) < LONGEST) chunks.push(chunk);
          })
          .on('end', whole)
          .on('error', () => end(undefined));
      });
      asked.end(body);
    });
  }
}
