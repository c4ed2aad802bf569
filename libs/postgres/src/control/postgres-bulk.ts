import {
  BULK_ACTS,
  type BulkAct,
  type BulkFilter,
  type BulkPage,
  type BulkRequest,
  type BulkStore,
  type JobId,
  type JobState,
  OWN_KIND_PREFIX,
} from '@app/core';
import { withJobsLocked } from '../flow/change-queued.js';
import type { Database } from '../pool/database.js';
import { cancelRequest } from './cancel-column.js';
import { conditionsOf, type WalkedFilter, walkJobs } from './job-walk.js';
import { CANCEL_JOBS } from './read-jobs.js';
import { redriveJobs } from './redrive.js';

interface Changed {
  id: JobId;
  state: JobState;
}

/** One act to many jobs. `reads`: for the search, which may take long. */
export class PostgresBulk implements BulkStore {
  constructor(
    private readonly db: Database,
    private readonly reads: Database,
  ) {}

  async act(request: BulkRequest, state: JobState, after: JobId | null, size: number): Promise<BulkPage> {
    const { ids, floor } = await walkJobs(
      this.reads,
      { ...walked(request.act, request.filter, state), allPages: true },
      size + 1,
      after ? { cursor: after } : {},
    );
    const page = ids.slice(0, size) as JobId[];
    const changed = page.length > 0 ? await this.change(request, page) : 0;
    return { matched: page.length, changed, next: (ids.length > size ? (page.at(-1) ?? null) : floor) as JobId | null };
  }

  async matching(act: BulkAct, filter: BulkFilter, samples: number): Promise<{ count: number; ids: JobId[] }> {
    let count = 0;
    const ids: JobId[] = [];
    for (const state of filter.states ?? BULK_ACTS[act]) {
      const which = walked(act, filter, state);
      const values: unknown[] = [];
      const where = conditionsOf(which, values).join(' AND ');
      const [row] = await this.reads.runOnce<{ count: number }>(`/* job:count */ SELECT count(*)::integer AS count FROM lh.jobs WHERE ${where}`, values);
      count += row?.count ?? 0;
      if (ids.length < samples && (row?.count ?? 0) > 0) ids.push(...((await walkJobs(this.reads, which, samples - ids.length)).ids as JobId[]));
    }
    return { count, ids };
  }

  /** How many have changed. Locked first: what is queued may have limits, see `changeQueued`. */
  private async change(request: BulkRequest, ids: JobId[]): Promise<number> {
    const rows = await (request.act === 'cancel'
      ? withJobsLocked(this.db, ids, (transaction) => this.db.run<Changed>(CANCEL_JOBS, [ids, cancelRequest(request), true], transaction))
      : redriveJobs<Changed>(this.db, ids));
    if (rows.length > 0) this.db.changed(rows.map(({ id }) => id));
    const asked = rows.filter(({ state }) => state === 'running').map(({ id }) => id);
    if (asked.length > 0) this.db.asked(asked);
    return rows.length;
  }
}

/** Longhaul's own jobs are left alone, unless their kind is named: the act is one of them, and others send outcomes to callers. */
function walked(act: BulkAct, filter: BulkFilter, state: JobState): WalkedFilter {
  return {
    ...filter,
    states: [state],
    ...(filter.kinds === undefined ? { notOwn: OWN_KIND_PREFIX } : {}),
    ...(act === 'cancel' ? { notAsked: true as const } : {}),
  };
}
