import type { ReportColumn } from './aggregate-query.js';
import { styled, styleOf } from './number-style.js';
import type { GroupRow } from './read-groups.js';

/** What is shown of a report: everything about it, and as many of its rows as a reader can look through. */
export interface Report {
  title: string;
  columns: ReportColumn[];
  rows: GroupRow[];
  /** Rows for the chart of a measure, ranked over all groups, where `rows` are not all of the report. */
  ranked?: ReadonlyMap<number, RankedRows>;
  /** Of the whole report. */
  totalRows: number;
  /** Rows of the table behind it. */
  sourceRows: number;
  madeAt: Date;
}

export interface RankedRows {
  rows: GroupRow[];
  /** How many groups there are in all. */
  groups: number;
}

/** Enough for charts of many years by several groups. */
export const SHOWN_ROWS = 20_000;

/** Gathers a report while its rows pass by on their way into the CSV. */
export class ReportCollector {
  readonly #rows: GroupRow[] = [];
  #totalRows = 0;
  #sourceRows = 0;

  constructor(
    private readonly title: string,
    private readonly columns: ReportColumn[],
  ) {}

  /** The rows without the number behind each, after noting them. */
  take(page: GroupRow[]): GroupRow[] {
    const rows = page.map((row) => row.slice(0, -1));
    this.#totalRows += rows.length;
    for (const row of page) this.#sourceRows += Number(row.at(-1));
    for (const row of rows) if (this.#rows.length < SHOWN_ROWS) this.#rows.push(row);
    return rows;
  }

  report(madeAt: Date): Report {
    return { title: this.title, columns: this.columns, rows: this.#rows, totalRows: this.#totalRows, sourceRows: this.#sourceRows, madeAt };
  }
}

const PLAIN = new Intl.NumberFormat('en', { maximumFractionDigits: 3, useGrouping: false });
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });
const WHOLE = new Intl.NumberFormat('en');

/** A number as an axis wants it: `2670`, `1.2M`. */
export function compactNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e15)) return value.toExponential(3).replace(/\.?0+e/, 'e');
  return size < 10_000 ? PLAIN.format(value) : COMPACT.format(value);
}

/** What a reader sees of the first `count` rows: all numbers of a column with the same number of decimals. */
export function shownTexts({ columns, rows }: Report, count: number): string[][] {
  const shown = rows.slice(0, count);
  const styles = columns.map((column, index) => (column.numeric ? styleOf(shown.map((row) => row[index] ?? null)) : undefined));
  return shown.map((row) =>
    columns.map((column, index) => {
      const style = styles[index];
      const value = row[index] ?? null;
      return style && value !== null ? styled(value, style) : cellText(value, column);
    }),
  );
}

/** A value as it is; where there is none, the words for that. */
export function cellText(value: string | null, { role }: Pick<ReportColumn, 'role'>): string {
  if (value === null) return role === 'measure' ? '–' : '(none)';
  return value.trim() === '' ? '(blank)' : value;
}

/** `1,461 rows in 48 groups, made 2026-03-01 10:00 UTC` */
export function aboutText({ sourceRows, totalRows, madeAt }: Report): string {
  const made = madeAt.toISOString().slice(0, 16).replace('T', ' ');
  return `${howMany(sourceRows, 'row')} in ${howMany(totalRows, 'group')}, made ${made} UTC`;
}

function howMany(count: number, what: string): string {
  return `${count === 0 ? 'no' : WHOLE.format(count)} ${what}${count === 1 ? '' : 's'}`;
}
