import { NonRetryableError } from '@app/sdk';
import { importedTableName, quoteIdentifier } from '../imports/identifier.js';
import { type ImportedColumn, importedColumn, type ImportedTable } from '../imports/imported-table.js';
import { capital, distinctTitles, words } from './column-titles.js';

export const PERIODS = ['year', 'month', 'none'] as const;
export type Period = (typeof PERIODS)[number];

export const FUNCTIONS = ['count', 'sum', 'mean', 'min', 'max', 'p50', 'p90', 'p95', 'p99'] as const;
export type AggregateFunction = (typeof FUNCTIONS)[number];

const WORDS: Record<AggregateFunction, string> = {
  count: 'Count',
  sum: 'Sum',
  mean: 'Mean',
  min: 'Minimum',
  max: 'Maximum',
  p50: 'Median',
  p90: '90th percentile',
  p95: '95th percentile',
  p99: '99th percentile',
};

/** What to compute; `column` may be `*` for `count`. */
export interface Measure {
  column: string;
  functions: AggregateFunction[];
}

export interface Aggregation {
  dateColumn?: string;
  period: Period;
  groupBy: string[];
  measures: Measure[];
}

/** A column of the report, in the order of the query's rows; each row has the number of rows behind it at its end. */
export interface ReportColumn {
  /** As a program reads it, in the CSV: `sum(unit_price)`. */
  label: string;
  /** As a person reads it, and no other column's: `Sum of unit price`. */
  title: string;
  role: 'period' | 'group' | 'measure';
  /** Whether its values are numbers, to be drawn and set right-aligned. */
  numeric: boolean;
}

export interface AggregateQuery {
  sql: string;
  columns: ReportColumn[];
}

/**
 * The rows that a chart of a measure needs, out of all rows: those of the groups that are largest over all periods. Its last
 * value is the number of all groups that have a value. For reports with more rows than are kept.
 */
export function rankedQuery({ sql, columns }: AggregateQuery, measure: number, groups: number): string {
  const keys = columns.flatMap((column, index) => (column.role === 'group' ? [`c${index}`] : []));
  const period = columns.some((column) => column.role === 'period');
  const list = keys.length === 0 ? 'null::text' : keys.join(', ');
  const size = period ? `sum(abs(c${measure}::numeric))` : `max(c${measure}::numeric)`;
  const match = keys.length === 0 ? 'true' : keys.map((key) => `r.${key} is not distinct from top.${key}`).join(' and ');
  const order = [...(period ? ['r.c0'] : []), 'top.place'].join(', ');
  const named = keys.length === 0 ? 'null::text as k' : keys.join(', ');
  return `/* report:ranked */ with r as materialized (${sql}),
    sizes as (select ${named}, ${size} as size from r where c${measure} is not null group by ${keys.length === 0 ? '1' : list}),
    top as (select *, row_number() over (order by size desc, ${keys.length === 0 ? '1' : list}) as place from sizes order by place limit ${groups})
    select r.*, (select count(*)::text from sizes) as groups from r join top on ${match} order by ${order}`;
}

const NUMBERS = new Set(['integer', 'bigint', 'numeric', 'double precision', 'smallint', 'real']);
const DATES = new Set(['date', 'timestamp with time zone', 'timestamp without time zone']);
const FORMATS: Record<Exclude<Period, 'none'>, string> = { year: 'YYYY', month: 'YYYY-MM' };

/**
 * The SELECT of a report: every value as text, in the order of its groups. Periods are UTC's. Throws a NonRetryableError
 * for what the table cannot answer: an unknown column, a sum of texts, a period without a date.
 */
export function aggregateQuery(table: ImportedTable, { dateColumn, period, groupBy, measures }: Aggregation): AggregateQuery {
  const keys: { sql: string; column: ReportColumn }[] = [];
  if (period !== 'none') {
    const column = dateColumnOf(table, dateColumn);
    keys.push({ sql: `to_char(${inUtc(column)}, '${FORMATS[period]}')`, column: { label: period, title: capital(period), role: 'period', numeric: false } });
  }
  for (const name of groupBy) {
    const column = importedColumn(table, name);
    keys.push({ sql: asText(column), column: { label: column.label, title: capital(words(column.label)), role: 'group', numeric: false } });
  }
  const values = measures.flatMap(({ column, functions }) => functions.map((name) => measureOf(table, column, name)));
  const selected = [...keys, ...values].map(({ sql }, index) => `${sql} as c${index}`);
  const ordinals = keys.map((_, index) => index + 1).join(', ');
  const grouping = ordinals === '' ? '' : ` group by ${ordinals} order by ${ordinals}`;
  return {
    sql: `/* report:aggregate */ select ${[...selected, 'count(*)::text as rows'].join(', ')} from ${importedTableName(table.name)}${grouping}`,
    columns: distinctTitles([...keys, ...values].map(({ column }) => column)),
  };
}

