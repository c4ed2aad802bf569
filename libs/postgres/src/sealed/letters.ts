import { createHmac } from 'node:crypto';

/** Says that the body is sealed: a caller's own bytes may look like anything. */
export const SEALED_LETTER = 'sealed:';

/** A digest of a body tells which of few possible ones it is, so it is made with a key. */
export function sealedIdentity(identity: string, key: Uint8Array | undefined): string {
  return `${SEALED_LETTER}${createHmac('sha256', key ?? '')
    .update(identity)
    .digest('hex')}`;
}
