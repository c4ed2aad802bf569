import { randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';

/** Whether this is a symmetric secret of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. */
export function isWebhookSecret(text: string): boolean {
  const base64 = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : '';
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length >= 24 && bytes.length <= 64 && bytes.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '');
}

export function newWebhookSecret(): string {
  return PREFIX + randomBytes(32).toString('base64');
}
