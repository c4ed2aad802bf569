import { ProblemError, UnreachableError } from './errors.js';
import { exactInteger, type ReadNumber, readJson, writeJson } from './exact-json.js';
import { LONGEST_TIMER_MS, type Backoff, pauseAfter, retryAfterMs, sleep } from './time.js';
import type { Problem } from './model.js';

/** Limits of one call. */
export interface CallOptions {
  signal?: AbortSignal;
  /** Milliseconds for the call with all its repeats; {@link TransportOptions.deadlineMs} unless given. */
  deadlineMs?: number;
}

export interface TransportOptions {
  /** The gateway's URL, with or without a path. Default: the page's own origin in a browser, http://127.0.0.1:3000 elsewhere. */
  url?: string;
  /** Headers of each request, e.g. `authorization`. A function is called for each request, so that a token may be renewed. */
  headers?: Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>);
  /** Used in place of the platform's `fetch`. */
  fetch?: typeof fetch;
  /** How long a call is repeated while it gets no final answer (60 s). `result` and `events` have no limit unless this gives one. */
  deadlineMs?: number;
  /** Milliseconds after which a request without an answer is sent again (15 s). */
  attemptMs?: number;
  backoff?: Backoff;
  /**
   * How to read numbers of answers and events that a JavaScript number cannot hold exactly: `true` makes a `bigint` of whole numbers
   * beyond 2^53, a function gets the digits as text and returns the value. Without it they are rounded, as by `JSON.parse`.
   */
  exact?: boolean | ReadNumber;
}

export interface Request {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** Called before each try. */
  onAttempt?: () => void;
  /** Milliseconds for which the request asks the gateway to wait (`Prefer: wait`). */
  waitMs?: number;
}

const DEFAULT_BACKOFF: Backoff = { firstMs: 200, longestMs: 10_000 };

/**
 * Sends requests, and repeats them unchanged (so with the same idempotency key) after no answer or an answer that says
 * "not now": 408, 429, 502, 503, 504, and 409 while the same key is being stored. The pause is what `Retry-After` says, else it grows.
 */
export class Transport {
  readonly base: string;
  readonly backoff: Backoff;
  private wasAnswered = false;
  private readonly readNumber: ReadNumber | undefined;

  constructor(private readonly options: TransportOptions) {
    this.base = (options.url ?? defaultUrl()).replace(/\/+$/, '');
    this.backoff = options.backoff ?? DEFAULT_BACKOFF;
    this.readNumber = options.exact === true ? exactInteger : options.exact || undefined;
  }

  /** Resolves with an answer that is not a problem. Rejects with `ProblemError`, `UnreachableError`, or the signal's reason. */
  async send(request: Request, { signal, deadlineMs = this.options.deadlineMs ?? 60_000 }: CallOptions = {}): Promise<Response> {
    const until = performance.now() + deadlineMs;
    // What can never be sent throws here, and is no request that was not answered.
    new Headers(request.headers);
    const sent = request.body === undefined ? request : { ...request, body: writeJson(request.body) };
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      request.onAttempt?.();
      const failure = await this.attempt(sent, signal, until - performance.now());
      if (failure instanceof Response) return failure;
      if (attempt === 1 && failure instanceof UnreachableError) this.throwWhereBlocked(failure);
      signal?.throwIfAborted();
      const pause = (failure instanceof ProblemError ? failure.retryAfterMs : undefined) ?? pauseAfter(attempt, this.backoff);
      // A try that would come after the deadline is not made.
      if (!mayPass(failure) || performance.now() + pause >= until) throw failure;
      await sleep(pause, signal);
    }
  }

  async json<Body>(request: Request, options?: CallOptions): Promise<Body> {
    return this.read(await (await this.send(request, options)).text()) as Body;
  }

  /** Reads the JSON of an answer or an event, with numbers as the option `exact` says. */
  read(text: string): unknown {
    return this.readNumber ? readJson(text, this.readNumber) : JSON.parse(text);
  }

  /** Makes one try, and returns its error instead of throwing it. The body of an answer is read as well, unless it is a stream. */
  private async attempt(request: Request, signal: AbortSignal | undefined, leftMs: number): Promise<Response | ProblemError | UnreachableError> {
    const limit = Math.min(leftMs, (this.options.attemptMs ?? 15_000) + (request.waitMs ?? 0));
    const timeout = AbortSignal.timeout(Math.min(Math.max(1, Math.ceil(limit)), LONGEST_TIMER_MS));
    try {
      const response = await this.fetch(request, signal ? AbortSignal.any([signal, timeout]) : timeout);
      const body = await response.text();
      return response.ok ? new Response(body === '' ? null : body, { status: response.status, headers: response.headers }) : problemOf(response, body);
    } catch (cause) {
      const why = timeout.aborted ? `no answer within ${Math.round(limit)} ms` : messageOf(cause);
      return new UnreachableError(`expected an answer to ${request.method} ${this.base}${request.path}, got none: ${why}`, { cause });
    }
  }

  /**
   * A browser does not tell a page whether the gateway is away or refuses the page's origin, and in the second case no further try would
   * help. So when the first request of a page of another origin fails, the error names both causes. A page that had an answer before is allowed.
   */
  throwWhereBlocked({ cause }: Error): void {
    const { location } = globalThis as { location?: { origin: string } };
    if (this.wasAnswered || !location || new URL(this.base, location.origin).origin === location.origin || !(cause instanceof TypeError)) return;
    throw new UnreachableError(
      `expected an answer of ${this.base} to a page of ${location.origin}, got: ${messageOf(cause)}; the gateway is away, or keeps that origin out: ` +
        `add ${location.origin} to its CORS_ORIGINS`,
      { cause, mayPass: false },
    );
  }

  /** Sends one request without repeats: for streams. A body is text already. */
  async fetch({ method, path, headers, body }: Request, signal: AbortSignal): Promise<Response> {
    const { headers: own, fetch = globalThis.fetch } = this.options;
    const common = typeof own === 'function' ? await own() : own;
    // A name may be written in any case: as members of one object, `Content-Type` and `content-type` would be sent as two values of one header.
    const all = new Headers();
    const json = 'application/json';
    for (const [name, value] of Object.entries({ accept: json, ...(body === undefined ? {} : { 'content-type': json }), ...common, ...headers }))
      all.set(name, value);
    const response = await fetch(this.base + path, { method, headers: all, body: (body as string | undefined) ?? null, signal });
    this.wasAnswered = true;
    return response;
  }
}

/** Also reads an answer that is no problem document, such as a proxy's error page. */
export function problemOf(response: Response, body: string): ProblemError {
  const problem = parsed(body);
  return new ProblemError(
    {
      ...problem,
      type: problem.type ?? 'about:blank',
      title: problem.title ?? (response.statusText || `HTTP ${response.status}`),
      status: response.status,
      detail: problem.detail ?? '',
      instance: problem.instance ?? '',
    },
    retryAfterMs(response.headers.get('retry-after')),
  );
}

function parsed(body: string): Partial<Problem> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function mayPass(failure: ProblemError | UnreachableError): boolean {
  if (failure instanceof UnreachableError) return failure.mayPass;
  return [408, 429, 502, 503, 504].includes(failure.status) || failure.code === 'submit-in-progress';
}

/** The message of the cause, where there is one: `fetch` itself only says "fetch failed". */
export function messageOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
  return (cause?.message || cause?.code || message) ?? String(error);
}

function defaultUrl(): string {
  const { location } = globalThis as { location?: { origin: string } };
  return location?.origin ?? 'http://127.0.0.1:3000';
}
