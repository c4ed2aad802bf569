import type { Fault, SubmitOptions } from '@app/core';

/** Checks how a caller wants to be told of an outcome. The library that sends notifications provides it. */
export abstract class TellingRules {
  abstract check(options: SubmitOptions): Fault[];
}
