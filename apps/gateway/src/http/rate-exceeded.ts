import type { Problem } from '@app/contracts';
import { Refusal } from '@app/core';

/** More came than may come in a time. Nothing was done. */
export class RateExceeded extends Refusal {
  readonly exceeded: NonNullable<Problem['exceeded']>;

  /** `signal`: the name of the limit for programs. `expected`: the limit in words, with its variable. */
  constructor(signal: string, limit: number, expected: string, retryAfterSeconds: number) {
    super('rate_limited', `expected at most ${expected}, got more; repeat the request in ${retryAfterSeconds} s`);
    this.name = 'RateExceeded';
    this.exceeded = { signal, measured: limit + 1, limit, retryAfterSeconds };
  }
}
