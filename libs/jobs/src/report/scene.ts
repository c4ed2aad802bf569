import type { ChartData } from './chart-data.js';
import { compactNumber } from './report.js';

/** A drawing, for whatever can draw: SVG in a page, paths in a PDF. */
export type Shape =
  | { kind: 'line'; x1: number; y1: number; x2: number; y2: number; colour: string; width: number }
  | { kind: 'path'; points: [number, number][]; colour: string; width: number }
  | { kind: 'dot'; x: number; y: number; radius: number; colour: string }
  | { kind: 'rect'; x: number; y: number; width: number; height: number; colour: string }
  | { kind: 'text'; x: number; y: number; text: string; size: number; anchor: 'start' | 'middle' | 'end'; colour: string };

export interface Scene {
  width: number;
  height: number;
  shapes: Shape[];
}

/** Told apart by people with any colour vision, on white. */
const COLOURS = ['#2563eb', '#d9730d', '#0f8a6d', '#9333ea', '#c81e4a', '#64748b'];
const INK = '#334155';
const FAINT = '#64748b';
const GRID = '#e2e8f0';
const WIDTH = 880;
const TEXT = 12;

export function sceneOf(chart: ChartData): Scene {
  return chart.kind === 'line' ? lineScene(chart) : barScene(chart);
}

function lineScene({ categories, series }: ChartData): Scene {
  const named = series.length > 1 || series[0]?.name !== '';
  const left = 64;
  const right = named ? WIDTH - 170 : WIDTH - 20;
  const top = 16;
  const bottom = 300;
  const ticks = niceTicks(...extent(series.flatMap(({ values }) => values.filter((value) => value !== null))));
  const lowest = ticks[0] ?? 0;
  const highest = ticks.at(-1) ?? 1;
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
  for (const [index, { name, values }] of series.entries()) {
    const colour = COLOURS[index % COLOURS.length] ?? INK;
    shapes.push(...curve(values, x, y, colour));
    if (!named) continue;
    shapes.push({ kind: 'rect', x: right + 18, y: top + index * 22, width: 12, height: 12, colour });
    shapes.push({ kind: 'text', x: right + 36, y: top + index * 22 + 10, text: shorten(name, 20), size: TEXT, anchor: 'start', colour: INK });
  }
  return { width: WIDTH, height: bottom + 32, shapes };
}

/** Of how many periods one is named: at most a dozen in all, at steps that people count years and months in. */
function labelStep(categories: string[]): number {
  const least = Math.ceil(categories.length / 12);
  const steps = (categories[0] ?? '').length > 4 ? [1, 2, 3, 6, 12, 24, 60, 120, 240] : [1, 2, 5, 10, 20, 50, 100, 200];
  return steps.find((step) => step >= least) ?? least;
}

/** A line for each run of values without a gap; a dot where a run is a single value. */
function curve(values: (number | null)[], x: (index: number) => number, y: (value: number) => number, colour: string): Shape[] {
  const runs: [number, number][][] = [[]];
  for (const [index, value] of values.entries()) {
    if (value === null) runs.push([]);
    else runs.at(-1)?.push([x(index), y(value)]);
  }
  return runs.flatMap((points): Shape[] => {
    const [only] = points;
    if (only && points.length === 1) return [{ kind: 'dot', x: only[0], y: only[1], radius: 3, colour }];
    return points.length === 0 ? [] : [{ kind: 'path', points, colour, width: 2 }];
  });
}

function barScene({ categories, series }: ChartData): Scene {
  const values = (series[0]?.values ?? []).map((value) => value ?? 0);
  const left = 220;
  const right = WIDTH - 70;
  const step = 26;
  const lowest = Math.min(0, ...values);
  const highest = Math.max(0, ...values);
  const x = (value: number) => left + ((right - left) * (value - lowest)) / (highest - lowest || 1);
  const shapes: Shape[] = [{ kind: 'line', x1: x(0), y1: 4, x2: x(0), y2: values.length * step + 4, colour: FAINT, width: 1 }];
  for (const [index, value] of values.entries()) {
    const top = index * step + 8;
    const from = Math.min(x(0), x(value));
    shapes.push({ kind: 'rect', x: from, y: top, width: Math.max(1, Math.abs(x(value) - x(0))), height: step - 8, colour: COLOURS[0] ?? INK });
    shapes.push({ kind: 'text', x: left - 10, y: top + 13, text: shorten(categories[index] ?? '', 32), size: TEXT, anchor: 'end', colour: INK });
    shapes.push({ kind: 'text', x: Math.max(x(0), x(value)) + 6, y: top + 13, text: compactNumber(value), size: TEXT, anchor: 'start', colour: FAINT });
  }
  return { width: WIDTH, height: values.length * step + 12, shapes };
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

function shorten(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}
