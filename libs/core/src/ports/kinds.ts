import type { Fault } from '../job/errors.js';
import type { JobContext } from '../job/job-context.js';
import type { JsonValue } from '../job/job.js';
import type { KindPolicy } from '../job/kind.js';

/** The kinds that this process knows. */
export interface Kinds {
  names(): string[];
  policy(kind: string): KindPolicy | undefined;
  /** What is wrong with a payload of a known kind; empty when it is valid. */
  validate(kind: string, payload: JsonValue): Promise<Fault[]> | Fault[];
}

/** The kinds that this process can run. */
export interface Handlers<Transaction = unknown> extends Kinds {
  /** Runs a handler with a validated payload; throws what the handler throws, `NonRetryableError` for an invalid payload. */
  run(kind: string, payload: JsonValue, context: JobContext<Transaction>): Promise<JsonValue>;
}
