import type { IncomingMessage } from 'node:http';
import type { Problem } from '@app/contracts';
import { type Admission, type Overload, Refusal } from '@app/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clientOfRequest } from '../bounds/client-of.js';
import { LEAST_RATE } from '../bounds/least-rate.js';
import { PerClient } from '../bounds/per-client.js';
import { UPLOAD_ROUTE } from '../files/uploads.js';
import { problem, problemOf, sendProblem } from '../http/problem.filter.js';
import { whenOver } from '../http/when-over.js';

/** Bytes of request bodies in memory: of requests that are being read or are not answered yet. What has not come is not counted. */
export class BodyBudget {
  bytes = 0;
  private readonly releases = new WeakMap<IncomingMessage, () => void>();

  /** What is to be called when the body of a request is needed no longer. */
  hold(raw: IncomingMessage, release: () => void): void {
    this.releases.set(raw, release);
  }

  /** The body of a request is not kept any more, though its answer is still to come. */
  forget(raw: IncomingMessage): void {
    this.releases.get(raw)?.();
    this.releases.delete(raw);
  }
}

export interface BodyRules {
  /** Of all bodies in this process, in bytes; 0 for no bound. */
  maxTotal: number;
  /** Of all bodies of one client, in bytes; 0 for no bound. */
  maxOfClient: number;
  /** How long a body may take to arrive. */
  withinMs: number;
  /** Told of each submission that is refused before it was read. */
  refused: (code: Overload['code']) => void;
}

/** One body that is arriving, or is kept until its request is answered. */
class Body {
  private bytes = 0;
  private seen = 0;
  private kept = true;
  private readonly begun = performance.now();

  constructor(
    readonly raw: IncomingMessage,
    private readonly client: string,
    private readonly budget: BodyBudget,
    private readonly ofClients: PerClient,
  ) {}

  take(bytes: number): void {
    this.bytes += bytes;
    if (!this.kept) return;
    this.budget.bytes += bytes;
    this.ofClients.add(this.client, bytes);
  }

  release(): void {
    if (!this.kept) return;
    this.kept = false;
    this.budget.bytes -= this.bytes;
    this.ofClients.add(this.client, -this.bytes);
  }

  /** Nothing is missing: it is in memory, and refusing it would gain nothing. */
  get whole(): boolean {
    return this.raw.complete || this.bytes >= Number(this.raw.headers['content-length'] ?? Infinity);
  }

  /** What is wrong with how it comes, if asked once in so many milliseconds. */
  tooSlow(withinMs: number): string | undefined {
    const came = this.bytes - this.seen;
    this.seen = this.bytes;
    if (performance.now() - this.begun >= withinMs - 50) return `expected the whole body within ${withinMs / 1_000} s`;
    if (came >= LEAST_RATE.bytes || this.raw.readableLength > 0) return undefined;
    return `expected ${LEAST_RATE.bytes} bytes of the body in ${LEAST_RATE.ms / 1_000} s at least, got ${came}`;
  }
}

/**
 * Bounds what bodies take of the memory. Beyond the budget, and while this very process has more than it can do, a submission is refused
 * unread. What is charged is what has come, so that a client which announces much and sends little takes nothing from others; what comes
 * too slowly, or beyond the share of one client, is answered and cut off. Uploads are streamed and not counted.
 */
export function budgetBodies(fastify: FastifyInstance, budget: BodyBudget, admission: Admission, rules: BodyRules): void {
  const { maxTotal, maxOfClient, withinMs, refused } = rules;
  const ofClients = new PerClient(maxOfClient);
  const arriving = new WeakMap<IncomingMessage, Body>();

  fastify.addHook('onRequest', async (request, reply) => {
    const length = request.headers['content-length'];
    const hasBody = request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
    if (!hasBody || request.is404 || request.routeOptions.url === UPLOAD_ROUTE) return;
    const overload = admission.refusal([]);
    if (overload && !overload.storeAnswers && isSubmission(request)) {
      refused(overload.code);
      throw overload;
    }
    const client = clientOfRequest(request.raw);
    if (ofClients.exceeds(client)) throw tooMuch(maxOfClient);

    const body = new Body(request.raw, client, budget, ofClients);
    arriving.set(request.raw, body);
    const watch = setInterval(
      () => {
        const reason = body.whole ? undefined : body.tooSlow(withinMs);
        if (body.whole || reason !== undefined) clearInterval(watch);
        if (reason !== undefined) cutOff(request, reply, problem('request_timeout', reason, request.url));
      },
      Math.min(LEAST_RATE.ms, withinMs),
    );
    request.raw.once('close', () => clearInterval(watch));
    budget.hold(request.raw, () => body.release());
    whenOver(reply.raw, () => {
      clearInterval(watch);
      body.release();
    });
  });

  // The parser listens in the same tick, so it misses nothing.
  fastify.addHook('preParsing', (request, reply, payload, done) => {
    const body = arriving.get(request.raw);
    if (body) {
      payload.on('data', (chunk: Buffer) => {
        body.take(chunk.length);
        if (body.whole || reply.sent) return;
        const overload = maxTotal > 0 && budget.bytes > maxTotal ? admission.refusal([]) : undefined;
        if (overload) refused(overload.code);
        const refusal = overload ?? (ofClients.exceeds(clientOfRequest(request.raw), 0) ? tooMuch(maxOfClient) : undefined);
        if (refusal) cutOff(request, reply, problemOf(refusal, request.url));
      });
    }
    done(null, payload);
  });
}

function tooMuch(max: number): Refusal {
  return new Refusal('too_many_of_client', `expected at most ${max} bytes of bodies of one client at once; send fewer requests at once`);
}

function isSubmission({ method, routeOptions }: FastifyRequest): boolean {
  return method === 'POST' && (routeOptions.url === '/jobs' || routeOptions.url === '/jobs/batch');
}

/** Answers a request whose body has not come, and closes its connection: what still comes would be taken for the next request. */
export function cutOff(request: FastifyRequest, reply: FastifyReply, problem: Problem): void {
  if (request.raw.complete || reply.sent) return;
  void reply.header('connection', 'close');
  reply.raw.once('finish', () => request.raw.socket.destroySoon());
  sendProblem(reply, problem);
}
