import { countsOf, type Latency, runOf, waitOf } from './snapshot.js';
import type { Counts, FigureRow } from './stats-store.js';
import { addFigures, noFigures } from './tallies.js';

/** What happened in the step that begins at `at`. */
export interface HistoryPoint extends Counts {
  at: Date;
  run: Latency;
  wait: Latency;
}

/** Each step between two times, in milliseconds, also those in which nothing happened. */
export function historyOf(rows: FigureRow[], { from, to, stepSeconds }: { from: number; to: number; stepSeconds: number }): HistoryPoint[] {
  const ms = stepSeconds * 1_000;
  const steps = Array.from({ length: Math.max(0, Math.ceil((to - from) / ms)) }, () => noFigures());
  for (const row of rows) {
    const step = steps[Math.floor((row.at - from) / ms)];
    if (step) addFigures(step, row);
  }
  return steps.map((figures, n) => ({ at: new Date(from + n * ms), ...countsOf(figures), run: runOf(figures), wait: waitOf(figures) }));
}
