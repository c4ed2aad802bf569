import type { EmailCounts } from '@app/core';
import { type Database, statement } from '../pool/database.js';

const TAKE = statement(
  'email:take',
  `INSERT INTO lh.email_counts AS c (recipient, hour, sent) VALUES ($1, date_trunc('hour', now()), 1)
   ON CONFLICT (recipient, hour) DO UPDATE SET sent = c.sent + 1 WHERE c.sent < $2
   RETURNING sent`,
);

export class PostgresEmailCounts implements EmailCounts {
  constructor(private readonly db: Database) {}

  async take(to: string, most: number): Promise<boolean> {
    return (await this.db.run(TAKE, [to, most])).length > 0;
  }
}
