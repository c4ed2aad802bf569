import type { ProblemCode } from '@app/contracts';
import type { Admission, Overload } from '@app/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UPLOAD_ROUTE } from '../files/uploads.js';
import { problem, sendProblem } from '../http/problem.filter.js';
import { whenOver } from '../http/when-over.js';

/** Bytes of request bodies in memory: being read, or of requests that are not answered yet. */
export class BodyBudget {
  bytes = 0;

  /** Counts `bytes` until the function is called. */
  take(bytes: number): () => void {
    this.bytes += bytes;
    return () => void (this.bytes -= bytes);
  }
}

export interface BodyRules {
  /** Of one body, in bytes; what a body without a length is counted as until it is there. */
  maxBytes: number;
  /** How long a body may take to arrive. */
  withinMs: number;
  /** Told of each submission that is refused unread. */
  refused: (overload: Overload) => void;
}

/**
 * Bounds what bodies take of the memory, before one of their bytes is read: beyond the budget, and while this very process
 * has more than it can do, a submission is refused unread. A body that does not arrive in time is answered 408 and cut off.
 * Uploads are streamed and not counted.
 */
export function budgetBodies(fastify: FastifyInstance, budget: BodyBudget, admission: Admission, { maxBytes, withinMs, refused }: BodyRules): void {
  fastify.addHook('onRequest', async (request, reply) => {
    const length = request.headers['content-length'];
    const hasBody = request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
    if (!hasBody || request.is404 || request.routeOptions.url === UPLOAD_ROUTE) return;
    const overload = admission.refusal([]);
    if (overload && !overload.storeAnswers && isSubmission(request)) {
      refused(overload);
      throw overload;
    }

    const release = budget.take(Math.min(length === undefined ? maxBytes : Number(length), maxBytes));
    const slow = setTimeout(() => refuseSlow(request, reply, withinMs), withinMs);
    request.raw.once('close', () => clearTimeout(slow));
    whenOver(reply.raw, () => {
      clearTimeout(slow);
      release();
    });
  });
}

function isSubmission({ method, routeOptions }: FastifyRequest): boolean {
  return method === 'POST' && (routeOptions.url === '/jobs' || routeOptions.url === '/jobs/batch');
}

function refuseSlow(request: FastifyRequest, reply: FastifyReply, withinMs: number): void {
  if (request.raw.complete || reply.sent) return;
  const code: ProblemCode = 'request_timeout';
  void reply.header('connection', 'close');
  reply.raw.once('finish', () => request.raw.socket.destroySoon());
  sendProblem(reply, problem(code, `expected the whole body within ${withinMs / 1_000} s`, request.url));
}
