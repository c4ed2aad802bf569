import { randomBytes } from 'node:crypto';

/** In a line of a log it fails the test file: environment.mjs. */
export const CANARY = /lhcanary[0-9a-f]{16}/;

/** A word for whatever no log may show: a test that uses one fails when a gateway, a worker or a child of theirs logs it. */
export function canary(): string {
  return `lhcanary${randomBytes(7).toString('hex')}7f`;
}
