import type { Clock } from '../kit/clock.js';
import type { Logger } from '../kit/logger.js';
import { PollingLoop } from '../kit/polling-loop.js';
import type { StoreTime } from '../kit/store-clock.js';
import { addTo, BUCKETS, bucketOf } from './histogram.js';
import { COARSE_STEP, type FigureRow, type Figures, type FigureWriter, FINE_STEP } from './stats-store.js';

const FINE_MS = FINE_STEP * 1_000;
const COARSE_MS = COARSE_STEP * 1_000;
const LOOK_MS = 1_000;
/** While the store does not answer hardly anything happens that could be counted. */
const MOST_WAITING = 60;

/** How an attempt ended. `none`: it counts neither as a success nor as a failure (snoozed, or interrupted by the platform). */
export type Ending = 'succeeded' | 'failed' | 'cancelled' | 'retried' | 'none';

interface Bucket {
  at: number;
  queues: Map<string, Map<string, Figures>>;
}

export interface TallyDependencies {
  writer: FigureWriter;
  /** Names this process among those that write. */
  process: string;
  clock: Clock;
  /** Buckets begin and end by the store's time, so those of all processes are the same. */
  time: StoreTime;
  logger: Logger;
}

/**
 * Counts in memory what happens to jobs in this process, and adds it to the store's buckets: one statement for each ten seconds in which something happened,
 * whatever the number of jobs.
 *
 * Authority: the rows of `stats`. What a process that is killed has not written, at most ten seconds and a moment, is missing there for ever; jobs are not
 * touched by it. A write whose answer is lost is repeated under the same number, which the store adds once.
 */
export class Tallies {
  private bucket: Bucket = { at: 0, queues: new Map() };
  private until = 0;
  private readonly ended: Bucket[] = [];
  /** What is being written, until the store has answered. */
  private writing: { number: number; rows: FigureRow[] } | undefined;
  private number = 0;
  private readonly loop: PollingLoop;

  constructor(private readonly deps: TallyDependencies) {
    this.loop = new PollingLoop({
      clock: deps.clock,
      look: async () => {
        await this.flush();
        return LOOK_MS;
      },
      everyMs: LOOK_MS,
      failed: (error) => deps.logger.debug({ err: error }, 'figures could not be written; they are written again'),
    });
  }

  start(): void {
    this.loop.start();
  }

  /** Writes what is left. What the store does not take is lost. */
  async close(): Promise<void> {
    await this.loop.close();
    this.turn(this.until);
    await this.flush().catch((error: unknown) => this.deps.logger.debug({ err: error }, 'the last figures of this process could not be written'));
  }

  accepted(queue: string, kind: string, jobs: number): void {
    this.of(queue, kind).accepted += jobs;
  }

  /** On the hot path, as the next one: two look-ups and some additions. */
  started(queue: string, kind: string, waitedMs: number): void {
    const figures = this.of(queue, kind);
    figures.started++;
    figures.waitMs += waitedMs;
    (figures.wait[bucketOf(waitedMs)] as number)++;
  }

  ranFor(queue: string, kind: string, ending: Ending, ms: number): void {
    if (ending === 'none') return;
    const figures = this.of(queue, kind);
    figures[ending]++;
    if (ending === 'cancelled') return;
    figures.runMs += ms;
    (figures.run[bucketOf(ms)] as number)++;
  }

  /** Writes the buckets that have ended. Rejects when the store does not answer; the next time the same is written. */
  async flush(): Promise<void> {
    const now = this.deps.time.now();
    if (now >= this.until) this.turn(now);
    if (!this.writing) {
      if (this.ended.length === 0) return;
      this.writing = { number: ++this.number, rows: rowsOf(this.ended.splice(0)) };
    }
    const { number, rows } = this.writing;
    await this.deps.writer.add(this.deps.process, number, rows);
    this.writing = undefined;
    if (this.ended.length > 0) await this.flush();
  }

  private of(queue: string, kind: string): Figures {
    const now = this.deps.time.now();
    if (now >= this.until) this.turn(now);
    const { queues } = this.bucket;
    let kinds = queues.get(queue);
    if (!kinds) queues.set(queue, (kinds = new Map<string, Figures>()));
    let figures = kinds.get(kind);
    if (!figures) kinds.set(kind, (figures = noFigures(BUCKETS)));
    return figures;
  }

  private turn(now: number): void {
    if (this.bucket.queues.size > 0) {
      this.ended.push(this.bucket);
      if (this.ended.length > MOST_WAITING) this.ended.shift();
    }
    const at = Math.floor(now / FINE_MS) * FINE_MS;
    this.bucket = { at, queues: new Map() };
    this.until = at + FINE_MS;
  }
}

export function noFigures(buckets = 0): Figures {
  const zeros = () => new Array<number>(buckets).fill(0);
  return { accepted: 0, started: 0, succeeded: 0, failed: 0, cancelled: 0, retried: 0, runMs: 0, waitMs: 0, run: zeros(), wait: zeros() };
}

export function addFigures(sum: Figures, more: Figures): void {
  sum.accepted += more.accepted;
  sum.started += more.started;
  sum.succeeded += more.succeeded;
  sum.failed += more.failed;
  sum.cancelled += more.cancelled;
  sum.retried += more.retried;
  sum.runMs += more.runMs;
  sum.waitMs += more.waitMs;
  addTo(sum.run, more.run);
  addTo(sum.wait, more.wait);
}

/** For each bucket a fine and a coarse row of each queue and kind, and of all together; those of one minute are added up. In one order, so that two processes never wait for each other's rows. */
function rowsOf(buckets: Bucket[]): FigureRow[] {
  const rows = new Map<string, FigureRow>();
  const add = (step: number, at: number, queue: string, kind: string, figures: Figures) => {
    const key = `${step} ${String(at).padStart(15)} ${queue} ${kind}`;
    let row = rows.get(key);
    if (!row) rows.set(key, (row = { step, at, queue, kind, ...noFigures() }));
    addFigures(row, figures);
  };
  for (const { at, queues } of buckets) {
    for (const [queue, kinds] of queues) {
      for (const [kind, figures] of kinds) {
        for (const [step, from] of [
          [FINE_STEP, at],
          [COARSE_STEP, Math.floor(at / COARSE_MS) * COARSE_MS],
        ] as const) {
          add(step, from, queue, kind, figures);
          add(step, from, '', '', figures);
        }
      }
    }
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
