import type { COUNTERS, HISTOGRAMS } from './definitions.js';

export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;
export type Labels = Readonly<Record<string, string>>;

/** Counts and measures what happens. Never throws and never waits. A label's value that is not on its allow-list is shown as `other`. */
export interface Metrics {
  count(name: CounterName, labels?: Labels, by?: number): void;
  observe(name: HistogramName, value: number, labels?: Labels): void;
}

/** For who does not look. */
export const noMetrics: Metrics = { count: () => undefined, observe: () => undefined };
