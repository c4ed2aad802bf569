import { FLIGHT_TEXT } from '../kit/micro-batcher.js';

/** Before the first payload of a kind is seen: a claim may find so many of the longest. */
const UNKNOWN = FLIGHT_TEXT / 8;
/** The weight of a payload that is shorter than what was expected. A longer one counts at once. */
const SHORTER = 0.1;

/** What payloads to expect of a kind, in UTF-16 units: a claim asks for as many jobs as one statement should carry, and hears their size in its answer. */
export class PayloadSizes {
  private readonly expected = new Map<string, number>();

  of(kind: string): number {
    return this.expected.get(kind) ?? UNKNOWN;
  }

  seen(kind: string, length: number): void {
    const expected = this.expected.get(kind) ?? 0;
    this.expected.set(kind, length >= expected ? length : expected + (length - expected) * SHORTER);
  }
}
