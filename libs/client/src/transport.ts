import { ProblemError, UnreachableError } from './errors.js';
import { exactInteger, type ReadNumber, readJson, writeJson } from './exact-json.js';
import { LONGEST_TIMER_MS, type Backoff, pauseAfter, retryAfterMs, sleep } from './time.js';
import type { Problem } from './model.js';

/** How long a call may take. */
export interface CallOptions {
  signal?: AbortSignal;
  /** Milliseconds for the call with all its repeats; {@link TransportOptions.deadlineMs} unless given. */
  deadlineMs?: number;
}

export interface TransportOptions {
  /** Where Longhaul is; the page's own origin in a browser, http://127.0.0.1:3000 elsewhere. A path in it is kept. */
  url?: string;
  /** Sent with each request, e.g. an `authorization`; a function is asked each time, so that a token may be renewed. */
  headers?: Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>);
  /** In place of the platform's own. */
  fetch?: typeof fetch;
  /** How long a call is repeated while nothing comes of it (60 s); `result` and `events` have no end unless given one. */
  deadlineMs?: number;
  /** After which an unanswered request is given up and sent again (15 s). */
  attemptMs?: number;
  backoff?: Backoff;
  /**
   * Numbers of answers and events that a JavaScript number would not give back digit by digit: `true` for a `bigint` where they are whole
   * and beyond 2^53, or a function of what was written. Without it they are rounded, as `JSON.parse` does.
   */
  exact?: boolean | ReadNumber;
}

export interface Request {
  method: 'GET' | 'POST';
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** Told of each try. */
  onAttempt?: () => void;
  /** Milliseconds that the gateway may take on purpose (`Prefer: wait`). */
  waitMs?: number;
}

const DEFAULT_BACKOFF: Backoff = { firstMs: 200, longestMs: 10_000 };

/**
 * Requests that are sent again, unchanged, so with the same idempotency key, when there was no answer, or one that says
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

  /** Any answer but a problem; rejects with `ProblemError`, `UnreachableError`, or the signal's reason. */
  async send(request: Request, { signal, deadlineMs = this.options.deadlineMs ?? 60_000 }: CallOptions = {}): Promise<Response> {
    const until = performance.now() + deadlineMs;
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      request.onAttempt?.();
      const failure = await this.attempt(request, signal, until - performance.now());
      if (failure instanceof Response) return failure;
      if (attempt === 1 && failure instanceof UnreachableError) this.throwWhereBlocked(failure);
      signal?.throwIfAborted();
      const pause = (failure instanceof ProblemError ? failure.retryAfterMs : undefined) ?? pauseAfter(attempt, this.backoff);
      // What would come too late is not waited for.
      if (!mayPass(failure) || performance.now() + pause >= until) throw failure;
      await sleep(pause, signal);
    }
  }

  async json<Body>(request: Request, options?: CallOptions): Promise<Body> {
    return this.read(await (await this.send(request, options)).text()) as Body;
  }

  /** JSON of an answer or an event, with its numbers as the options want them. */
  read(text: string): unknown {
    return this.readNumber ? readJson(text, this.readNumber) : JSON.parse(text);
  }

  /** One try; what is wrong is returned. The answer's body is there when its headers are, unless it is a stream. */
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
   * A browser does not tell a page whether the gateway is away or keeps the page's origin out, and in the second case trying again would
   * never help. So a page of another origin whose very first request fails is told of both at once; one that was answered before is let in.
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

  /** One request, as it is: for streams. */
  async fetch({ method, path, headers, body }: Request, signal: AbortSignal): Promise<Response> {
    const { headers: own, fetch = globalThis.fetch } = this.options;
    const common = typeof own === 'function' ? await own() : own;
    const response = await fetch(this.base + path, {
      method,
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...common, ...headers },
      ...(body === undefined ? {} : { body: writeJson(body) }),
      signal,
    });
    this.wasAnswered = true;
    return response;
  }
}

/** Also of an answer that is no problem document, such as a proxy's page. */
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

/** `fetch` hides what happened behind "fetch failed". */
export function messageOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
  return (cause?.message || cause?.code || message) ?? String(error);
}

function defaultUrl(): string {
  const { location } = globalThis as { location?: { origin: string } };
  return location?.origin ?? 'http://127.0.0.1:3000';
}
