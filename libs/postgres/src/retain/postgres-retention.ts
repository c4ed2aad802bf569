import type { RetentionLimits, RetentionStore } from '@app/core';
import type { Database } from '../pool/database.js';
import { PRUNE_RECIPIENT_COUNTS } from '../notify/postgres-recipient-counts.js';
import { PRUNE_DELIVERIES, PRUNE_JOBS, PRUNE_KEYS, PRUNE_LETTERS } from './prune.js';

export class PostgresRetention implements RetentionStore {
  constructor(private readonly db: Database) {}

  async prune({ succeededSeconds, failedSeconds, letterSeconds }: RetentionLimits, limit: number): Promise<number> {
    let removed = (await this.db.run(PRUNE_KEYS, [limit])).length;
    removed += (await this.db.run(PRUNE_RECIPIENT_COUNTS, [limit])).length;
    if (letterSeconds !== null) removed += (await this.db.run(PRUNE_LETTERS, [letterSeconds, limit])).length;
    if (succeededSeconds !== null) removed += (await this.db.run(PRUNE_JOBS, [['succeeded'], succeededSeconds, limit])).length;
    if (failedSeconds === null) return removed;
    removed += (await this.db.run(PRUNE_JOBS, [['failed', 'cancelled'], failedSeconds, limit])).length;
    return removed + (await this.db.run(PRUNE_DELIVERIES, [failedSeconds, limit])).length;
  }
}
