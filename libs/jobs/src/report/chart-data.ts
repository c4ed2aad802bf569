import type { ReportColumn } from './aggregate-query.js';
import { listed } from './column-titles.js';
import type { GroupRow } from './read-groups.js';
import { cellText, type Report } from './report.js';

export interface Series {
  name: string;
  /** One for each category; null where there is no value. */
  values: (number | null)[];
  /** The place of its colour: one group, or one measure, has the same in every chart of the report. */
  colour: number;
}

/** What a chart shows, before anything is placed: lines over time, or bars of groups. */
export interface ChartData {
  title: string;
  kind: 'line' | 'bar';
  categories: string[];
  series: Series[];
  /** Says what was left out; empty when nothing was. */
  note: string;
}

const MAX_CHARTS = 12;
/** Of a report that is larger than what is kept of it: each chart ranks all groups once more. */
const MAX_RANKED_CHARTS = 4;
export const MAX_SERIES = 6;
export const MAX_BARS = 20;
const MAX_PERIODS = 2_400;

export interface Charts {
  charts: ChartData[];
  /** Which measures have no chart and why, in words; empty when all have one. */
  without: string;
}

/** A chart for each measure that is a number, as far as there is room; none for a report without groups and periods. */
export function chartsOf(report: Report): Charts {
  const period = report.columns.findIndex((column) => column.role === 'period');
  const groups = report.columns.flatMap((column, index) => (column.role === 'group' ? [index] : []));
  if (report.totalRows === 0) return { charts: [], without: '' };
  if (period < 0 && groups.length === 0) return { charts: [], without: 'No chart: the report has neither a period nor groups.' };
  const colours = new Map<string, number>();
  const colourOf = (name: string) => {
    const known = colours.get(name) ?? colours.size;
    colours.set(name, known);
    return known;
  };
  const charted = chartedMeasures(report.columns, report.ranked !== undefined);
  const drawn = charted.map((measure) => ({
    measure,
    chart: period < 0 ? bars(report, groups, measure, colourOf) : lines(report, period, groups, measure, colourOf),
  }));
  const charts = drawn.flatMap(({ chart }) => (chart.series.some(({ values }) => values.length > 0) ? [chart] : []));
  const empty = drawn.flatMap(({ measure, chart }) => (charts.includes(chart) ? [] : [measure]));
  return { charts, without: withoutChart(report, charted, empty) };
}

/** The measures that have a chart. `large`: more rows than are kept. */
export function chartedMeasures(columns: readonly ReportColumn[], large: boolean): number[] {
  const numeric = columns.flatMap((column, index) => (column.role === 'measure' && column.numeric ? [index] : []));
  return numeric.slice(0, large ? MAX_RANKED_CHARTS : MAX_CHARTS);
}

function withoutChart({ columns }: Report, charted: readonly number[], empty: readonly number[]): string {
  const measures = columns.flatMap((column, index) => (column.role === 'measure' ? [index] : []));
  const named = (indexes: readonly number[]) => listed(indexes.map((index) => columns[index]?.title ?? ''));
  const said = (indexes: readonly number[], why: string) => (indexes.length === 0 ? [] : [`${named(indexes)} (${why})`]);
  const texts = measures.filter((index) => !columns[index]?.numeric);
  const beyond = measures.filter((index) => columns[index]?.numeric && !charted.includes(index));
  const parts = [...said(beyond, `only the first ${charted.length} have one`), ...said(texts, 'not a number'), ...said(empty, 'without a value')];
  return parts.length === 0 ? '' : `Without a chart: ${parts.join('; ')}.`;
}

function lines(report: Report, period: number, groups: number[], measure: number, colourOf: (name: string) => number): ChartData {
  const ranked = report.ranked?.get(measure);
  const rows = ranked?.rows ?? report.rows;
  const periods = everyPeriod(rows.map((row) => row[period] ?? null).filter((value) => value !== null));
  const positions = new Map(periods.map((name, index) => [name, index]));
  const all = new Map<string, Omit<Series, 'colour'> & { row: GroupRow }>();
  for (const row of rows) {
    const position = positions.get(row[period] ?? '');
    const value = numberOf(row[measure]);
    if (position === undefined || value === null) continue;
    const name = groupName(row, groups);
    let series = all.get(name);
    if (!series) all.set(name, (series = { name, row, values: new Array<number | null>(periods.length).fill(null) }));
    series.values[position] = value;
  }
  const largest = [...all.values()].sort((a, b) => weight(b) - weight(a));
  const shown = largest.slice(0, MAX_SERIES);
  const telling = tellingGroups(shown, groups);
  return {
    title: titleOf(report, measure),
    kind: 'line',
    categories: periods,
    series: shown.map(({ name, row, values }) => ({
      name: groupName(row, telling),
      values,
      colour: colourOf(groups.length === 0 ? titleOf(report, measure) : name),
    })),
    note: noteOf('the largest', MAX_SERIES, ranked?.groups ?? largest.length),
  };
}

function bars(report: Report, groups: number[], measure: number, colourOf: (name: string) => number): ChartData {
  const ranked = report.ranked?.get(measure);
  const all = (ranked?.rows ?? report.rows).flatMap((row) => {
    const value = numberOf(row[measure]);
    return value === null ? [] : [{ row, value }];
  });
  const shown = all.sort((a, b) => b.value - a.value).slice(0, MAX_BARS);
  const telling = tellingGroups(shown, groups);
  const title = titleOf(report, measure);
  const series = [{ name: title, values: shown.map(({ value }) => value), colour: colourOf(title) }];
  return {
    title,
    kind: 'bar',
    categories: shown.map(({ row }) => groupName(row, telling)),
    series,
    note: noteOf('the largest', MAX_BARS, ranked?.groups ?? all.length),
  };
}

/** From the first to the last period, those without rows too: a gap in the data must be one in the chart. */
function everyPeriod(found: string[]): string[] {
  const sorted = [...new Set(found)].sort();
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return [];
  const step = first.length > 4 ? 1 : 12;
  const count = (monthsOf(last) - monthsOf(first)) / step + 1;
  if (count > MAX_PERIODS) return sorted;
  return Array.from({ length: count }, (_, index) => periodAt(monthsOf(first) + index * step, step === 1));
}

function monthsOf(period: string): number {
  return Number(period.slice(0, 4)) * 12 + Number(period.slice(5) || 1) - 1;
}

function periodAt(months: number, withMonth: boolean): string {
  const year = String(Math.floor(months / 12)).padStart(4, '0');
  return withMonth ? `${year}-${String((months % 12) + 1).padStart(2, '0')}` : year;
}

/** Of several groups those that differ among what is shown: what all have alike would only take the room of the rest. */
function tellingGroups(shown: readonly { row: GroupRow }[], groups: number[]): number[] {
  if (shown.length < 2) return groups;
  const telling = groups.filter((index) => new Set(shown.map(({ row }) => row[index])).size > 1);
  return telling.length === 0 ? groups : telling;
}

function groupName(row: (string | null)[], groups: number[]): string {
  return groups.map((index) => cellText(row[index] ?? null, { role: 'group' })).join(' · ');
}

function titleOf(report: Report, measure: number): string {
  return report.columns[measure]?.title ?? '';
}

function noteOf(which: string, shown: number, total: number): string {
  return total > shown ? `${which} ${shown} of ${total.toLocaleString('en')} groups` : '';
}

function numberOf(text: string | null | undefined): number | null {
  const value = text === null || text === undefined ? NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

function weight(series: Pick<Series, 'values'>): number {
  return series.values.reduce<number>((sum, value) => sum + Math.abs(value ?? 0), 0);
}
