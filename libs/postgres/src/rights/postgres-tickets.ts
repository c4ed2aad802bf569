import { type Database, statement } from '../pool/database.js';

/** A ticket as it is stored: nothing of it lets one use it. */
export interface StoredTicket {
  /** Of its text, which is kept nowhere. */
  hash: Buffer;
  /** Whose it is; `*`: of a caller for all tenants. */
  tenant: string;
  /** The stream that it is for. */
  target: string;
  /** What its holder has shown, under a key that is made of its text. */
  sealed: Buffer;
}

const ADD = statement(
  'tickets:add',
  `WITH over AS (DELETE FROM lh.stream_tickets WHERE expires_at < now())
   INSERT INTO lh.stream_tickets (hash, tenant, target, sealed, expires_at) VALUES ($1, $2, $3, $4, now() + $5 * interval '1 second') RETURNING expires_at`,
);
const TAKE = statement('tickets:take', 'DELETE FROM lh.stream_tickets WHERE hash = $1 AND target = $2 AND expires_at > now() RETURNING sealed');

/** Tickets for streams. Each is taken once, whichever gateway is asked. */
export class PostgresTickets {
  constructor(private readonly db: Database) {}

  /** Resolves with its end. */
  async add({ hash, tenant, target, sealed }: StoredTicket, seconds: number): Promise<Date> {
    const [row] = await this.db.run<{ expires_at: Date }>(ADD, [hash, tenant, target, sealed, seconds]);
    return (row as { expires_at: Date }).expires_at;
  }

  /** What was sealed; undefined for one that is unknown, over, used, or for another stream. */
  async take(hash: Buffer, target: string): Promise<Buffer | undefined> {
    const [row] = await this.db.run<{ sealed: Buffer }>(TAKE, [hash, target]);
    return row?.sealed;
  }
}
