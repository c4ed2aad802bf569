import type { Job, Notices } from '@app/core';
import type { EntityManager } from 'typeorm';
import type { Database } from '../pool/database.js';
import { type JobRow, toJob } from '../run/job-row.js';
import { SingleTransaction } from '../pool/transactions.js';
import { PUT_OFF_NOTICE, TAKE_NOTICES } from './notices.js';

export class PostgresNotices implements Notices<EntityManager> {
  constructor(private readonly db: Database) {}

  async tell(limit: number, tell: (jobs: Job[], transaction: EntityManager) => Promise<void>): Promise<number> {
    const transaction = await SingleTransaction.begin(this.db.dataSource);
    let rows: (JobRow | { id: null })[];
    try {
      rows = await this.db.run<JobRow | { id: null }>(TAKE_NOTICES, [limit], transaction.manager);
      const jobs = rows.flatMap((row) => (row.id === null ? [] : [toJob(row)]));
      if (jobs.length > 0) await tell(jobs, transaction.manager);
    } catch (error) {
      await transaction.abandon();
      throw error;
    }
    await transaction.commit();
    return rows.length;
  }

  async putOffFirst(seconds: number): Promise<void> {
    await this.db.run(PUT_OFF_NOTICE, [seconds]);
  }
}
