import { Refusal } from '@app/core';
import { parse } from 'secure-json-parse';

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/**
 * JSON of either door. Strict: bytes that are not UTF-8 are an error instead of turning into question marks, and members
 * such as `__proto__` that reach for an object's prototype are refused. Throws a `Refusal`.
 */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new Refusal('malformed_request', 'expected a JSON body, got none');
  let text: string;
  try {
    text = UTF_8.decode(bytes);
  } catch (cause) {
    throw refused('expected the body to be UTF-8, got bytes that are not', cause);
  }
  try {
    return parse(text, null, { protoAction: 'error', constructorAction: 'error' });
  } catch (cause) {
    throw refused(`the body is not JSON that is accepted here: ${(cause as Error).message}`, cause);
  }
}

function refused(message: string, cause: unknown): Refusal {
  const refusal = new Refusal('malformed_request', message);
  refusal.cause = cause;
  return refusal;
}
