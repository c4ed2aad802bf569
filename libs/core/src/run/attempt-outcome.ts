import { describeAs, describeError, lineOf, ofThrown, printable } from '../job/error-description.js';
import { NonRetryableError, ProcessLostError, RetryableError, SnoozeError, type StopError } from '../job/errors.js';
import type { Job, JobError } from '../job/job.js';
import { isPlatformFault } from '../job/platform-fault.js';
import { type JsonText, jsonText, JsonTextError } from '../job/json-text.js';
import { LIMITS, RESULT_MAX_BYTES } from '../job/kind.js';
import { backoffDelay, type BackoffPolicy } from '../job/retry-policy.js';
import type { Settlement } from './attempt-store.js';

export type Outcome = Pick<Settlement, 'event' | 'result' | 'error' | 'delayMs' | 'interrupted' | 'stop'>;

/** A job that asks for no pause is looked at again all the time, and pays no attempt for it. */
const MIN_SNOOZE_MS = 100;
/** Whatever the kind's backoff: what is down does not come back sooner for being asked. */
const MIN_INTERRUPTION_MS = 1_000;

export interface AttemptView {
  job: Pick<Job, 'attempt' | 'maxAttempts'>;
  backoff: BackoffPolicy;
  /** The stop that was asked for while it ran, if any. */
  stop: StopError | undefined;
  random: () => number;
  resultMaxBytes?: number | undefined;
}

/** The outcome of an attempt whose handler returned. It obeyed no stop, or finished first: then it has succeeded. */
export function returned(value: unknown, view: AttemptView): Outcome {
  try {
    return { event: 'succeeded', result: jsonResult(value, view.resultMaxBytes) };
  } catch (error) {
    return threw(error, view);
  }
}

/** The outcome of an attempt whose handler threw, or did not stop when it was told to. Never throws, whatever was thrown. */
export function threw(thrown: unknown, view: AttemptView): Outcome {
  return ofThrown(thrown, (error) => outcomeOf(error, view));
}

/** Whether the handler's own process ended under it. Never throws. */
export function hasLostProcess(thrown: unknown): boolean {
  return ofThrown(thrown, (error) => error instanceof ProcessLostError);
}

function outcomeOf(error: unknown, view: AttemptView): Outcome {
  const { job, backoff, stop, random } = view;
  if (stop?.reason === 'drain') return { event: 'interrupted' };
  if (stop?.reason === 'cancel') return { event: 'cancelled' };
  if (stop?.reason === 'timeout') return retryOrFail(stop, 'timeout');
  const { asked, refusal } = askedDelay(error);
  if (refusal) return { event: 'failed', error: jobError(refusal, refusal.code, job.attempt) };
  if (error instanceof SnoozeError) return { event: 'snoozed', delayMs: Math.max(MIN_SNOOZE_MS, asked) };
  if (error instanceof NonRetryableError) return { event: 'failed', error: jobError(error, error.code, job.attempt) };
  if (isPlatformFault(error) && !(error instanceof RetryableError)) return interrupted(error, backoff, view);
  return retryOrFail(error, error instanceof ProcessLostError ? error.code : 'handler_error');

  function retryOrFail(cause: unknown, code: string): Outcome {
    const described = jobError(cause, code, job.attempt);
    if (job.attempt >= job.maxAttempts) return { event: 'failed', error: described };
    const delayMs = cause instanceof RetryableError ? asked : backoffDelay(backoff, job.attempt, random());
    return { event: 'retried', error: described, delayMs };
  }
}

/** The outcome of an attempt that the platform has ended: not charged, and run again after a pause. */
export function interrupted(cause: unknown, backoff: BackoffPolicy | undefined, { job, random }: Pick<AttemptView, 'job' | 'random'>): Outcome {
  const delayMs = Math.max(MIN_INTERRUPTION_MS, backoff ? backoffDelay(backoff, job.attempt, random()) : 0);
  return { event: 'snoozed', interrupted: true, error: jobError(cause, 'platform_unavailable', job.attempt), delayMs };
}

/**
 * The delay that a handler's own error asks for. One that is no length of time fails the attempt for good: taken as none it
 * would be a loop without a pause, and the same line of code would ask for it again.
 */
export function askedDelay(error: unknown): { asked: number; refusal?: NonRetryableError } {
  if (!(error instanceof SnoozeError || error instanceof RetryableError)) return { asked: 0 };
  // A handler in plain JavaScript may have put anything there.
  const afterMs: unknown = error.afterMs;
  if (typeof afterMs === 'number' && afterMs >= 0 && afterMs <= LIMITS.delayMs) return { asked: Math.round(afterMs) };
  const name = error instanceof SnoozeError ? 'SnoozeError' : 'RetryableError';
  const said = error instanceof RetryableError ? `; its message: ${lineOf(error.message, 500)}` : '';
  const text = `expected the afterMs of a ${name} to be milliseconds from 0 to ${LIMITS.delayMs} (ten years), got: ${lineOf(afterMs, 100)}${said}`;
  const refusal = new NonRetryableError(text, { code: 'invalid_delay' });
  // The line that asked is the one to mend.
  return { asked: 0, refusal: describeAs(refusal, { ...describeError(error), name: refusal.name, message: refusal.message }) };
}

/** What the store keeps of an error: bounded, printable, without what a database refuses. Never throws, whatever was thrown. */
export function jobError(error: unknown, code: string, attempt: number): JobError {
  const { name, message, stack, cause, errors } = describeError(error);
  return {
    code: printable(() => code, 100),
    name,
    message,
    attempt,
    at: new Date().toISOString(),
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined ? {} : { cause }),
    ...(errors === undefined ? {} : { errors }),
  };
}

/** A handler's result as the text that is stored; what JSON cannot hold without loss throws a `NonRetryableError`. */
export function jsonResult(value: unknown, maxBytes = RESULT_MAX_BYTES): JsonText {
  return storedText('the result', () => jsonText(value, { maxBytes }));
}

/** The same for the result of a step, which comes back to the handler. */
export function stepResult(name: string, value: unknown, maxBytes = RESULT_MAX_BYTES): JsonText {
  return storedText(`the result of step ${JSON.stringify(name)}`, () => jsonText(value, { maxBytes, comesBack: true }));
}

function storedText(what: string, write: () => JsonText): JsonText {
  try {
    return write();
  } catch (cause) {
    if (cause instanceof JsonTextError && cause.tooLarge) {
      const advice = 'store it as a file with job.files (inject Files) and return the id';
      throw new NonRetryableError(`${what} ${cause.detail}: ${advice}`, { cause, code: 'result_too_large' });
    }
    const fault = cause instanceof JsonTextError ? `${cause.pointer || 'the value'} ${cause.detail}` : lineOf(cause, 500);
    throw new NonRetryableError(`${what} cannot be stored: ${fault}`, { cause, code: 'result_not_json' });
  }
}
