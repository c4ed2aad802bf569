import type { QueueStats } from '../control/job-reader.js';
import { type Facts, findings, type Verdict, verdictOf } from '../doctor/rules.js';
import { quantile } from './histogram.js';
import type { Counts, FailureGroup, FigureRow, Figures, Ledger, StateNow, WorkerGroup } from './stats-store.js';
import { addFigures, noFigures } from './tallies.js';

/** How long attempts waited or ran; null where there was none. */
export interface Latency {
  count: number;
  meanSeconds: number | null;
  p50Seconds: number | null;
  p95Seconds: number | null;
}

export interface QueueFigures extends QueueStats {
  /** Jobs of it that may run at once; null where all queues share the slots of one process. */
  slots: number | null;
  lastMinute: Counts;
  wait: Latency;
}

export interface KindFigures {
  kind: string;
  lastMinute: Counts;
  failedLastHour: number;
  run: Latency;
  wait: Latency;
}

/** How an installation stands at one moment, and what happened in it just before. */
export interface Stats {
  at: Date;
  verdict: Verdict;
  broker: Facts['broker'];
  databaseMs: number;
  /** Null while it could not be counted. */
  ledger: Ledger | null;
  jobs: { scheduled: number; queued: number; running: number };
  /** The end of the ten seconds and of the minute. */
  until: Date;
  lastTenSeconds: Counts;
  lastMinute: Counts;
  run: Latency;
  wait: Latency;
  workers: { live: number; draining: number; late: number; slots: number; slotsUsed: number };
  /** Those in which most jobs wait first. */
  queues: QueueFigures[];
  queueCount: number;
  /** Those of which most have started first; kinds without figures are not there. */
  kinds: KindFigures[];
  kindCount: number;
  /** Dead letters of the last hour. */
  failures: FailureGroup[];
}

/** The figures, and what the rules have judged. */
export interface Snapshot {
  stats: Stats;
  facts: Facts;
}

export interface SnapshotFacts extends Pick<Facts, 'broker' | 'brokerReason' | 'databaseMs' | 'exceeded' | 'failures'> {
  at: number;
  state: StateNow;
  /** Fine rows of the minute before `until`. */
  figures: FigureRow[];
  until: number;
  ledger: Ledger | null;
  failedLastHour: ReadonlyMap<string, number>;
}

/** One answer stays small, whatever an installation has. */
const MOST_SHOWN = 100;
const TEN_SECONDS = 10_000;

export function snapshot({ at, state, figures, until, ledger, failures, broker, databaseMs, exceeded, failedLastHour }: SnapshotFacts): Snapshot {
  const { queues, groups, late } = state;
  const [all, lastTen] = [noFigures(), noFigures()];
  const [byQueue, byKind] = [new Map<string, Figures>(), new Map<string, Figures>()];
  for (const row of figures) {
    if (row.kind === '') {
      addFigures(all, row);
      if (row.at >= until - TEN_SECONDS) addFigures(lastTen, row);
    } else {
      addFigures(entry(byQueue, row.queue), row);
      addFigures(entry(byKind, row.kind), row);
    }
  }
  const sum = (pick: (queue: QueueStats) => number) => queues.reduce((total, queue) => total + pick(queue), 0);
  const running = sum((queue) => queue.running);
  const shown = queues.map((queue): QueueFigures => {
    const of = byQueue.get(queue.name) ?? noFigures();
    return { ...queue, slots: slotsOf(queue.name, groups), lastMinute: countsOf(of), wait: waitOf(of) };
  });
  const kinds = [...new Set([...byKind.keys(), ...failedLastHour.keys()])].map((kind): KindFigures => {
    const of = byKind.get(kind) ?? noFigures();
    return { kind, lastMinute: countsOf(of), failedLastHour: failedLastHour.get(kind) ?? 0, run: runOf(of), wait: waitOf(of) };
  });
  const lastMinute = new Map(shown.map((queue) => [queue.name, queue.lastMinute]));
  const shared = groups.filter(({ gateway }) => gateway).reduce((total, { slots }) => total + slots, 0);
  const facts: Facts = { broker, databaseMs, queues, lastMinute, lateWorkers: late, exceeded, failures };
  const stats: Stats = {
    at: new Date(at),
    verdict: verdictOf(findings(facts)),
    broker,
    databaseMs,
    ledger,
    jobs: { scheduled: sum(({ scheduled }) => scheduled), queued: sum(({ queued }) => queued), running },
    until: new Date(until),
    lastTenSeconds: countsOf(lastTen),
    lastMinute: countsOf(all),
    run: runOf(all),
    wait: waitOf(all),
    workers: {
      live: groups.reduce((total, { workers }) => total + workers, 0),
      draining: groups.reduce((total, { draining }) => total + draining, 0),
      late,
      slots: shared + shown.reduce((total, { slots }) => total + (slots ?? 0), 0),
      slotsUsed: running,
    },
    queues: shown.toSorted((a, b) => b.queued - a.queued || (a.name < b.name ? -1 : 1)).slice(0, MOST_SHOWN),
    queueCount: queues.length,
    kinds: kinds.toSorted((a, b) => b.lastMinute.started - a.lastMinute.started || (a.kind < b.kind ? -1 : 1)).slice(0, MOST_SHOWN),
    kindCount: kinds.length,
    failures,
  };
  return { stats, facts };
}

export function countsOf({ accepted, started, succeeded, failed, cancelled, retried }: Counts): Counts {
  return { accepted, started, succeeded, failed, cancelled, retried };
}

export function runOf({ succeeded, failed, retried, runMs, run }: Figures): Latency {
  return latency(succeeded + failed + retried, runMs, run);
}

export function waitOf({ started, waitMs, wait }: Figures): Latency {
  return latency(started, waitMs, wait);
}

function latency(count: number, ms: number, histogram: number[]): Latency {
  const seconds = (value: number | null) => (value === null ? null : Number((value / 1_000).toPrecision(4)));
  return {
    count,
    meanSeconds: seconds(count === 0 ? null : ms / count),
    p50Seconds: seconds(quantile(histogram, 0.5)),
    p95Seconds: seconds(quantile(histogram, 0.95)),
  };
}

function slotsOf(queue: string, groups: WorkerGroup[]): number | null {
  const taking = groups.filter(({ queues }) => queues.length === 0 || queues.includes(queue));
  if (taking.some(({ gateway }) => gateway)) return null;
  return taking.reduce((total, { slots }) => total + slots, 0);
}

function entry(figures: Map<string, Figures>, name: string): Figures {
  let found = figures.get(name);
  if (!found) figures.set(name, (found = noFigures()));
  return found;
}
