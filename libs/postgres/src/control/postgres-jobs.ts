import {
  type CancelRequest,
  COUNTED_EXACTLY,
  DEFAULT_TENANT,
  type DoneStep,
  isSealed,
  type Job,
  type JobConditions,
  type JobControl,
  type JobCount,
  type JobDetail,
  type JobFilter,
  type JobId,
  type JobPage,
  type JobReader,
  type JobSummary,
  type JsonText,
  type ListedJob,
  nameIn,
  type NotifyControl,
  type NotifyEntry,
  type QueueStats,
  sealedLength,
  type Sees,
  type StartControl,
} from '@app/core';
import { changeQueued } from '../flow/change-queued.js';
import type { Database } from '../pool/database.js';
import { fitting } from '../pool/fitting.js';
import { type CancelColumn, cancelRequest, toCancellation } from './cancel-column.js';
import { type SettingsRow, toSettings } from './pause-row.js';
import { START_SCHEDULED, TO_FRONT } from '../why/start-now.js';
import { conditionsOf, FIRST_ID, LAST_ID, timeOf, walkJobs } from './job-walk.js';
import { redriveJob } from './redrive.js';
import { placeOf, sealedText } from '../sealed/job-data.js';
import { ownersOf } from '../sealed/owners.js';
import { listedColumns, type ListedRow, type JobRow, type SummaryRow, toJob, toSummary } from '../run/job-row.js';
import {
  ADD_NOTIFY,
  CANCEL_JOB,
  FIND_BY_ID,
  FIND_DETAIL,
  FIND_ENDED,
  FIND_VIEW,
  QUEUE_STATS,
  QUEUE_STATS_OF_DEFAULT,
  QUEUE_STATS_OF_TENANT,
  RUN_SECONDS,
  STEPS_OF,
} from './read-jobs.js';

/** Of one result in a list. */
const LISTED_RESULT_BYTES = 4 * 1_024;
/** Of one job's steps in one answer. */
const MOST_STEPS = 1_000;
const LISTED_COLUMNS = listedColumns(LISTED_RESULT_BYTES);
const SEALED_COLUMNS = listedColumns(sealedLength(LISTED_RESULT_BYTES));

interface StatsRow extends SettingsRow {
  name: string;
  scheduled: number;
  queued: number;
  running: number;
  waiting: number;
  parked: number;
  oldest: number | null;
  consumers: number;
}

interface DetailRow extends JobRow {
  worker: string | null;
  cancel: CancelColumn | null;
  start_before: Date | null;
  flow_key: string | null;
  unique_key: string | null;
}

export class PostgresJobs implements JobReader, JobControl, StartControl, NotifyControl {
  /** `reads`: for lists and figures, which may take long. */
  constructor(
    private readonly db: Database,
    private readonly reads = db,
    /** About how long a list looks, in milliseconds. */
    private readonly lookMs?: number,
  ) {}

  async find(id: JobId, sees: Sees = null): Promise<Job | null> {
    const [row] = await this.db.run<JobRow>(FIND_BY_ID, [id, sees]);
    return row ? toJob(row) : null;
  }

  async detail(id: JobId, sees: Sees = null): Promise<JobDetail | null> {
    const [row] = await this.db.run<DetailRow>(FIND_DETAIL, [id, sees]);
    if (!row) return null;
    const { worker, kind, start_before: startBefore, flow_key: flowKey } = row;
    // The kind stands before it, because kinds do not know of each other's keys.
    const uniqueKey = row.unique_key === null ? null : nameIn(row.unique_key).slice(kind.length + 1);
    return { ...toJob(row), worker, startBefore, flowKey, uniqueKey, cancellation: toCancellation(row.cancel, row.created_at) };
  }

  async view(id: JobId, sees: Sees = null): Promise<JobSummary | null> {
    const [row] = await this.db.run<SummaryRow>(FIND_VIEW, [id, sees]);
    return row ? toSummary(row) : null;
  }

  async ended(ids: JobId[]): Promise<JobId[]> {
    return (await this.db.run<{ id: JobId }>(FIND_ENDED, [ids])).map(({ id }) => id);
  }

  /** By keyset, both ways: a page costs the same wherever it is, looks at no more rows than `walk` says, and holds no more than an answer may. */
  async list({ limit, cursor, order = 'newest', ...conditions }: JobFilter): Promise<JobPage> {
    const backwards = cursor?.startsWith('-') ?? false;
    const oldestFirst = (order === 'oldest') !== backwards;
    const behind = backwards ? cursor?.slice(1) : cursor;
    const filter = searched(conditions);
    const { ids, floor } = await walkJobs(this.reads, filter, limit + 1, { ...this.bound(), oldestFirst, ...(behind === undefined ? {} : { cursor: behind }) });
    const page = ids.slice(0, limit);
    const values: unknown[] = [page];
    // Once more: what has changed since the look belongs to another list.
    const where = ['id = ANY ($1::uuid[])', ...conditionsOf(filter, values)].join(' AND ');
    const text = `/* job:list */ SELECT ${this.reads.data.isOn ? SEALED_COLUMNS : LISTED_COLUMNS} FROM lh.jobs WHERE ${where} ORDER BY id ${oldestFirst ? 'ASC' : 'DESC'}`;
    const rows = page.length === 0 ? [] : await this.reads.runOnce<ListedRow>(text, values);
    const fit = fitting(rows);
    const isCut = fit.length < rows.length || ids.length > limit;
    // The ids on both sides of what this page has looked at, as the walk goes.
    const beyond = fit.length < rows.length ? (fit.at(-1)?.id ?? null) : isCut ? (page.at(-1) ?? null) : floor;
    const near = page[0] ?? floor ?? (oldestFirst ? LAST_ID : FIRST_ID);
    const items = fit.map(toListedJob);
    return {
      items: backwards ? items.reverse() : items,
      nextCursor: backwards ? near : beyond,
      previousCursor: backwards ? beyond && `-${beyond}` : behind === undefined ? null : `-${near}`,
      searchedUntil: !isCut && beyond !== null && page.length < limit ? timeOf(beyond) : null,
    };
  }

