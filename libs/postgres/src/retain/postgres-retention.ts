import { COARSE_STEP, FINE_SECONDS, FINE_STEP, type RetentionLimits, type RetentionStore } from '@app/core';
import type { Database } from '../pool/database.js';
import { PRUNE_TICKS } from '../schedules/schedule-statements.js';
import { PRUNE_DEPTHS, PRUNE_FIGURES, PRUNE_WRITERS } from '../stats/stats-statements.js';
import { PRUNE_DELIVERIES, PRUNE_JOBS, PRUNE_KEYS, PRUNE_LETTERS } from './prune.js';

/** So that who asks for the last quarter of an hour gets all of it. */
const SPARE_SECONDS = 120;

/** A table whose rows are of no use after a fixed time. */
export interface Expiring {
  /** Deletes up to `limit` such rows and resolves with their number. */
  prune(limit: number): Promise<number>;
}

export class PostgresRetention implements RetentionStore {
  constructor(
    private readonly db: Database,
    private readonly expiring: readonly Expiring[],
  ) {}

  async prune({ succeededSeconds, failedSeconds, letterSeconds, statsSeconds }: RetentionLimits, limit: number): Promise<number> {
    let removed = (await this.db.run(PRUNE_KEYS, [limit])).length + (await this.pruneFigures(statsSeconds, limit));
    for (const table of this.expiring) removed += await table.prune(limit);
    if (letterSeconds !== null) removed += (await this.db.run(PRUNE_LETTERS, [letterSeconds, limit])).length;
    if (succeededSeconds !== null) removed += (await this.db.run(PRUNE_JOBS, [['succeeded'], succeededSeconds, limit])).length;
    if (failedSeconds === null) return removed;
    removed += (await this.db.run(PRUNE_JOBS, [['failed', 'cancelled'], failedSeconds, limit])).length;
    removed += (await this.db.run(PRUNE_TICKS, [failedSeconds, limit])).length;
    return removed + (await this.db.run(PRUNE_DELIVERIES, [failedSeconds, limit])).length;
  }

  private async pruneFigures(seconds: number | null, limit: number): Promise<number> {
    let removed = (await this.db.run(PRUNE_WRITERS, [limit])).length;
    for (const table of [PRUNE_FIGURES, PRUNE_DEPTHS]) {
      removed += (await this.db.run(table, [FINE_STEP, FINE_SECONDS + SPARE_SECONDS, limit])).length;
      if (seconds !== null) removed += (await this.db.run(table, [COARSE_STEP, seconds, limit])).length;
    }
    return removed;
  }
}
