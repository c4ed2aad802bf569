import type { ReportColumn } from './aggregate-query.js';
import { cellText, type Report } from './report.js';

export interface Series {
  name: string;
  /** One for each category; null where there is no value. */
  values: (number | null)[];
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

export const MAX_CHARTS = 4;
export const MAX_SERIES = 6;
export const MAX_BARS = 20;
const MAX_PERIODS = 2_400;

/** A chart for each of the first measures that are numbers; none for a report without groups and periods. */
export function chartsOf(report: Report): ChartData[] {
  const period = report.columns.findIndex((column) => column.role === 'period');
  const groups = report.columns.flatMap((column, index) => (column.role === 'group' ? [index] : []));
  if (period < 0 && groups.length === 0) return [];
  return chartedMeasures(report.columns).map((measure) => (period < 0 ? bars(report, groups, measure) : lines(report, period, groups, measure)));
}

/** The measures that have a chart. */
export function chartedMeasures(columns: readonly ReportColumn[]): number[] {
  return columns.flatMap((column, index) => (column.role === 'measure' && column.numeric ? [index] : [])).slice(0, MAX_CHARTS);
}

/** Which measures have no chart, in words; empty when all have one. */
export function uncharted(report: Report): string {
  const numeric = report.columns.filter((column) => column.role === 'measure' && column.numeric);
  const missing = chartsOf(report).length === 0 ? [] : numeric.slice(MAX_CHARTS);
  return missing.length === 0 ? '' : `Without a chart: ${missing.map((column) => column.label).join(', ')}.`;
}

function lines(report: Report, period: number, groups: number[], measure: number): ChartData {
  const ranked = report.ranked?.get(measure);
  const rows = ranked?.rows ?? report.rows;
  const periods = everyPeriod(rows.map((row) => row[period] ?? null).filter((value) => value !== null));
  const positions = new Map(periods.map((name, index) => [name, index]));
  const all = new Map<string, Series>();
  for (const row of rows) {
    const position = positions.get(row[period] ?? '');
    const value = numberOf(row[measure]);
    if (position === undefined || value === null) continue;
    const name = groupName(report, row, groups);
    let series = all.get(name);
    if (!series) all.set(name, (series = { name, values: new Array<number | null>(periods.length).fill(null) }));
    series.values[position] = value;
  }
  const largest = [...all.values()].sort((a, b) => weight(b) - weight(a));
  return {
    title: titleOf(report, measure),
    kind: 'line',
    categories: periods,
    series: largest.slice(0, MAX_SERIES),
    note: noteOf('the largest', MAX_SERIES, ranked?.groups ?? largest.length),
  };
}

function bars(report: Report, groups: number[], measure: number): ChartData {
  const ranked = report.ranked?.get(measure);
  const all = (ranked?.rows ?? report.rows).flatMap((row) => {
    const value = numberOf(row[measure]);
    return value === null ? [] : [{ name: groupName(report, row, groups), value }];
  });
  const shown = all.sort((a, b) => b.value - a.value).slice(0, MAX_BARS);
  const series = [{ name: titleOf(report, measure), values: shown.map(({ value }) => value) }];
  return {
    title: titleOf(report, measure),
    kind: 'bar',
    categories: shown.map(({ name }) => name),
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

function groupName(report: Report, row: (string | null)[], groups: number[]): string {
  return groups.map((index) => cellText(row[index] ?? null, report.columns[index] ?? { label: '', role: 'group', numeric: false })).join(' · ');
}

function titleOf(report: Report, measure: number): string {
  return report.columns[measure]?.label ?? '';
}

function noteOf(which: string, shown: number, total: number): string {
  return total > shown ? `${which} ${shown} of ${total} groups` : '';
}

function numberOf(text: string | null | undefined): number | null {
  const value = text === null || text === undefined ? NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

function weight(series: Series): number {
  return series.values.reduce<number>((sum, value) => sum + Math.abs(value ?? 0), 0);
}
