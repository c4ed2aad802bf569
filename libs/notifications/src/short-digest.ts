import { createHash } from 'node:crypto';

/** 32 hexadecimal digits that are always the same for one text: of them the ids of webhooks and e-mails are made. */
export function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
