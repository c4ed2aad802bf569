import type { Job, Notices } from '@app/core';
import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { type JobRow, toJob } from './job-row.js';
import { PUT_OFF_NOTICE, TAKE_NOTICES } from './queries/notices.js';

export class PostgresNotices implements Notices<EntityManager> {
  constructor(private readonly db: Database) {}

  async tell(limit: number, tell: (jobs: Job[], transaction: EntityManager) => Promise<void>): Promise<number> {
    return this.db.dataSource.transaction(async (transaction) => {
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
