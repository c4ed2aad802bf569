import { Refusal } from '@app/core';

/** RFC 8941, 3.3.3: printable ASCII in quotes, with `\"` and `\\` as the only escapes. */
const SF_STRING = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
/** A bare key without quotes, which many clients send. */
const BARE = /^[\x21\x23-\x7e]+$/;
const MAX_LENGTH = 255;

/**
 * The key of an `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header-07), quoted or bare; both forms of one
 * text are one key. Undefined without the header. A malformed one is refused: to ignore it would run the job twice.
 */
export function idempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = (Array.isArray(header) ? header.join(', ') : header).trim();
  const quoted = SF_STRING.exec(text);
  const key = quoted?.[1] !== undefined ? quoted[1].replaceAll(/\\(["\\])/g, '$1') : BARE.test(text) ? text : undefined;
  if (key === undefined || key.length === 0 || key.length > MAX_LENGTH) {
    throw new Refusal(
      'bad_idempotency_key',
      `expected Idempotency-Key to be 1 to ${MAX_LENGTH} printable ASCII characters, in quotes if there are spaces, got: ${JSON.stringify(text.slice(0, 100))}`,
    );
  }
  return key;
}
