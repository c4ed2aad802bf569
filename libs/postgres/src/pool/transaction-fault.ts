import type { EventEmitter } from 'node:events';

/** What of pg's client is looked at: its events, and those of its connection. */
export interface Watched extends EventEmitter {
  connection: EventEmitter;
}

/**
 * SQLSTATEs of which the platform is the cause and not the statement: a connection lost (08), a transaction that met another one (40), no
 * memory, room or connections left (53), the server stopped or stopped the session (57), a fault of its system (58).
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const PLATFORMS = ['08', '40', '53', '57', '58'];
/** The session was ended for what its transaction did not do in time: idle in it for a whole lease, or in all. */
const OVER_TIME = new Set(['25P03', '25P04', '57P05']);
/** Of those classes, what the handler itself brings about: a deferred constraint, a statement that took too long or was cancelled. */
const HANDLERS = new Set(['40002', '57014', ...OVER_TIME]);

/**
 * Watches the connection of one transaction, and tells whether the platform has ended it. A handler that catches an error of its own
 * goes on in a transaction that PostgreSQL refuses (25P02): the first error since it failed is the one that counts.
 */
export class TransactionFault {
  private failedWith: string | undefined;
  private lost: Error | undefined;

  constructor(private readonly client: Watched) {
    client.on('error', this.ended).on('end', this.ended);
    client.connection.on('errorMessage', this.refused).on('readyForQuery', this.ready);
  }

  /** It never answered. */
  lose(error: Error): void {
    this.lost ??= error;
  }

  /** The platform's fault, if the transaction cannot go on for one. */
  get found(): Error | undefined {
    if (this.lost) return this.lost;
    const code = this.failedWith;
    if (code === undefined || HANDLERS.has(code) || !PLATFORMS.includes(code.slice(0, 2))) return undefined;
    return new Error(`PostgreSQL has ended the transaction (${code})`);
  }

  /** Before the connection goes back to its pool, or is ended by us. */
  unwatch(): void {
    this.client.off('error', this.ended).off('end', this.ended);
    this.client.connection.off('errorMessage', this.refused).off('readyForQuery', this.ready);
  }

  /** PostgreSQL says why before it closes: a transaction in which nothing was asked for too long is the handler's. */
  private readonly ended = (error?: Error & { code?: string }) => {
    this.failedWith ??= error?.code;
    if (this.failedWith === undefined || !OVER_TIME.has(this.failedWith)) this.lose(error ?? new Error('the connection was closed'));
  };

  private readonly refused = ({ code }: { code?: string }) => {
    this.failedWith ??= code;
  };

  /** In order again, as after a rollback to a savepoint. After a commit that failed there is no transaction any more, and its error stands. */
  private readonly ready = ({ status }: { status?: string }) => {
    if (status === 'T') this.failedWith = undefined;
  };
}
