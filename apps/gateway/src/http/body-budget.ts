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

/** A member of the request itself: each submission has one, and entries of a weak map cost the garbage collector more. */
const BODY = Symbol('body');
type WithBody = IncomingMessage & { [BODY]?: Body };

/** The bytes of request bodies in memory, of requests that are being read or are not answered yet. Only received bytes count. */
@Injectable()
export class BodyBudget {
  bytes = 0;

  /** Call it when the body of a request is no longer kept, although its answer is not sent yet. */
  forget(raw: WithBody): void {
    raw[BODY]?.release();
  }
}

/** A body is checked so many times within its time limit, so a decision is late by one such part at most. */
const LOOKS = 5;

export interface BodyRules {
  /** The limit of all bodies in this process, in bytes; 0 for no limit. */
  maxTotal: number;
  /** The limit of all bodies of one client, in bytes; 0 for no limit. */
  maxOfClient: number;
  /** How long a body may take to arrive. */
  withinMs: number;
  /** Called for each submission that is refused before it was read. */
  refused: (code: Overload['code']) => void;
}

/** One body that is being received, or is kept until its request is answered. */
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

  /** Whether the body is complete. It is in memory then, and a refusal would gain nothing. */
  get whole(): boolean {
    const { raw } = this.request;
    return raw.complete || this.bytes >= Number(raw.headers['content-length'] ?? Infinity);
  }

  /** The fault in the way it is received, checked once in so many milliseconds. */
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
 * Limits the memory of bodies. Above the budget, and while this process is overloaded, submissions are refused unread. Only received bytes
 * count, so that a client that announces much and sends little takes nothing from others. A body that comes too slowly, or exceeds the share
 * of one client, is answered and cut off. Uploads are streamed and not counted.
 */
export function budgetBodies(fastify: FastifyInstance, budget: BodyBudget, admission: Admission, rules: BodyRules): void {
  const { maxTotal, maxOfClient, withinMs, refused } = rules;
  const ofClients = new PerClient(maxOfClient);
  // One timer for all bodies: most are complete before a timer of their own would fire.
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

  // The parser begins to listen in the same tick, so it misses no bytes.
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

/** Answers a request whose body was not received, and closes its connection: further bytes of the body would be taken for the next request. */
export function cutOff(request: FastifyRequest, reply: FastifyReply, problem: Problem): void {
  if (request.raw.complete || reply.sent) return;
  void reply.header('connection', 'close');
  reply.raw.once('finish', () => request.raw.socket.destroySoon());
  sendProblem(reply, problem);
}
