import { createHash } from 'node:crypto';
import type { JsonValue } from './job.js';

/**
 * JSON with the members of every object in one order, so that two texts of the same value are equal.
 * In the spirit of RFC 8785 (JCS); only ever hashed, never parsed again.
 */
export function canonicalJson(value: JsonValue | undefined): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`).join(',')}}`;
}

/** What must be equal for a repeated idempotency key to mean "the same request again". SHA-256. */
export function fingerprint(kind: string, payload: JsonValue, options: { [key: string]: JsonValue }): Buffer {
  return createHash('sha256')
    .update(canonicalJson([kind, payload, options]))
    .digest();
}
