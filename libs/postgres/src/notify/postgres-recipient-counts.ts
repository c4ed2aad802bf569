import { type Database, type Joined, statement } from '../pool/database.js';

const TAKE = statement(
  'recipients:take',
  `INSERT INTO lh.email_counts AS c (recipient, hour, sent) SELECT $1, date_trunc('hour', now()), 1 WHERE $2::integer > 0
   ON CONFLICT (recipient, hour) DO UPDATE SET sent = c.sent + 1 WHERE c.sent < $2
   RETURNING sent`,
);

const FORGET = statement('recipients:forget', 'DELETE FROM lh.email_counts WHERE recipient = ANY ($1::text[])');

const SENT = statement('recipients:sent', `SELECT sent FROM lh.email_counts WHERE recipient = $1 AND hour = date_trunc('hour', now())`);

/** Few rows: a recipient has one for each hour in which it was sent something. */
const PRUNE = statement(
  'prune:recipient-counts',
  `DELETE FROM lh.email_counts WHERE (recipient, hour) IN (
     SELECT recipient, hour FROM lh.email_counts WHERE hour < now() - interval '1 day' LIMIT $1 FOR UPDATE SKIP LOCKED
   ) RETURNING sent`,
);

/**
 * How many messages a recipient was sent in an hour, by any channel. Recipients of e-mail are bare addresses, which have no colon; those of another
 * channel begin with its name and a colon, and what counts for a quota of a tenant with `tenant:`.
 */
export class PostgresRecipientCounts {
  constructor(private readonly db: Database) {}

  /** Counts one more message in the present hour of the database's clock. False, uncounted, when there were `most` already. */
  async take(recipient: string, most: number): Promise<boolean> {
    return (await this.db.run(TAKE, [recipient, most])).length > 0;
  }

  /** How many were counted in the present hour. */
  async sent(recipient: string): Promise<number> {
    const [row] = await this.db.run<{ sent: number }>(SENT, [recipient]);
    return row?.sent ?? 0;
  }

  /** Whom nobody is to remember. */
  async forget(recipients: string[], transaction?: Joined): Promise<void> {
    if (recipients.length > 0) await this.db.run(FORGET, [recipients], transaction);
  }

  /** Deletes up to `limit` counts of past days and resolves with their number. */
  async prune(limit: number): Promise<number> {
    return (await this.db.run(PRUNE, [limit])).length;
  }
}
