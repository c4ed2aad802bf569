import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JobView } from '../model.js';

export interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

export type Turn = (response: ServerResponse, seen: Seen) => void;

/** A gateway that answers as a test tells it: each request to a path takes the next turn, and the last turn repeats. */
export class ScriptedGateway {
  readonly seen: Seen[] = [];
  /** The bodies as they came. */
  readonly texts: string[] = [];
  private readonly turns = new Map<string, Turn[]>();
  private readonly server = createServer((request, response) => void this.answer(request, response));

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** `on('POST /jobs', …)` */
  on(call: string, ...turns: Turn[]): void {
    this.turns.set(call, turns);
  }

  calls(call: string): Seen[] {
    return this.seen.filter(({ method, path }) => `${method} ${path}` === call);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    this.texts.push(text);
    const seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
    this.seen.push(seen);
    const turns = this.turns.get(`${seen.method} ${seen.path}`);
    const turn = turns && turns.length > 1 ? turns.shift() : turns?.[0];
    (turn ?? problem(404, 'not-found'))(response, seen);
  }
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Turn {
  return (response) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function problem(status: number, code: string, headers: Record<string, string> = {}, more: object = {}): Turn {
  const body = { type: `/problems/${code}`, title: 'a title', status, detail: `a detail of ${code}`, instance: '/jobs', ...more };
  return (response) => response.writeHead(status, { 'content-type': 'application/problem+json', ...headers }).end(JSON.stringify(body));
}

/** The connection dies before there is an answer. */
export const hangUp: Turn = (response) => response.destroy();

/** `state 3 running`, or text as it is (it has a colon); then the end of the stream, or with `cut` of the connection. */
export function stream(lines: string[], end: 'close' | 'cut' | 'open' = 'close'): Turn {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const text = lines.map((line) => (line.includes(':') ? line : sse(line))).join('');
    response.write(text, () => {
      if (end === 'close') response.end();
      if (end === 'cut') response.destroy();
    });
  };
}

export function job(fields: Partial<JobView> = {}): JobView {
  return {
    id: 'j1',
    kind: 'debug.echo',
    queue: 'default',
    state: 'queued',
    priority: 0,
    attempt: 0,
    maxAttempts: 3,
    progress: null,
    result: null,
    error: null,
    tags: [],
    cancelRequested: false,
    runAt: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: null,
    finishedAt: null,
    lastEventId: 1,
    links: { self: '/jobs/j1', events: '/jobs/j1/events' },
    ...fields,
  };
}

/** Writes an event as the gateway does: a change of state has the state, and a reset has it in its view. */
function sse(line: string): string {
  const [event = '', seq, text = ''] = line.split(' ');
  const fields: Record<string, object> = {
    state: { state: text, attempt: 1 },
    progress: { done: Number(text), total: 10 },
    log: { level: 'info', message: text, fields: {} },
    reset: { view: job({ state: text as JobView['state'] }) },
  };
  const data = { job: 'j1', seq: Number(seq), at: '2026-01-01T00:00:00.000Z', ...fields[event] };
  return `id: ${String(seq)}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
