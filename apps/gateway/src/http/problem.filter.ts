import { type Problem, type ProblemCode, PROBLEMS, problemType } from '@app/contracts';
import { type Fault, type Logger, Refusal } from '@app/core';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

const CODE_OF_STATUS: Record<number, ProblemCode> = {
  400: 'malformed_request',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'state_forbids',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  422: 'invalid_payload',
  503: 'unavailable',
};

/** Every error of the HTTP door as RFC 9457 `application/problem+json`; the only place where an error gets its status. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const problem = problemOf(error, http.getRequest<FastifyRequest>().url);
    if (problem.status >= 500) this.logger[problem.status === 503 ? 'warn' : 'error']({ err: causeOf(error), instance: problem.instance }, problem.detail);
    sendProblem(http.getResponse<FastifyReply>(), problem);
  }
}

export function sendProblem(reply: FastifyReply, problem: Problem): void {
  // A body that was refused unread would otherwise be taken for the next request on this connection.
  if (problem.status === 413) void reply.header('connection', 'close');
  if (problem.status === 503 || problem.status === 409) void reply.header('retry-after', '1');
  void reply.code(problem.status).header('content-type', 'application/problem+json').send(problem);
}

export function problemOf(error: unknown, instance: string): Problem {
  if (error instanceof Refusal) return problem(error.code, PROBLEMS[error.code].status, error.message, instance, error.faults);
  const status = statusOf(error);
  if (status !== undefined && status < 500) {
    return problem(CODE_OF_STATUS[status] ?? 'malformed_request', status, (error as Error).message, instance);
  }
  if (isUnavailable(error)) return problem('unavailable', 503, 'the database does not answer now; try again', instance);
  return problem('internal', 500, 'the request failed for a reason that is in the log', instance);
}

/** A refusal speaks to the caller; what it stands for is for the log. */
function causeOf(error: unknown): unknown {
  return error instanceof Refusal && error.cause !== undefined ? error.cause : error;
}

function problem(code: ProblemCode, status: number, detail: string, instance: string, faults: Fault[] = []): Problem {
  return { type: problemType(code), title: PROBLEMS[code].title, status, detail, instance, ...(faults.length > 0 ? { errors: faults } : {}) };
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** What node-postgres throws when the server is away, restarting, read-only, or out of connections or time. */
function isUnavailable(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && /^(08|53|57|25006|55P03|40)/.test(code)) return true;
  if (typeof code === 'string' && /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH)/.test(code)) return true;
  return typeof message === 'string' && /connection (terminated|timeout|error)|timeout exceeded when trying to connect|Client has encountered/i.test(message);
}
