import { createHash } from 'node:crypto';

/** Part of a file's key: tells apart the files of a job whose payload was edited before it was redriven. */
export function payloadDigest(payload: object): string {
  return createHash('sha256').update(JSON.stringify(payload)).digest('hex').slice(0, 16);
}