  async count(conditions: JobConditions): Promise<JobCount> {
    const { ids, floor } = await walkJobs(this.reads, searched(conditions), COUNTED_EXACTLY + 1, this.bound());
    return { jobs: Math.min(ids.length, COUNTED_EXACTLY), exact: floor === null && ids.length <= COUNTED_EXACTLY };
  }

  async steps(id: JobId, sees: Sees = null): Promise<{ items: DoneStep[]; complete: boolean } | null> {
    const rows = await this.reads.run<{ name: string | null; result: JsonText | null; at: Date }>(STEPS_OF, [id, MOST_STEPS + 1, sees]);
    if (rows.length === 0) return null;
    const owner = rows.some(({ result }) => result !== null && isSealed(result)) ? (await ownersOf(this.reads, [id])).get(id) : undefined;
    const plain = (name: string, result: JsonText | null) =>
      owner && result && (this.reads.data.open(result, placeOf.step(owner.tenant, id, name)) as JsonText);
    const steps = rows.flatMap(({ name, result, at }) =>
      name === null ? [] : [{ name, result: owner ? (plain(name, result) ?? null) : result, endedAt: at }],
    );
    const fit = fitting(steps.slice(0, MOST_STEPS));
    return { items: fit, complete: fit.length === steps.length };
  }

  async queueStats(queue?: string, sees: Sees = null): Promise<QueueStats[]> {
    const rows = await (sees === null
      ? this.reads.run<StatsRow>(QUEUE_STATS, [queue ?? null])
      : this.reads.run<StatsRow>(sees === DEFAULT_TENANT ? QUEUE_STATS_OF_DEFAULT : QUEUE_STATS_OF_TENANT, [queue ?? null, sees]));
    return rows.map((row) => {
      const { name, scheduled, queued, running, waiting, parked, oldest: oldestAgeSeconds, consumers } = row;
      return { name, ...toSettings(row), scheduled, queued, running, waiting, parked, oldestAgeSeconds, consumers };
    });
  }

  async runSeconds(kinds: string[]): Promise<Map<string, number>> {
    const rows = await this.reads.run<{ kind: string; seconds: number }>(RUN_SECONDS, [kinds]);
    return new Map(rows.map(({ kind, seconds }) => [kind, seconds]));
  }

  async cancel(id: JobId, request?: CancelRequest, sees: Sees = null): Promise<{ accepted: boolean; job: Job } | null> {
    const change = await this.changed(id, sees, changeQueued<JobRow>(this.db, CANCEL_JOB, [id, cancelRequest(request), sees]));
    if (change?.accepted && change.job.state === 'running') this.db.asked([id]);
    return change;
  }

  redrive(id: JobId, payload?: JsonText, sees: Sees = null): Promise<{ accepted: boolean; job: Job } | null> {
    return this.changed(id, sees, this.redriven(id, payload, sees));
  }

  async start(id: JobId, sees: Sees = null): Promise<{ accepted: boolean; job: Job } | null> {
    const [row] = await this.db.run<JobRow>(START_SCHEDULED, [id, sees]);
    if (row) {
      this.db.changed([id]);
      return { accepted: true, job: toJob(row) };
    }
    await this.db.run(TO_FRONT, [id, sees]);
    const job = await this.find(id, sees);
    return job && { accepted: job.state === 'queued', job };
  }

  async addNotify(id: JobId, entry: NotifyEntry): Promise<boolean> {
    return (await this.db.run(ADD_NOTIFY, [id, JSON.stringify(entry)])).length > 0;
  }

  private async redriven(id: JobId, payload: JsonText | undefined, sees: Sees): Promise<JobRow[]> {
    if (payload === undefined || !this.db.data.isOn) return redriveJob(this.db, id, payload ?? null, sees);
    const owner = (await ownersOf(this.db, [id], sees)).get(id);
    return owner
      ? redriveJob(
          this.db,
          id,
          sealedText(this.db.data, owner.kind, payload, () => placeOf.payload(owner.tenant, id)),
          sees,
        )
      : [];
  }

  private bound(): { lookMs?: number } {
    return this.lookMs === undefined ? {} : { lookMs: this.lookMs };
  }

  private async changed(id: JobId, sees: Sees, change: Promise<JobRow[]>): Promise<{ accepted: boolean; job: Job } | null> {
    const [row] = await change;
    if (row) {
      this.db.changed([id]);
      return { accepted: true, job: toJob(row) };
    }
    const job = await this.find(id, sees);
    return job && { accepted: false, job };
  }
}

function toListedJob({ error, omitted, ...row }: ListedRow): ListedJob {
  // One that was short enough only because it was not sealed.
  const long = row.result !== null && row.result.length > LISTED_RESULT_BYTES / 3 && Buffer.byteLength(row.result) > LISTED_RESULT_BYTES;
  return { ...toSummary({ ...row, ...(long ? { result: null } : {}), errors: error ? [error] : [] }), resultOmitted: omitted || long };
}

/** The text of an error is looked for in failed jobs, unless states are named: there are few of them, and others that have failed will be tried again. */
function searched(conditions: JobConditions): JobConditions {
  return conditions.error === undefined || conditions.states !== undefined ? conditions : { ...conditions, states: ['failed'] };
}
