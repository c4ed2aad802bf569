import type { RecipientCounts } from '@app/core';
import { type Database, statement } from '../pool/database.js';

const TAKE = statement(
  'recipients:take',
  `INSERT INTO lh.email_counts AS c (recipient, hour, sent) VALUES ($1, date_trunc('hour', now()), 1)
   ON CONFLICT (recipient, hour) DO UPDATE SET sent = c.sent + 1 WHERE c.sent < $2
   RETURNING sent`,
);

/** Few rows: a recipient has one for each hour in which it was sent something. */
export const PRUNE_RECIPIENT_COUNTS = statement(
  'prune:recipient-counts',
  `DELETE FROM lh.email_counts WHERE (recipient, hour) IN (
     SELECT recipient, hour FROM lh.email_counts WHERE hour < now() - interval '1 day' LIMIT $1 FOR UPDATE SKIP LOCKED
   ) RETURNING sent`,
);

export class PostgresRecipientCounts implements RecipientCounts {
  constructor(private readonly db: Database) {}

  async take(recipient: string, most: number): Promise<boolean> {
    return (await this.db.run(TAKE, [recipient, most])).length > 0;
  }
}
