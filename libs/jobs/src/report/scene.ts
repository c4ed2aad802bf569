import type { ChartData } from './chart-data.js';
import { compactNumber } from './report.js';
import { distinctNames, textWidth } from './text-width.js';

/** A drawing, for whatever can draw: SVG in a page, paths in a PDF. */
export type Shape =
  | { kind: 'line'; x1: number; y1: number; x2: number; y2: number; colour: string; width: number; dash?: number[] }
  | { kind: 'path'; points: [number, number][]; colour: string; width: number; dash: number[] }
  | { kind: 'dot'; x: number; y: number; radius: number; colour: string }
  | { kind: 'rect'; x: number; y: number; width: number; height: number; colour: string }
  | { kind: 'text'; x: number; y: number; text: string; size: number; anchor: 'start' | 'middle' | 'end'; colour: string };

export interface Scene {
  width: number;
  height: number;
  shapes: Shape[];
}

/** Told apart by people with any colour vision, on white; from the seventh on the lines are dashed too. */
const COLOURS = ['#4347c4', '#b8841a', '#2f9e7e', '#8860ae', '#bc3a14', '#2f80c8'];
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3]];
const INK = '#434c5a';
const FAINT = '#5c6675';
const GRID = '#e0e4ea';
const WIDTH = 880;
const TEXT = 12;

export function sceneOf(chart: ChartData): Scene {
  return chart.kind === 'line' ? lineScene(chart) : barScene(chart);
}

function lineScene({ categories, series }: ChartData): Scene {
  const named = series.length > 1 || series[0]?.name !== '';
  const right = named ? WIDTH - 190 : WIDTH - 20;
  const top = 16;
  const bottom = 300;
  const ticks = niceTicks(...extent(series.flatMap(({ values }) => values.filter((value) => value !== null))));
  const lowest = ticks[0] ?? 0;
  const highest = ticks.at(-1) ?? 1;
  const left = Math.max(64, 16 + Math.max(...ticks.map((tick) => textWidth(compactNumber(tick), TEXT))));
  const x = (index: number) => (categories.length === 1 ? (left + right) / 2 : left + ((right - left) * index) / (categories.length - 1));
  const y = (value: number) => bottom - ((bottom - top) * (value - lowest)) / (highest - lowest || 1);
  const shapes: Shape[] = [];
  for (const tick of ticks) {
    shapes.push({ kind: 'line', x1: left, y1: y(tick), x2: right, y2: y(tick), colour: tick === 0 ? FAINT : GRID, width: 1 });
    shapes.push({ kind: 'text', x: left - 8, y: y(tick) + 4, text: compactNumber(tick), size: TEXT, anchor: 'end', colour: FAINT });
  }
  const every = labelStep(categories);
  for (const [index, category] of categories.entries()) {
    if (index % every !== 0) continue;
    shapes.push({ kind: 'line', x1: x(index), y1: bottom, x2: x(index), y2: bottom + 5, colour: FAINT, width: 1 });
    shapes.push({ kind: 'text', x: x(index), y: bottom + 20, text: category, size: TEXT, anchor: 'middle', colour: FAINT });
  }
  const names = distinctNames(
    series.map(({ name }) => name),
    150,
    TEXT,
  );
  for (const [index, { values, colour: place }] of series.entries()) {
    const line = lineOf(place);
    shapes.push(...curve(values, x, y, line));
    if (!named) continue;
    const at = top + index * 22 + 6;
    shapes.push({ kind: 'line', x1: right + 14, y1: at, x2: right + 32, y2: at, ...line, width: 3 });
    shapes.push({ kind: 'text', x: right + 38, y: at + 4, text: names[index] ?? '', size: TEXT, anchor: 'start', colour: INK });
  }
  return { width: WIDTH, height: bottom + 32, shapes };
}

