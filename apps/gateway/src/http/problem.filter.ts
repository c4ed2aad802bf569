import { type Problem, type ProblemCode, PROBLEMS, problemType } from '@app/contracts';
import { type Fault, type Logger, Overload, publicPath, QuotaExceeded, Refusal } from '@app/core';
import { JsonBody, Redaction } from '@app/host';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { meaningOf } from './library-errors.js';
import { RateExceeded } from './rate-exceeded.js';

const TELL_MS = 1_000;

/** Answers every error over HTTP as RFC 9457 `application/problem+json`. No other place gives an error its status. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private toldAt = -Infinity;
  private untold = 0;

  constructor(
    private readonly logger: Logger,
    private readonly redaction = new Redaction(),
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const problem = problemOf(error, http.getRequest<FastifyRequest>().url);
    if (problem.status >= 500 && !this.isTold(error, problem)) {
      holdBody(this.redaction, http.getRequest<FastifyRequest>());
      this.logger[[503, 507].includes(problem.status) ? 'warn' : 'error'](
        { err: causeOf(error), instance: problem.instance, more: this.untold },
        problem.detail,
      );
      this.untold = 0;
    }
    // A request that came too slowly has been answered and cut off.
    if (!http.getResponse<FastifyReply>().sent) sendProblem(http.getResponse<FastifyReply>(), problem);
  }

  /** While the database is away each request fails for the same reason: once a second is enough. An overload is told by admission. */
  private isTold(error: unknown, { status }: Problem): boolean {
    if (error instanceof Overload) return true;
    if (status !== 503) return false;
    const told = performance.now() - this.toldAt < TELL_MS;
    if (told) this.untold++;
    else this.toldAt = performance.now();
    return told;
  }
}

/** Keeps what `LOG_REDACT` names out of the line: the error may quote it. */
function holdBody(redaction: Redaction, { body, headers }: FastifyRequest): void {
  if (!redaction.active) return;
  const sent = (body instanceof JsonBody ? body.value : body) as { jobs?: unknown } | null | undefined;
  for (const entry of Array.isArray(sent?.jobs) ? (sent.jobs as unknown[]) : [sent]) {
    const { payload, options, idempotencyKey = headers['idempotency-key'] } = (entry ?? {}) as Record<string, unknown>;
    redaction.hold({ payload, headers, tags: (options as { tags?: unknown } | undefined)?.tags, idempotencyKey })();
  }
}

export function sendProblem(reply: FastifyReply, problem: Problem): void {
  // Otherwise the unread body would be taken for the next request on this connection.
  if (problem.status === 413) void reply.header('connection', 'close');
  if (retryAfter(problem) !== undefined) void reply.header('retry-after', String(retryAfter(problem)));
  if (problem.type === OF_QUOTA && problem.exceeded) tellQuota(reply, problem.exceeded);
  void reply.code(problem.status).header('content-type', 'application/problem+json').send(problem);
}

export function problemOf(error: unknown, instance: string): Problem {
  if (error instanceof Overload || error instanceof RateExceeded) return { ...problem(error.code, error.message, instance), exceeded: error.exceeded };
  if (error instanceof QuotaExceeded) return { ...problem(error.code, error.message, instance, error.faults), exceeded: error.exceeded };
  if (error instanceof Refusal) return problem(error.code, error.message, instance, error.faults);
  const meaning = meaningOf(error);
  if (meaning) return problem(meaning.code, meaning.detail, instance);
  if (isUnavailable(error)) return problem('unavailable', 'the database does not answer now; try again', instance);
  return problem('internal', 'the request failed for a reason that is in the log', instance);
}

const OF_QUOTA = problemType('quota_exceeded');

/** Beside the limit on requests, where there is one: both headers are lists. */
function tellQuota(reply: FastifyReply, { signal, measured, limit, retryAfterSeconds }: NonNullable<Problem['exceeded']>): void {
  const add = (name: string, item: string) => {
    const before = reply.getHeader(name);
    void reply.header(name, typeof before === 'string' ? `${before}, ${item}` : item);
  };
  add('ratelimit-policy', `"${signal}";q=${limit}`);
  add('ratelimit', `"${signal}";r=${Math.max(0, limit - measured)};t=${retryAfterSeconds}`);
}

const BEING_STORED = problemType('submit_in_progress');

/** Seconds to wait before the next try, for a request that may succeed later. */
function retryAfter({ type, status, exceeded }: Problem): number | undefined {
  if (exceeded) return exceeded.retryAfterSeconds;
  return status === 503 || status === 429 || type === BEING_STORED ? 1 : undefined;
}

/** Logs the cause of a refusal, which the caller does not see. */
function causeOf(error: unknown): unknown {
  return error instanceof Refusal && error.cause !== undefined ? error.cause : error;
}

/** One more than is looked for: the last says how many there are beside. */
const MOST_FAULTS = 51;
const LONGEST_POINTER = 500;
const LONGEST_DETAIL = 2_000;

/** Cuts the caller's own text in an answer to a limited length. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}

export function problem(code: ProblemCode, detail: string, instance: string, faults: Fault[] = []): Problem {
  const told = faults
    .slice(0, MOST_FAULTS)
    .map((fault) => ({ ...fault, pointer: cut(fault.pointer, LONGEST_POINTER), detail: cut(fault.detail, LONGEST_DETAIL) }));
  const where = publicPath(cut(instance, LONGEST_DETAIL));
  return { type: problemType(code), ...PROBLEMS[code], detail: cut(detail, LONGEST_DETAIL), instance: where, ...(told.length > 0 ? { errors: told } : {}) };
}

/** Whether node-postgres reports that the server is away, restarting, read-only, or out of connections or time. */
function isUnavailable(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && /^(08|53|57|25006|55P03|40)/.test(code)) return true;
  if (typeof code === 'string' && /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH)/.test(code)) return true;
  return (
    typeof message === 'string' &&
    /connection (terminated|timeout|error)|timeout exceeded when trying to connect|Query read timeout|Client has encountered/i.test(message)
  );
}
