import type { Fault } from './errors.js';
import type { JsonText } from './json-text.js';
import type { JsonValue } from './job.js';
import type { KindPolicy } from './kind.js';

/** The kinds that this process knows. */
export interface Kinds {
  names(): string[];
  policy(kind: string): KindPolicy | undefined;
  /** What is wrong with a payload of a known kind, which stands in `text`; empty when it is valid. */
  validate(kind: string, payload: JsonValue, text: JsonText): Promise<Fault[]> | Fault[];
}
