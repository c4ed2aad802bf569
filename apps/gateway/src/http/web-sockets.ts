import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterAnswers, answerSocket } from '@app/host';
import type { INestApplicationContext } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { QuietSockets } from '../events/quiet-sockets.js';
import type { Doorkeeper } from '../rights/doorkeeper.js';
import { operationOf } from '../rights/operations.js';
import { seeClient } from './client-of.js';
import { type DoorRules, doorProblem } from './front-door.js';
import { problem, sendProblem } from './problem.filter.js';
import { pathAndQuery, pathOf } from './target.js';
import { servePlainly } from './plain-request.js';

export const SOCKET_PATH = '/ws';
const VERSION = '13';

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Nest's adapter handles every upgrade and cuts off those that it does not know. Here an upgrade to an unknown protocol is ignored, as in RFC 9110
 * (7.8), and a WebSocket passes the same checks as any request.
 */
export class GuardedSockets extends QuietSockets {
  constructor(
    app: INestApplicationContext,
    private readonly rules: DoorRules,
    /** The path of PUBLIC_URL. */
    private readonly below: string,
    /** Undefined where AUTH is off. */
    private readonly door: Doorkeeper | undefined,
  ) {
    super(app);
  }

  override create(port: number, options?: Record<string, unknown> & { server?: unknown; path?: string }): unknown {
    const server = super.create(port, options as never) as { on(event: 'wsClientError', listener: (error: Error, socket: Duplex) => void): void };
    // Otherwise `ws` would answer this itself, in plain text.
    server.on('wsClientError', (_error, socket) =>
      answerSocket(socket, { code: 'malformed_request', detail: 'expected the handshake of RFC 6455', instance: SOCKET_PATH }),
    );
    return server;
  }

  protected override ensureHttpServerExists(port: number, httpServer?: Server): Server | undefined {
    const server = super.ensureHttpServerExists(port, httpServer);
    if (!server) return undefined;
    const [nests] = server.listeners('upgrade').slice(-1) as UpgradeListener[];
    if (!nests) throw new Error('expected a listener for upgrades of the WebSocket adapter, got none');
    server.off('upgrade', nests);
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => this.upgrade(server, nests, request, socket, head));
    return server;
  }

  private upgrade(server: Server, nests: UpgradeListener, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!asksForWebSocket(request)) return servePlainly(server, request, socket, head);
    // There is no other listener any more, and an error without a listener ends the process.
    socket.on('error', () => undefined);
    const target = request.url ?? '/';
    const instance = pathOf(pathAndQuery(target, this.below, ''));
    const refuse = (code: Parameters<typeof answerSocket>[1]['code'], detail: string, headers: Record<string, string> = {}) =>
      afterAnswers(socket, () => answerSocket(socket, { code, detail, instance, headers }));
    if (this.rules.proxies) seeClient(request, this.rules.proxies);
    const problem = doorProblem(request, target, instance, this.rules, true);
    if (problem) return refuse(problem.code, problem.detail);
    if (instance !== SOCKET_PATH) return refuse('not_found', `there is no WebSocket at ${JSON.stringify(instance.slice(0, 100))}, only at ${SOCKET_PATH}`);
    if (request.method !== 'GET') return refuse('method_not_allowed', `expected GET, got ${request.method ?? ''}`, { allow: 'GET' });
    if (request.headers['sec-websocket-version'] !== VERSION)
      return refuse('upgrade_required', `expected Sec-WebSocket-Version to be ${VERSION}`, { 'sec-websocket-version': VERSION, upgrade: 'websocket' });
    const letIn = (): void => {
      request.url = SOCKET_PATH;
      // `ws` takes it alone.
      request.headers.upgrade = 'websocket';
      afterAnswers(socket, () => nests(request, socket, head));
    };
    if (!this.door) return letIn();
    // As the door knows a stream.
    request.url = pathAndQuery(target, this.below, '');
    void Promise.resolve(this.door.judge(request, operationOf('GET', SOCKET_PATH))).then((refused) => {
      if (!refused) return letIn();
      refuse(refused.code, refused.detail, refused.headers);
    });
  }
}

/** Answers a plain request for the path of the WebSocket and says what is missing. */
export function explainSockets(fastify: FastifyInstance): void {
  fastify.get(SOCKET_PATH, (request, reply) => {
    void reply.header('upgrade', 'websocket').header('connection', 'upgrade, close');
    sendProblem(
      reply,
      problem('upgrade_required', `expected a WebSocket's handshake, got a plain ${request.method}; docs/learn/events.md has the frames`, request.url),
    );
  });
}

/** A client may offer several protocols, and a version with each. */
function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return (headers.upgrade ?? '').split(',').some((protocol) => protocol.trim().toLowerCase() === 'websocket');
}
