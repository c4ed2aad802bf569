import type { Overload } from './admission-decision.js';

/** Decides whether more work may be accepted; asked for each submission, so it answers from memory. */
export interface AdmissionGate {
  /** Why work for these queues is refused now; undefined when it is not. */
  refusal(queues: readonly string[]): Overload | undefined;
  /** Jobs for these queues, one entry each, are on their way to the store until the returned function is called. */
  enter(queues: readonly string[]): () => void;
  /** A job was stored. */
  accepted(queue: string): void;
}

/** Admits everything. */
export const openGate: AdmissionGate = { refusal: () => undefined, enter: () => () => undefined, accepted: () => undefined };
