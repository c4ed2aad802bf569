import { NonRetryableError, ProcessLostError, RetryableError, SnoozeError, type StopError } from '../job/errors.js';
import type { Job, JobError } from '../job/job.js';
import { type JsonText, jsonText } from '../job/json-text.js';
import { LIMITS } from '../job/kind.js';
import { backoffDelay, type BackoffPolicy } from '../job/retry-policy.js';
import type { Settlement } from '../ports/job-store.js';

export type Outcome = Pick<Settlement, 'event' | 'result' | 'error' | 'delayMs'>;

export interface AttemptView {
  job: Pick<Job, 'attempt' | 'maxAttempts'>;
  backoff: BackoffPolicy;
  /** The stop that was asked for while it ran, if any. */
  stop: StopError | undefined;
  random: () => number;
}

/** The outcome of an attempt whose handler returned. It obeyed no stop, or finished first: then it has succeeded. */
export function returned(value: unknown, view: AttemptView): Outcome {
  try {
    return { event: 'succeeded', result: jsonResult(value) };
  } catch (error) {
    return threw(error, view);
  }
}

/** The outcome of an attempt whose handler threw, or did not stop when it was told to. */
export function threw(error: unknown, view: AttemptView): Outcome {
  const { job, backoff, stop, random } = view;
  if (stop?.reason === 'drain') return { event: 'interrupted' };
  if (stop?.reason === 'cancel') return { event: 'cancelled' };
  if (stop?.reason === 'timeout') return retryOrFail(stop, 'timeout');
  if (error instanceof SnoozeError) return { event: 'snoozed', delayMs: storable(error.afterMs) };
  if (error instanceof NonRetryableError) return { event: 'failed', error: jobError(error, error.code, job.attempt) };
  return retryOrFail(error, error instanceof ProcessLostError ? error.code : 'handler_error');

  function retryOrFail(cause: unknown, code: string): Outcome {
    const described = jobError(cause, code, job.attempt);
    if (job.attempt >= job.maxAttempts) return { event: 'failed', error: described };
    const delayMs = cause instanceof RetryableError ? storable(cause.afterMs) : backoffDelay(backoff, job.attempt, random());
    return { event: 'retried', error: described, delayMs };
  }
}

/** A handler's own delay as a database can take it; one that is no number counts as none, so that it cannot keep the attempt from settling. */
function storable(delayMs: number): number {
  return Math.round(Math.min(Math.max(0, delayMs), LIMITS.delayMs)) || 0;
}

/** What the store keeps of an error: bounded, printable, without what a database refuses. Never throws, whatever was thrown. */
export function jobError(error: unknown, code: string, attempt: number): JobError {
  const isError = error instanceof Error;
  const stack = isError ? printable(() => error.stack ?? '', 4_000) : '';
  return {
    code: printable(() => code, 100),
    name: printable(() => (isError ? error.name : typeof error), 200),
    message: printable(() => (isError ? error.message : error), 2_000),
    attempt,
    at: new Date().toISOString(),
    ...(stack === '' ? {} : { stack }),
  };
}

function printable(read: () => unknown, length: number): string {
  let text: string;
  try {
    text = String(read());
  } catch {
    // An object without a prototype, or a getter that throws.
    text = 'something that cannot be printed';
  }
  return text.slice(0, length).toWellFormed().replaceAll('\u0000', '\ufffd');
}

/** A handler's result as the text that is stored; what JSON cannot hold without loss throws a `NonRetryableError`. */
export function jsonResult(value: unknown): JsonText {
  try {
    return jsonText(value);
  } catch (cause) {
    throw new NonRetryableError(`the result cannot be stored: ${String(cause)}`, { cause, code: 'result_not_json' });
  }
}
