import {
  type ClaimedJob,
  DEFAULT_TENANT,
  type Job,
  type JobError,
  type JobId,
  type JobSchedule,
  type JobState,
  type JobSummary,
  type JsonText,
  type LeaseToken,
  type NotifyEntry,
  type Progress,
  type PublishId,
  type SettledJob,
  withOptions,
} from '@app/core';
import { notifyOf } from './notify-column.js';
import { type OptionRow, optionsOf, READ_COLUMNS } from './option-columns.js';

/** A row of `jobs` as node-postgres reads it: int8 is text, timestamptz is a Date, jsonb is parsed, json is read as its text. */
export interface JobRow extends OptionRow {
  id: string;
  kind: string;
  state: JobState;
  payload: JsonText;
  attempt: number;
  progress: Progress | null;
  result: JsonText | null;
  errors: JobError[];
  notify: NotifyEntry[] | null;
  traceparent: string | null;
  origin: JobOrigin | null;
  redrives: number;
  cancel_requested: boolean;
  events: number;
  lease_token: string | null;
  publish_id: string | null;
  fence: number;
  crashes: number;
  run_at: Date | null;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

/** What has made a job, as it is stored. */
export interface JobOrigin {
  schedule?: { id: string; tick: string; previousTick: string | null };
}

/** What a claim gives: the job, and how many seconds it had waited, or null where the attempt had begun before. */
export interface ClaimedRow extends JobRow {
  waited?: number | null;
  /** Its payload cannot be opened: see `openRows`. */
  unreadable?: string;
}

/** What few jobs have when they are claimed: one column instead of seven, which is NULL for the others. */
type RareColumns = Pick<JobRow, 'tags' | 'tenant' | 'progress' | 'errors' | 'notify' | 'traceparent' | 'origin' | 'redrives' | 'cancel_requested'>;

/** What the claim of many jobs gives of each: what differs from job to job, and the rest where there is any. node-postgres takes 0.7 us a column and row. */
export interface LeanClaimedRow extends Omit<JobRow, keyof RareColumns | (typeof KNOWN_WHEN_CLAIMED)[number]> {
  rare: RareColumns | null;
  waited: number;
  unreadable?: string;
}

export function leanClaimedColumns(alias: string): string {
  const rare = Object.entries(COMMONLY);
  const common = rare.map(([column, is]) => `${alias}.${column} ${is}`).join(' AND ');
  const all = rare.map(([column]) => `'${column}', ${alias}.${column}`).join(', ');
  return `${columnsOf(LEAN_COLUMNS, alias)}, CASE WHEN ${common} THEN NULL ELSE jsonb_build_object(${all}) END AS rare`;
}

/** The columns of {@link JobRow}, of the table under the given alias. */
export function jobColumns(alias = 'jobs'): string {
  return columnsOf(COLUMNS, alias);
}

/** What callers are shown is made of these: all but the payload, which may be large. */
export type SummaryRow = Omit<JobRow, 'payload'>;

export function summaryColumns(alias = 'jobs'): string {
  return columnsOf(SUMMARY_COLUMNS, alias);
}

/**
 * Of a list: a result only while it is short, and of the errors the last one, which is all that is shown. How long it is stored says at no
 * cost what is too long in any case; only what is short there is unpacked and measured.
 */
export function listedColumns(resultBytes: number): string {
  const columns = columnsOf(
    SUMMARY_COLUMNS.filter((column) => column !== 'result' && column !== 'errors'),
    'jobs',
  );
  const long = `CASE WHEN pg_column_size(jobs.result) > ${resultBytes} THEN true ELSE octet_length(jobs.result::text) > ${resultBytes} END`;
  return `${columns}, jobs.errors -> -1 AS error, CASE WHEN NOT (${long}) THEN jobs.result::text END AS result, coalesce(${long}, false) AS omitted`;
}

export interface ListedRow extends Omit<SummaryRow, 'errors'> {
  error: JobError | null;
  omitted: boolean;
}

function columnsOf(columns: readonly string[], alias: string): string {
  return columns.map((column) => (AS_TEXT.has(column) ? `${alias}.${column}::text AS ${column}` : `${alias}.${column}`)).join(', ');
}

/** The driver would parse them, and numbers would lose digits. */
const AS_TEXT: ReadonlySet<string> = new Set(['payload', 'result']);

const COLUMNS: (keyof JobRow)[] = [
  'id', 'kind', ...READ_COLUMNS, 'state', 'payload', 'attempt', 'progress', 'result', 'errors',
  'notify', 'traceparent', 'origin', 'redrives', 'cancel_requested', 'events',
  'lease_token', 'publish_id', 'fence', 'crashes', 'run_at', 'created_at', 'started_at', 'finished_at',
]; // prettier-ignore

/** What most jobs have in the rare columns, as it is asked in SQL … */
const COMMONLY: Record<keyof RareColumns, string> = {
  tags: `= '{}'`,
  tenant: `= '${DEFAULT_TENANT}'`,
  progress: 'IS NULL',
  errors: `= '[]'`,
  notify: 'IS NULL',
  traceparent: 'IS NULL',
  origin: 'IS NULL',
  redrives: '= 0',
  cancel_requested: '= false',
};

/** … and as it is read. */
const NOTHING_RARE: RareColumns = {
  tags: [],
  tenant: DEFAULT_TENANT,
  progress: null,
  errors: [],
  notify: null,
  traceparent: null,
  origin: null,
  redrives: 0,
  cancel_requested: false,
};

/** A job that was claimed just now is running, and has neither a result nor a time to wait for. */
const KNOWN_WHEN_CLAIMED = ['state', 'result', 'run_at', 'finished_at'] as const satisfies (keyof JobRow)[];

const LEAN_COLUMNS = COLUMNS.filter((column) => !(KNOWN_WHEN_CLAIMED as readonly string[]).includes(column) && !(column in COMMONLY));

const SUMMARY_COLUMNS = COLUMNS.filter((column) => column !== 'payload');

const SETTLED_COLUMNS = [
  'id', 'kind', 'lease_token', 'state', 'attempt', 'progress', 'result', 'errors', 'events', 'notify', 'cancel_requested',
  'run_at', 'finished_at',
] satisfies (keyof JobRow)[]; // prettier-ignore

/** What may have changed since the claim, and what tells the row. */
export type SettledRow = Pick<JobRow, (typeof SETTLED_COLUMNS)[number]>;

/** The columns of {@link SettledRow}, of the table under the given alias. */
export function settledColumns(alias: string): string {
  return columnsOf(SETTLED_COLUMNS, alias);
}

/** What SETTLE_PLAIN gives. */
export type PlainSettledRow = Pick<JobRow, 'id' | 'kind' | 'lease_token' | 'progress' | 'events' | 'cancel_requested' | 'finished_at'>;

/** A job that has succeeded with this result and that nobody is told of; attempt and errors are as they were claimed. */
export function toPlainSettledJob(row: PlainSettledRow, result: JsonText | null): SettledJob {
  const { kind, progress, events, cancel_requested: cancelRequested, finished_at: finishedAt } = row;
  return { kind, state: 'succeeded', progress, result, events, notify: notifyOf(null), cancelRequested, runAt: null, finishedAt };
}

export function toSettledJob(row: SettledRow): SettledJob {
  return {
    kind: row.kind,
    state: row.state,
    attempt: row.attempt,
    progress: row.progress,
    result: row.result,
    errors: row.errors,
    events: row.events,
    notify: notifyOf(row.notify),
    cancelRequested: row.cancel_requested,
    runAt: row.run_at,
    finishedAt: row.finished_at,
  };
}

export function toJob(row: JobRow): Job {
  return summaryOf(row, row.payload);
}

/** A job without its payload. */
export function toSummary(row: SummaryRow): JobSummary {
  return summaryOf(row, 'null' as JsonText);
}

function summaryOf(row: SummaryRow, payload: JsonText): Job {
  const job = {
    id: row.id as JobId,
    kind: row.kind,
    state: row.state,
    payload,
    attempt: row.attempt,
    progress: row.progress,
    result: row.result,
    errors: row.errors,
    notify: notifyOf(row.notify),
    traceparent: row.traceparent,
    redrives: row.redrives,
    cancelRequested: row.cancel_requested,
    events: row.events,
    runAt: row.run_at,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
  return withOptions(row.origin === null ? job : scheduled(job, row.origin), optionsOf(row, row.tags, row.tenant));
}

/** Puts in which schedule has made a job. Most jobs have none, and pay nothing for it. */
function scheduled<Rest extends object>(job: Rest, { schedule }: JobOrigin): Rest & { schedule?: JobSchedule } {
  const marked: Rest & { schedule?: JobSchedule } = job;
  if (schedule) {
    const { id, tick, previousTick } = schedule;
    marked.schedule = { id, tick: new Date(tick), previousTick: previousTick === null ? null : new Date(previousTick) };
  }
  return marked;
}

/**
 * One literal, though it repeats `summaryOf` and `toClaimedJob`: an object of so many properties that is put together of others, by a spread or by
 * `Object.assign`, takes 20 to 40 us and ten times the memory (V8 11), a literal 0.1 us.
 */
export function leanToClaimedJob(row: LeanClaimedRow): ClaimedJob {
  const { tags, tenant, progress, errors, notify, traceparent, origin, redrives, cancel_requested: cancelRequested } = row.rare ?? NOTHING_RARE;
  const job = {
    // It was claimed just now.
    state: 'running' as const,
    result: null,
    runAt: null,
    finishedAt: null,
    id: row.id as JobId,
    kind: row.kind,
    payload: row.payload,
    attempt: row.attempt,
    progress,
    errors,
    notify: notifyOf(notify),
    traceparent,
    redrives,
    cancelRequested,
    events: row.events,
    createdAt: row.created_at,
    startedAt: row.started_at,
    token: row.lease_token as LeaseToken,
    publishId: row.publish_id as PublishId,
    fence: row.fence,
    crashes: row.crashes,
    waitedSeconds: row.waited,
  };
  const claimed: ClaimedJob = withOptions(origin === null ? job : scheduled(job, origin), optionsOf(row, tags, tenant));
  if (row.unreadable !== undefined) claimed.unreadable = row.unreadable;
  return claimed;
}

export function toClaimedJob(row: ClaimedRow): ClaimedJob {
  // Not by a spread, which copies so many properties a hundred times as slowly (12 us, V8 11).
  return Object.assign(toJob(row), {
    token: row.lease_token as LeaseToken,
    publishId: row.publish_id as PublishId,
    fence: row.fence,
    crashes: row.crashes,
    ...(typeof row.waited === 'number' ? { waitedSeconds: row.waited } : {}),
    ...(row.unreadable === undefined ? {} : { unreadable: row.unreadable }),
  });
}
