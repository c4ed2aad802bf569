import type { NewJob, StoredOptions } from '@app/core';

/** The columns of `jobs` that keep a job's options, as node-postgres reads them. */
export interface OptionRow {
  queue: string;
  priority: number;
  max_attempts: number;
  timeout_ms: string | null;
  tags: string[];
  tenant: string;
}

/** Those that nothing reads with a job: most jobs have none of them. */
type UnreadColumn = 'start_before' | 'flow_key';

interface OptionColumn {
  column: keyof OptionRow | UnreadColumn;
  /** Of a new job's parameter, which is an element of an array of them. */
  type: string;
  write: (job: NewJob) => unknown;
  /** What is stored, of the parameter under the column's name. Left out, the parameter. */
  stored?: string;
}

/** In the order of SUBMIT_JOBS. */
export const OPTION_COLUMNS: readonly OptionColumn[] = [
  { column: 'queue', type: 'text', write: (job) => job.queue },
  { column: 'priority', type: 'smallint', write: (job) => job.priority },
  { column: 'max_attempts', type: 'integer', write: (job) => job.maxAttempts },
  { column: 'timeout_ms', type: 'bigint', write: (job) => job.timeoutMs },
  {
    column: 'tags',
    // As JSON: PostgreSQL flattens an array of arrays.
    type: 'text',
    write: ({ tags }) => (tags.length > 0 ? JSON.stringify(tags) : null),
    stored: `CASE WHEN tags IS NULL THEN '{}' ELSE ARRAY(SELECT jsonb_array_elements_text(tags::jsonb)) END`,
  },
  { column: 'tenant', type: 'text', write: (job) => job.tenant },
  {
    column: 'start_before',
    // A time, or so many milliseconds from now by the database's clock.
    type: 'text',
    write: ({ startBefore, startWithinMs }) => startBefore?.toISOString() ?? (startWithinMs === undefined ? null : `+${startWithinMs}`),
    stored: `CASE WHEN start_before LIKE '+%' THEN now() + start_before::float8 * interval '1 millisecond' ELSE start_before::timestamptz END`,
  },
  { column: 'flow_key', type: 'text', write: ({ flowKey }) => flowKey ?? null },
];

/** The columns that are read with a job. */
export const READ_COLUMNS: readonly (keyof OptionRow)[] = OPTION_COLUMNS.flatMap(({ column }) =>
  column === 'start_before' || column === 'flow_key' ? [] : [column],
);

/** The options that a row keeps. */
export function optionsOf(row: Omit<OptionRow, 'tags' | 'tenant'>, tags: string[], tenant: string): StoredOptions {
  return {
    queue: row.queue,
    priority: row.priority,
    maxAttempts: row.max_attempts,
    timeoutMs: row.timeout_ms === null ? null : Number(row.timeout_ms),
    tags,
    tenant,
  };
}
