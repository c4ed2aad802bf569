import { hashOf, newSessionToken, type Principal, SecretKeys, Store, storedTenant } from '@app/host';
import { Injectable } from '@nestjs/common';
import type { Credentials } from './credentials.js';

/** How long a ticket may be used for the first time. */
export const TICKET_SECONDS = 30;
const TEXT = /^[\w-]{43}$/;

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
    const { text: ticket, hash } = newSessionToken();
    const sealed = Buffer.from(boxOf(ticket).seal(JSON.stringify(credentials), target));
    const row = { hash, tenant: storedTenant(tenant), target, sealed };
    return { ticket, expiresAt: await this.store.sessions.tickets.add(row, TICKET_SECONDS) };
  }

  /** The credentials of the ticket, which is used up; undefined for one that is no valid one of this stream. */
  async redeem(ticket: string, target: string): Promise<Credentials | undefined> {
    if (!TEXT.test(ticket)) return undefined;
    const sealed = await this.store.sessions.tickets.take(hashOf(ticket), target);
    return sealed && (JSON.parse(boxOf(ticket).open(sealed.toString(), target)) as Credentials);
  }
}

/** Its key is another hash than the one that the row is found by. */
function boxOf(ticket: string): SecretKeys {
  return new SecretKeys([['ticket', hashOf(`seal ${ticket}`)]]);
}
