/** Throw it from a handler: this job will never succeed, so do not try again. It ends as `failed` and as a dead letter. */
export class NonRetryableError extends Error {
  readonly code: string;

  constructor(message: string, options?: ErrorOptions & { code?: string }) {
    super(message, options);
    this.name = 'NonRetryableError';
    this.code = options?.code ?? 'non_retryable';
  }
}

/** Throw it from a handler: try again, but not before `afterMs` milliseconds, e.g. what a `Retry-After` asked for. Costs an attempt. */
export class RetryableError extends Error {
  constructor(
    message: string,
    readonly afterMs: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'RetryableError';
  }
}

/** Throw it from a handler: not now, come back in `afterMs` milliseconds. Costs no attempt. */
export class SnoozeError extends Error {
  constructor(readonly afterMs: number) {
    super(`snoozed for ${afterMs} ms`);
    this.name = 'SnoozeError';
  }
}

/** The child process of an isolated attempt ended under it: a failed attempt, retried by the kind's policy. */
export class ProcessLostError extends Error {
  constructor(
    readonly code: 'process_lost' | 'out_of_memory',
    message: string,
  ) {
    super(message);
    this.name = 'ProcessLostError';
  }
}

/** The store refuses what an attempt is to be settled with, for its data, within the handler's transaction: it will never take it. */
export class RefusedSettlementError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RefusedSettlementError';
  }
}

/** The attempt's lease went to another worker: nothing that it still writes through Longhaul will be kept. */
export class LeaseLostError extends Error {
  readonly code = 'lease_lost';

  constructor(jobId: string) {
    super(`the lease of job ${jobId} was lost: another worker may be running it`);
    this.name = 'LeaseLostError';
  }
}

/** Thrown where code asks for a transition that the lifecycle's table does not have: always a bug of the caller. */
export class IllegalTransitionError extends Error {
  constructor(state: string, event: string) {
    super(`expected an event that a ${state} job allows, got: ${event}`);
    this.name = 'IllegalTransitionError';
  }
}

export type StopReason = 'cancel' | 'timeout' | 'lease_lost' | 'drain';

/** The `reason` of a job's `signal`: says why the attempt should stop. */
export class StopError extends Error {
  constructor(
    readonly reason: StopReason,
    message: string,
    /** How long the handler has to obey, in milliseconds; as long as usual where it is left out. */
    readonly graceMs?: number,
  ) {
    super(message);
    this.name = 'StopError';
  }
}

/** One fault of a request, with an RFC 6901 JSON pointer to its place. */
export interface Fault {
  pointer: string;
  detail: string;
}

/** Ends the detail of a fault: the value that came, which nobody has checked. */
export function got(value: unknown): string {
  return `, got: ${((JSON.stringify(value) as string | undefined) ?? typeof value).slice(0, 100)}`;
}

export type RefusalCode =
  | 'malformed_request'
  | 'reason_required'
  | 'unauthenticated'
  | 'insufficient_scope'
  | 'invalid_payload'
  | 'unknown_kind'
  | 'unknown_queue'
  | 'reply_to_refused'
  | 'bad_idempotency_key'
  | 'idempotency_key_reused'
  | 'submit_in_progress'
  | 'not_found'
  | 'state_forbids'
  | 'too_many_queues'
  | 'too_many_endpoints'
  | 'too_many_schedules'
  | 'never_fires'
  | 'not_searchable'
  | 'revision_mismatch'
  | 'insufficient_storage'
  | 'overloaded'
  | 'queue_full'
  | 'rate_limited'
  | 'too_many_of_client'
  | 'quota_exceeded'
  | 'unavailable';

/**
 * A request that is understood and refused. The code decides what each door answers: an HTTP status in the
 * gateway's problem filter, a dead letter at the AMQP intake.
 */
export class Refusal extends Error {
  /** Bounded in number and in length: an answer must not grow with what is wrong. */
  readonly faults: Fault[];

  constructor(
    readonly code: RefusalCode,
    message: string,
    faults: Fault[] = [],
  ) {
    super(message);
    this.name = 'Refusal';
    this.faults = bounded(faults);
  }
}

const MOST_FAULTS = 50;
const LONGEST_TEXT = 500;

function bounded(faults: Fault[]): Fault[] {
  const told = faults.slice(0, MOST_FAULTS).map(({ pointer, detail }) => ({ pointer: cut(pointer), detail: cut(detail) }));
  const more = faults.length - told.length;
  return more > 0 ? [...told, { pointer: '', detail: `and ${more} more faults` }] : told;
}

function cut(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}
