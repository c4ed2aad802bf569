import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { type Principal, Store, storedTenant } from '@app/host';
import { Injectable } from '@nestjs/common';
import type { Credentials } from './credentials.js';

/** How long a ticket may be used for the first time. */
export const TICKET_SECONDS = 30;
const BYTES = 32;
const TEXT = /^[\w-]{43}$/;
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Tickets for streams, because a browser's `EventSource` and `WebSocket` send no header. A ticket stands for the credentials with which it was asked for,
 * and opens one stream once. So whoever finds it in a log or a history has nothing.
 *
 * Authority: its row, which the first who shows it deletes. The row has the credentials under a key that is made of the ticket's text, and the text is stored
 * nowhere: reading the database alone gives neither. The stream's rights are those of the credentials, looked at again as for every stream.
 * A crash between the delete and the answer costs the ticket; its holder asks for another.
 */
@Injectable()
export class StreamTickets {
  constructor(private readonly store: Store) {}

  /** Resolves with the ticket and its end. */
  async issue(credentials: NonNullable<Credentials>, { tenant }: Pick<Principal, 'tenant'>, target: string): Promise<{ ticket: string; expiresAt: Date }> {
    const ticket = newTicketText();
    const row = { hash: digest('find', ticket), tenant: storedTenant(tenant), target, sealed: seal(ticket, JSON.stringify(credentials)) };
    return { ticket, expiresAt: await this.store.sessions.tickets.add(row, TICKET_SECONDS) };
  }

  /** The credentials of the ticket, which is used up; undefined for one that is no valid one of this stream. */
  async redeem(ticket: string, target: string): Promise<Credentials | undefined> {
    if (!TEXT.test(ticket)) return undefined;
    const sealed = await this.store.sessions.tickets.take(digest('find', ticket), target);
    return sealed && (JSON.parse(open(ticket, sealed)) as Credentials);
  }
}

export function newTicketText(): string {
  return randomBytes(BYTES).toString('base64url');
}

function digest(purpose: string, ticket: string): Buffer {
  return createHash('sha256').update(`${purpose} ${ticket}`).digest();
}

function seal(ticket: string, text: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, digest('seal', ticket), nonce);
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

function open(ticket: string, sealed: Buffer): string {
  const decipher = createDecipheriv(CIPHER, digest('seal', ticket), sealed.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}
