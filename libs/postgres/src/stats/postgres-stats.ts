import type { DepthPoint, DepthQuery, FailureGroup, FigureRow, FigureWriter, JobReader, Ledger, StateNow, StatsReader } from '@app/core';
import type { Database } from '../pool/database.js';
import { ADD_FIGURES, FAILED_BY_KIND, READ_DEPTHS, READ_FIGURES, READ_LEDGER, RECENT_FAILURES, SAMPLE_DEPTHS, WORKER_GROUPS } from './stats-statements.js';

interface StoredFigures extends Omit<FigureRow, 'runMs' | 'waitMs'> {
  run_ms: number;
  wait_ms: number;
}

interface GroupRow {
  queues: string[];
  gateway: boolean;
  late: boolean;
  workers: number;
  draining: number;
  slots: number;
}

interface DepthRow {
  queue: string;
  at: Date;
  queued: number;
  scheduled: number;
  running: number;
  oldest: number | null;
}

/** What happened to jobs, in buckets, and how an installation stands. */
export class PostgresStats implements FigureWriter, StatsReader {
  /** `reads`: for counts. */
  constructor(
    private readonly db: Database,
    private readonly reads: Database,
    private readonly jobs: Pick<JobReader, 'queueStats'>,
  ) {}

  async add(process: string, number: number, rows: FigureRow[]): Promise<void> {
    const column = <Value>(pick: (row: FigureRow) => Value) => rows.map(pick);
    await this.db.run(ADD_FIGURES, [
      process,
      number,
      column(({ step }) => step),
      column(({ at }) => at),
      column(({ queue }) => queue),
      column(({ kind }) => kind),
      column(({ accepted }) => accepted),
      column(({ started }) => started),
      column(({ succeeded }) => succeeded),
      column(({ failed }) => failed),
      column(({ cancelled }) => cancelled),
      column(({ retried }) => retried),
      column(({ runMs }) => runMs),
      column(({ waitMs }) => waitMs),
      column(({ run }) => integers(run)),
      column(({ wait }) => integers(wait)),
    ]);
  }

  async state(): Promise<StateNow> {
    const [queues, groups] = await Promise.all([this.jobs.queueStats(), this.reads.run<GroupRow>(WORKER_GROUPS, [])]);
    const live = groups
      .filter(({ late }) => !late)
      .map(({ queues: of, gateway, workers, draining, slots }) => ({ queues: of, gateway, workers, draining, slots }));
    return { queues, groups: live, late: groups.reduce((sum, { late, workers }) => sum + (late ? workers : 0), 0) };
  }

  async figures(step: number, from: number, to: number, { queue, kind }: { queue?: string; kind?: string } = {}): Promise<FigureRow[]> {
    const rows = await this.reads.run<StoredFigures>(READ_FIGURES, [step, from, to, queue ?? null, kind ?? null]);
    return rows.map(({ run_ms: runMs, wait_ms: waitMs, ...row }) => ({ ...row, runMs, waitMs }));
  }

  /** Of queues with jobs: how many are unfinished, and of those how many have a time that has not come. */
  async sampleDepths(unfinished: ReadonlyMap<string, number>, scheduled: ReadonlyMap<string, number>): Promise<void> {
    const queues = [...unfinished.keys()];
    await this.db.run(SAMPLE_DEPTHS, [queues, [...unfinished.values()], queues.map((queue) => scheduled.get(queue) ?? 0)]);
  }

  async depths({ step, from, to, stepSeconds, queue, most }: DepthQuery): Promise<{ name: string; points: DepthPoint[] }[]> {
    const rows = await this.reads.run<DepthRow>(READ_DEPTHS, [step, from, to, stepSeconds, queue, most]);
    const found = new Map<string, DepthPoint[]>();
    for (const { queue: name, oldest, ...point } of rows) {
      const points = found.get(name) ?? [];
      found.set(name, points);
      points.push({ ...point, oldestAgeSeconds: oldest === null ? null : oldest / 1_000 });
    }
    return [...found].map(([name, points]) => ({ name, points }));
  }

  async ledger(seconds: number): Promise<Ledger> {
    const [row] = await this.reads.run<Omit<Ledger, 'countedAt'> & { counted_at: Date }>(READ_LEDGER, [seconds]);
    if (!row) throw new Error('expected one row of counts, got none');
    const { counted_at: countedAt, ...counts } = row;
    return { ...counts, countedAt };
  }

  async failures(seconds: number): Promise<FailureGroup[]> {
    const rows = await this.reads.run<Omit<FailureGroup, 'lastAt'> & { last_at: Date }>(RECENT_FAILURES, [seconds]);
    return rows.map(({ last_at: lastAt, ...group }) => ({ ...group, lastAt }));
  }

  async failedByKind(seconds: number): Promise<Map<string, number>> {
    const rows = await this.reads.run<{ kind: string; failed: number }>(FAILED_BY_KIND, [seconds]);
    return new Map(rows.map(({ kind, failed }) => [kind, failed]));
  }
}

/** As PostgreSQL writes an array, without the zeros at its end. */
function integers(histogram: readonly number[]): string {
  return `{${histogram.slice(0, histogram.findLastIndex((count) => count > 0) + 1).join(',')}}`;
}