/** Of how many periods one is named: at most a dozen in all, at steps that people count years and months in. */
function labelStep(categories: string[]): number {
  const least = Math.ceil(categories.length / 12);
  const steps = (categories[0] ?? '').length > 4 ? [1, 2, 3, 6, 12, 24, 60, 120, 240] : [1, 2, 5, 10, 20, 50, 100, 200];
  return steps.find((step) => step >= least) ?? least;
}

interface Line {
  colour: string;
  dash: number[];
}

function lineOf(place: number): Line {
  return { colour: COLOURS[place % COLOURS.length] ?? INK, dash: DASHES[Math.floor(place / COLOURS.length) % DASHES.length] ?? [] };
}

/** A line for each run of values without a gap; a dot where a run is a single value. */
function curve(values: (number | null)[], x: (index: number) => number, y: (value: number) => number, line: Line): Shape[] {
  const runs: [number, number][][] = [[]];
  for (const [index, value] of values.entries()) {
    if (value === null) runs.push([]);
    else runs.at(-1)?.push([x(index), y(value)]);
  }
  return runs.flatMap((points): Shape[] => {
    const [only] = points;
    if (only && points.length === 1) return [{ kind: 'dot', x: only[0], y: only[1], radius: 3, colour: line.colour }];
    return points.length === 0 ? [] : [{ kind: 'path', points, ...line, width: 2 }];
  });
}

/** Bars from zero, which is in the axis whatever the values are. */
function barScene({ categories, series }: ChartData): Scene {
  const values = (series[0]?.values ?? []).map((value) => value ?? 0);
  const { colour } = lineOf(series[0]?.colour ?? 0);
  const left = 230;
  const right = WIDTH - 24;
  const top = 4;
  const step = 26;
  const bottom = top + values.length * step + 6;
  const [lowest, highest] = extent([0, ...values]);
  const ticks = niceTicks(lowest, highest).filter((tick) => tick >= lowest && tick <= highest);
  // Room for the figure beside the longest bar of either side.
  const figure = 8 + Math.max(...values.map((value) => textWidth(compactNumber(value), TEXT)), 0);
  const from = left + (lowest < 0 ? figure : 0);
  const x = (value: number) => from + ((right - figure - from) * (value - lowest)) / (highest - lowest || 1);
  const shapes: Shape[] = [];
  for (const tick of ticks) {
    shapes.push({ kind: 'line', x1: x(tick), y1: top, x2: x(tick), y2: bottom, colour: GRID, width: 1 });
    shapes.push({ kind: 'text', x: x(tick), y: bottom + 16, text: compactNumber(tick), size: TEXT - 1, anchor: 'middle', colour: FAINT });
  }
  const names = distinctNames(categories, left - 14, TEXT);
  for (const [index, value] of values.entries()) {
    const y = top + index * step + 4;
    shapes.push({ kind: 'rect', x: Math.min(x(0), x(value)), y, width: Math.max(1, Math.abs(x(value) - x(0))), height: step - 8, colour });
    shapes.push({ kind: 'text', x: left - 10, y: y + 13, text: names[index] ?? '', size: TEXT, anchor: 'end', colour: INK });
    const beside = value < 0 ? { x: x(value) - 6, anchor: 'end' as const } : { x: x(value) + 6, anchor: 'start' as const };
    shapes.push({ kind: 'text', ...beside, y: y + 13, text: compactNumber(value), size: TEXT, colour: FAINT });
  }
  shapes.push({ kind: 'line', x1: x(0), y1: top, x2: x(0), y2: bottom, colour: FAINT, width: 1 });
  return { width: WIDTH, height: bottom + 24, shapes };
}

/** About five round numbers that enclose the values; zero is one of them unless the values lie close together far from it. */
export function niceTicks(min: number, max: number): number[] {
  const nearZero = min >= 0 && min < max * 0.7 ? 0 : min;
  const low = max <= 0 && max > min * 0.7 ? min : nearZero;
  const high = max <= 0 && max > min * 0.7 ? 0 : max;
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span / 5));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= span / 5) ?? 10) * power;
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step));
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

function extent(values: number[]): [number, number] {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min > max ? [0, 1] : [min, max];
}
