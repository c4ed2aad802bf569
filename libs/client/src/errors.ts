import type { JobErrorView, JobView, Problem, TerminalState } from './model.js';

/** The gateway has refused a request, with a reason. An error page of a proxy in front of it becomes one too, with the type `about:blank`. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly errors: { pointer: string; detail: string }[];
  readonly exceeded: Problem['exceeded'] | undefined;

  constructor(
    problem: Problem,
    /** Milliseconds to wait before the next try, where the gateway has named a time. */
    readonly retryAfterMs?: number,
  ) {
    super(problem.detail === '' ? problem.title : problem.detail);
    this.type = problem.type;
    this.title = problem.title;
    this.status = problem.status;
    this.detail = problem.detail;
    this.instance = problem.instance;
    this.errors = problem.errors ?? [];
    this.exceeded = problem.exceeded;
  }

  /** The last part of the type, e.g. `unknown-kind` of `/problems/unknown-kind`, for programs to switch on. */
  get code(): string {
    return this.type.slice(this.type.lastIndexOf('/') + 1);
  }
}

/** The job has ended without a result. */
export class JobFailedError extends Error {
  override readonly name = 'JobFailedError';
  readonly state: Exclude<TerminalState, 'succeeded'>;
  /** Machine-readable: `handler_error`, `timeout`, `cancelled`, … */
  readonly code: string;

  constructor(readonly job: JobView & { error: JobErrorView | null }) {
    const reason = job.error ? `: ${job.error.message}` : '';
    super(
      `job ${job.id} (${job.kind}) was ${job.state === 'cancelled' ? 'cancelled' : 'given up'} after ${job.attempt} of ${job.maxAttempts} attempts${reason}`,
    );
    this.state = job.state === 'cancelled' ? 'cancelled' : 'failed';
    this.code = job.error?.code ?? this.state;
  }
}

/** No try was answered in time. The request may have been carried out all the same: sending it with the same idempotency key finds out. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  /** Whether another try may succeed. False where the browser blocks this page's origin: only the gateway's CORS_ORIGINS changes that. */
  readonly mayPass: boolean;

  constructor(message: string, { mayPass = true, ...options }: ErrorOptions & { mayPass?: boolean } = {}) {
    super(message, options);
    this.mayPass = mayPass;
  }
}
