import {
  COARSE_STEP,
  FINE_SECONDS,
  FINE_STEP,
  type Look,
  type Looked,
  type Pruned,
  type RetentionLimits,
  type RetentionStore,
  RetentionWalks,
} from '@app/core';
import type { Database } from '../pool/database.js';
import { PRUNE_TICKS } from '../schedules/schedule-statements.js';
import { PRUNE_DEPTHS, PRUNE_FIGURES, PRUNE_WRITERS } from '../stats/stats-statements.js';
import { PostgresRetentionRules } from './postgres-retention-rules.js';
import { PRUNE_DELIVERIES, PRUNE_JOBS, PRUNE_JOBS_OF_TENANT, PRUNE_KEYS, PRUNE_LETTERS } from './prune.js';

/** So that who asks for the last quarter of an hour gets all of it. */
const SPARE_SECONDS = 120;

/** A table whose rows are of no use after a fixed time. */
export interface Expiring {
  /** Deletes up to `limit` such rows and resolves with their number. */
  prune(limit: number): Promise<number>;
}

/** One for a process: it remembers which jobs it has looked at. */
export class PostgresRetention implements RetentionStore {
  private readonly rules: PostgresRetentionRules;
  private readonly walks: RetentionWalks;

  constructor(
    private readonly db: Database,
    private readonly expiring: readonly Expiring[],
    now?: () => number,
  ) {
    this.rules = new PostgresRetentionRules(db);
    this.walks = new RetentionWalks((look) => this.look(look), now);
  }

  async prune(limits: RetentionLimits, limit: number): Promise<Pruned> {
    const others = await this.pruneOthers(limits, limit);
    const jobs = await this.walks.turn(await this.rules.list(null), limits, limit);
    return { removed: others + jobs.removed, more: jobs.more || others >= limit };
  }

  private async look({ tenant, outcome, after, seconds, byDefault, most }: Look): Promise<Looked> {
    const values = [outcome, after, seconds, most, byDefault];
    const [row] = await (tenant === null ? this.db.run<Looked>(PRUNE_JOBS, values) : this.db.runOnce<Looked>(PRUNE_JOBS_OF_TENANT.text, [...values, tenant]));
    if (!row) throw new Error('expected one row of a look at finished jobs, got none');
    return row;
  }

  private async pruneOthers({ failedSeconds, letterSeconds, statsSeconds }: RetentionLimits, limit: number): Promise<number> {
    let removed = (await this.db.run(PRUNE_KEYS, [limit])).length + (await this.pruneFigures(statsSeconds, limit));
    for (const table of this.expiring) removed += await table.prune(limit);
    if (letterSeconds !== null) removed += (await this.db.run(PRUNE_LETTERS, [letterSeconds, limit])).length;
    if (failedSeconds === null) return removed;
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
