import {
  BULK_ACTS,
  type BulkFound,
  type BulkRequest,
  type BulkStore,
  isMove,
  type JobConditions,
  type JobId,
  type JobState,
  OWN_KIND_PREFIX,
  type Sees,
} from '@app/core';
import { OPEN } from '../letters/letter-groups.js';
import { withJobsLocked } from '../flow/change-queued.js';
import { type Database, statement } from '../pool/database.js';
import { requireSearchable } from '../sealed/searchable.js';
import { seen } from '../pool/of-tenant.js';
import { PostgresLimits } from '../limits/postgres-limits.js';
import { cancelRequest } from './cancel-column.js';
import { changeWaiting } from './change-waiting.js';
import { conditionsOf, type WalkedFilter, walkJobs } from './job-walk.js';
import { CANCEL_JOBS } from './read-jobs.js';
import { redriveJobs } from './redrive.js';

interface Changed {
  id: JobId;
  state: JobState;
}

/** Their letters are put away; the jobs stay failed. */
const DISCARD_LETTERS = statement(
  'dead-letter:discard-of-jobs',
  `WITH away AS (
     UPDATE lh.dead_letters SET discarded_at = now(), discard = $2::jsonb
     WHERE job_id = ANY ($1::uuid[]) AND source = 'job' AND ${OPEN} RETURNING job_id
   ) SELECT DISTINCT job_id FROM away`,
);
/** Which of these are jobs, of a tenant. */
const KNOWN = statement('job:known', `SELECT id FROM lh.jobs WHERE id = ANY ($1::uuid[]) AND ${seen('tenant', '$2')}`);

type Which = Parameters<BulkStore['matching']>[0];

/** One act to many jobs. `reads`: for the search, which may take long. */
export class PostgresBulk implements BulkStore {
  constructor(
    private readonly db: Database,
    private readonly reads: Database,
    private readonly limits: Pick<PostgresLimits, 'current'> = new PostgresLimits(db),
  ) {}

  async find(request: BulkRequest, state: JobState, after: JobId | null, most: number): Promise<BulkFound> {
    const { ids, floor } = await walkJobs(
      this.reads,
      { ...walked(request, state), allPages: true },
      most + 1,
      // Those that wait go to their new places in the order in which they wait.
      { ...(after ? { cursor: after } : {}), oldestFirst: isMove(request.act) },
    );
    const found = ids.slice(0, most) as JobId[];
    return { ids: found, next: (ids.length > most ? (found.at(-1) ?? null) : floor) as JobId | null };
  }

  /** Puts these failed jobs back. Which of them it has. */
  async redrive(ids: JobId[]): Promise<JobId[]> {
    const back = (await redriveJobs<Changed>(this.db, ids)).map(({ id }) => id);
    if (back.length > 0) this.db.changed(back);
    return back;
  }

  async unknown(ids: readonly JobId[], sees: Sees): Promise<JobId[]> {
    const known = new Set((await this.db.run<{ id: JobId }>(KNOWN, [ids, sees])).map(({ id }) => id));
    return ids.filter((id) => !known.has(id));
  }

  requireSearchable(filter: JobConditions): void {
    if (filter.payload !== undefined) requireSearchable(this.db.data, filter);
  }

  async matching(request: Which, samples: number): Promise<{ count: number; ids: JobId[] }> {
    this.requireSearchable(request.filter);
    let count = 0;
    const ids: JobId[] = [];
    for (const state of request.filter.states ?? BULK_ACTS[request.act]) {
      const which = walked(request, state);
      const values: unknown[] = [];
      const where = conditionsOf(which, values).join(' AND ');
      const [row] = await this.reads.runOnce<{ count: number }>(`/* job:count */ SELECT count(*)::integer AS count FROM lh.jobs WHERE ${where}`, values);
      count += row?.count ?? 0;
      if (ids.length < samples && (row?.count ?? 0) > 0) ids.push(...((await walkJobs(this.reads, which, samples - ids.length)).ids as JobId[]));
    }
    return { count, ids };
  }

  /** Locked first: what is queued may have limits, see `changeQueued`. */
  async change(request: BulkRequest, ids: JobId[]): Promise<number> {
    if (isMove(request.act)) {
      const changed = await changeWaiting(this.db, ids, request, this.limits);
      if (changed.length > 0) this.db.changed(changed);
      return changed.length;
    }
    if (request.act === 'discard') {
      const { reason, by } = request;
      return (await this.db.run(DISCARD_LETTERS, [ids, JSON.stringify({ reason, by })])).length;
    }
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
function walked({ act, filter, toQueue, toPriority }: Which, state: JobState): WalkedFilter {
  return {
    ...filter,
    states: [state],
    ...(toQueue === undefined ? {} : { notIn: toQueue }),
    ...(toPriority === undefined ? {} : { notOf: toPriority }),
    ...(filter.kinds === undefined ? { notOwn: OWN_KIND_PREFIX } : {}),
    ...(act === 'cancel' ? { notAsked: true as const } : {}),
    ...(act === 'discard' ? { hasLetter: true as const } : {}),
  };
}
