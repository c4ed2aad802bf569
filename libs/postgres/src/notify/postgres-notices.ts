import type { Job, Notices } from '@app/core';
import type { EntityManager } from 'typeorm';
import type { Database } from '../pool/database.js';
import { type JobRow, toJob } from '../run/job-row.js';
import { transact } from '../pool/transact.js';
import { PUT_OFF_NOTICE, TAKE_NOTICES } from './notices.js';

export class PostgresNotices implements Notices<EntityManager> {
  constructor(private readonly db: Database) {}

  async tell(limit: number, tell: (jobs: Job[], transaction: EntityManager) => Promise<void>): Promise<number> {
    return transact(this.db, async (transaction) => {
      const rows = await this.db.run<JobRow | { id: null }>(TAKE_NOTICES, [limit], transaction);
      const jobs = rows.flatMap((row) => (row.id === null ? [] : [toJob(row)]));
      if (jobs.length > 0) await tell(jobs, transaction);
      return rows.length;
    });
  }

  async putOffFirst(seconds: number): Promise<void> {
    await this.db.run(PUT_OFF_NOTICE, [seconds]);
  }
}
