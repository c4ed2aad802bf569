import type { IncomingMessage } from 'node:http';
import type { Problem } from '@app/contracts';
import { type Admission, type Overload, Refusal } from '@app/core';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clientOfRequest } from './client-of.js';
import { LEAST_RATE } from './least-rate.js';
import { PerClient } from './per-client.js';
import { UPLOAD_ROUTE } from '../files/uploads.js';
import { hasBody } from './guard-requests.js';
import { problem, problemOf, sendProblem } from './problem.filter.js';
import { whenOver } from './when-over.js';

/** On the request itself: of each submission there is one, and entries of a weak map cost the collector more. */
const BODY = Symbol('body');
type WithBody = IncomingMessage & { [BODY]?: Body };

/** Bytes of request bodies in memory: of requests that are being read or are not answered yet. What has not come is not counted. */
@Injectable()
export class BodyBudget {
  bytes = 0;

  /** The body of a request is not kept any more, though its answer is still to come. */
  forget(raw: WithBody): void {
    raw[BODY]?.release();
  }
}

/** How often within the time after which it is judged a body is looked at: so late is the judgement at most. */
const LOOKS = 5;

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
  private lookedAt = this.begun;

  constructor(
    readonly request: FastifyRequest,
    readonly reply: FastifyReply,
    readonly client: string,
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
    const { raw } = this.request;
    return raw.complete || this.bytes >= Number(raw.headers['content-length'] ?? Infinity);
  }

  /** What is wrong with how it comes, looked at once in so many milliseconds. */
  tooSlow(now: number, everyMs: number, withinMs: number): string | undefined {
    if (now - this.lookedAt < everyMs) return undefined;
    this.lookedAt = now;
    const came = this.bytes - this.seen;
    this.seen = this.bytes;
    if (now - this.begun >= withinMs - 50) return `expected the whole body within ${withinMs / 1_000} s`;
    if (came >= LEAST_RATE.bytes || this.request.raw.readableLength > 0) return undefined;
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
  // One timer for all: most bodies are there before a timer of their own would be.
  const arriving = new Set<Body>();
  const everyMs = Math.min(LEAST_RATE.ms, withinMs);
  const look = setInterval(() => {
    const now = performance.now();
    for (const body of arriving) {
      const reason = body.whole ? undefined : body.tooSlow(now, everyMs, withinMs);
      if (body.whole || reason !== undefined) arriving.delete(body);
      if (reason !== undefined) cutOff(body.request, body.reply, problem('request_timeout', reason, body.request.url));
    }
  }, everyMs / LOOKS).unref();
  fastify.addHook('onClose', async () => clearInterval(look));

  fastify.addHook('onRequest', (request, reply, done) => {
    if (!hasBody(request) || request.is404 || request.routeOptions.url === UPLOAD_ROUTE) return done();
    const overload = admission.refusal([]);
    if (overload && !overload.storeAnswers && isSubmission(request)) {
      refused(overload.code);
      return done(overload);
    }
    const client = clientOfRequest(request.raw);
    if (ofClients.exceeds(client)) return done(tooMuch(maxOfClient));

    const body = new Body(request, reply, client, budget, ofClients);
    (request.raw as WithBody)[BODY] = body;
    arriving.add(body);
    whenOver(reply.raw, () => {
      arriving.delete(body);
      body.release();
    });
    done();
  });

  // The parser listens in the same tick, so it misses nothing.
  fastify.addHook('preParsing', (request, reply, payload, done) => {
    const body = (request.raw as WithBody)[BODY];
    if (body) {
      payload.on('data', (chunk: Buffer) => {
        body.take(chunk.length);
        if (body.whole) arriving.delete(body);
        if (body.whole || reply.sent) return;
        const overload = maxTotal > 0 && budget.bytes > maxTotal ? admission.refusal([]) : undefined;
        if (overload) refused(overload.code);
        const refusal = overload ?? (ofClients.exceeds(body.client, 0) ? tooMuch(maxOfClient) : undefined);
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
