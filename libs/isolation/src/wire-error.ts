import {
  askedDelay,
  describeAs,
  isPlatformFault,
  type JobError,
  jobError,
  LeaseLostError,
  markPlatformFault,
  NonRetryableError,
  ofThrown,
  RefusedSettlementError,
  RetryableError,
  SnoozeError,
} from '@app/core';

/** A thrown value on its way between processes: its meaning to Longhaul, and the fields that the store keeps. */
export interface WireError extends JobError {
  meaning: 'error' | 'non_retryable' | 'retryable' | 'snooze' | 'lease_lost' | 'platform' | 'refused';
  afterMs: number;
}

/** Describes a thrown value. Never throws, whatever the value is. */
export function toWire(thrown: unknown): WireError {
  return ofThrown(thrown, wireOf);
}

function wireOf(thrown: unknown): WireError {
  const error = askedDelay(thrown).refusal ?? thrown;
  const code = error instanceof NonRetryableError ? error.code : 'handler_error';
  return { ...jobError(error, code, 0), meaning: meaningOf(error), afterMs: delayOf(error) };
}

function meaningOf(error: unknown): WireError['meaning'] {
  if (error instanceof NonRetryableError) return 'non_retryable';
  if (error instanceof RetryableError) return 'retryable';
  if (error instanceof SnoozeError) return 'snooze';
  if (error instanceof LeaseLostError) return 'lease_lost';
  if (error instanceof RefusedSettlementError) return 'refused';
  return isPlatformFault(error) ? 'platform' : 'error';
}

function delayOf(error: unknown): number {
  return error instanceof RetryableError || error instanceof SnoozeError ? error.afterMs : 0;
}

/** An error of the same class with the same description. These decide the outcome of the attempt. */
export function fromWire({ meaning, code, name, message, stack, cause, errors, afterMs }: WireError): Error {
  const error = describeAs(revived(), { name, message, ...(stack && { stack }), ...(cause && { cause }), ...(errors && { errors }) });
  // A handler may give its errors any name, and the name is stored.
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  error.stack = stack ?? '';
  if (meaning === 'platform') markPlatformFault(error);
  return error;

  function revived(): Error {
    switch (meaning) {
      case 'non_retryable':
        return new NonRetryableError(message, { code });
      case 'retryable':
        return new RetryableError(message, afterMs);
      case 'snooze':
        return new SnoozeError(afterMs);
      case 'lease_lost':
        return new LeaseLostError(message);
      case 'refused':
        return new RefusedSettlementError(message);
      case 'platform':
      case 'error':
        return new Error(message);
    }
  }
}
