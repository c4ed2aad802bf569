import { createHash } from 'node:crypto';
import { type ExactValue, mayHoldUnusualNumber, readExactJson } from './exact-json.js';
import type { JsonValue } from './job.js';
import type { JsonText } from './json-text.js';
import { RawJson } from './raw-json.js';

/**
 * JSON with the members of every object in one order, so that two texts of the same value are equal.
 * In the spirit of RFC 8785 (JCS), but a number is its digits; only ever hashed, never parsed again.
 */
export function canonicalJson(value: JsonValue | ExactValue | undefined): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${(value as JsonValue[]).map(canonicalJson).join(',')}]`;
  if (value instanceof Map) {
    const names = [...value.keys()].sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value.get(name))}`).join(',')}}`;
  }
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`).join(',')}}`;
}

/** The first bytes of what is hashed: two forms never meet. */
const FORM = 'digits:';

/**
 * What must be equal for a repeated idempotency key to mean "the same request again": kind, payload and options, whatever the order of
 * members and the white space. Numbers are compared by their digits, so that no two ids beyond 2^53 are one; `1.0` and `1`
 * differ. SHA-256.
 */
export function fingerprint(kind: string, payload: { value: JsonValue; text: JsonText }, options: { [key: string]: JsonValue }): Buffer {
  // Usual numbers are written in one way only: then the value says as much as its text, and is there already.
  const exact = mayHoldUnusualNumber(payload.text) ? readExactJson(payload.text) : payload.value;
  return createHash('sha256')
    .update(FORM)
    .update(`[${JSON.stringify(kind)},${canonicalJson(exact)},${canonicalJson(options)}]`)
    .digest();
}

/** The same as it was made before digits counted, to know again the keys that were stored then. Remove it in the next major version. */
export function formerFingerprint(kind: string, payload: JsonValue, options: { [key: string]: JsonValue }): Buffer {
  return createHash('sha256')
    .update(canonicalJson([kind, payload, options]))
    .digest();
}

/** Whether a stored fingerprint, of today's form or the former one, is that of a request. */
export function isSameRequest(stored: Buffer, { fingerprint, formerFingerprint }: { fingerprint: Buffer; formerFingerprint?: () => Buffer }): boolean {
  return stored.equals(fingerprint) || (formerFingerprint !== undefined && stored.equals(formerFingerprint()));
}
