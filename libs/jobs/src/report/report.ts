import type { ReportColumn } from './aggregate-query.js';
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

const GROUPED = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });

/** A number as a reader wants it: `1,234.568`. Digits beyond a double's are kept as they are. */
export function readableNumber(text: string): string {
  const value = Number(text);
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) return text;
  return value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(2) : GROUPED.format(value);
}

/** A number as an axis wants it: `2,670`, `1.2M`. */
export function compactNumber(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(1);
  return Math.abs(value) < 10_000 ? GROUPED.format(value) : COMPACT.format(value);
}

export function cellText(value: string | null, column: ReportColumn): string {
  if (value === null) return column.role === 'measure' ? '–' : '(none)';
  return column.numeric ? readableNumber(value) : value;
}