function dateColumnOf(table: ImportedTable, name: string | undefined): ImportedColumn {
  const dates = table.columns.filter((column) => DATES.has(column.sqlType));
  if (name === undefined) {
    if (dates.length === 1 && dates[0]) return dates[0];
    const names = dates.map((column) => column.name).join(', ');
    throw new NonRetryableError(
      `expected dateColumn, for table ${table.name} has ${dates.length === 0 ? 'no date column: choose period "none"' : `several date columns: ${names}`}`,
    );
  }
  const column = importedColumn(table, name);
  if (DATES.has(column.sqlType)) return column;
  throw new NonRetryableError(
    `expected a date column, got: ${column.name}, which is ${column.sqlType}; import the file with {"name": ${JSON.stringify(column.name)}, "type": "date"}, or choose period "none"`,
  );
}

function measureOf(table: ImportedTable, name: string, aggregate: AggregateFunction): { sql: string; column: ReportColumn } {
  if (name === '*') {
    if (aggregate === 'count') return { sql: 'count(*)::text', column: { label: 'count', title: 'Number of rows', role: 'measure', numeric: true } };
    throw new NonRetryableError(`expected a column for ${aggregate}, got: "*", which can only be counted`);
  }
  const column = importedColumn(table, name);
  const numeric = NUMBERS.has(column.sqlType);
  const comparable = numeric || DATES.has(column.sqlType) || column.sqlType === 'text';
  if (aggregate !== 'count' && !(aggregate === 'min' || aggregate === 'max' ? comparable : numeric)) {
    throw new NonRetryableError(`expected a column of numbers for ${aggregate}, got: ${column.name}, which is ${column.sqlType}`);
  }
  const title = `${WORDS[aggregate]} of ${words(column.label)}`;
  const result = { label: `${aggregate}(${column.label})`, title, role: 'measure' as const, numeric: numeric || aggregate === 'count' };
  return { sql: sqlOf(column, aggregate), column: result };
}

function sqlOf(column: ImportedColumn, aggregate: AggregateFunction): string {
  const name = quoteIdentifier(column.name);
  switch (aggregate) {
    case 'count':
      return `count(${name})::text`;
    case 'sum':
      return isDouble(column) ? withoutNoise(`sum(${name})`) : `sum(${name})::text`;
    case 'mean':
      return isDouble(column) ? withoutNoise(`avg(${name})`) : `trim_scale(avg(${name}))::text`;
    case 'min':
    case 'max':
      return textOf(column, `${aggregate}(${name})`);
    case 'p50':
    case 'p90':
    case 'p95':
    case 'p99':
      return percentile(name, `0.${aggregate.slice(1)}`);
  }
}

/**
 * A percentile by linear interpolation between the two nearest values, as percentile_cont has it, but in exact decimals:
 * that one knows doubles only. With n values in order it is the one at 1 + fraction * (n - 1).
 */
function percentile(name: string, fraction: string): string {
  const values = `(array_agg(${name}::numeric order by ${name}) filter (where ${name} is not null))`;
  const place = `(${fraction} * (count(${name}) - 1))`;
  const at = (index: string) => `${values}[(${index})::bigint::integer]`;
  const low = at(`floor(${place}) + 1`);
  const high = at(`ceil(${place}) + 1`);
  return `trim_scale(case when ${low} = ${high} then ${low} else ${low} + (${high} - ${low}) * (${place} - floor(${place})) end)::text`;
}

function isDouble({ sqlType }: ImportedColumn): boolean {
  return sqlType === 'double precision' || sqlType === 'real';
}

/** A double with the fifteen digits that it surely has: sums of doubles differ in the digits behind. */
function withoutNoise(sql: string): string {
  return `case when abs(${sql}) between 1e-9 and 1e15 then trim_scale((${sql})::numeric)::text else (${sql})::text end`;
}

function asText(column: ImportedColumn): string {
  return textOf(column, quoteIdentifier(column.name));
}

/** As text that does not depend on the session's settings. */
function textOf(column: ImportedColumn, sql: string): string {
  if (column.sqlType === 'date') return `to_char(${sql}, 'YYYY-MM-DD')`;
  if (column.sqlType === 'timestamp with time zone') return `to_char(${sql} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
  return `${sql}::text`;
}

function inUtc(column: ImportedColumn): string {
  const name = quoteIdentifier(column.name);
  return column.sqlType === 'timestamp with time zone' ? `${name} at time zone 'UTC'` : name;
}
