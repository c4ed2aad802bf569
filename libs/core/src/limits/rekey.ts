import type { Clock } from '../kit/clock.js';
import type { JsonValue } from '../job/job.js';
import type { LimitsAt } from './matching.js';

/** Where a pass over all unfinished jobs stands: behind this one. No interface, so that it is a JSON value. */
export type RekeyPlace = { queue: string; id: string };

export interface RekeyPage {
  looked: number;
  changed: number;
  /** Null: there are no more. */
  last: RekeyPlace | null;
}

export interface RekeyStore {
  /** Keys a page of jobs that have not ended anew, with their places in the waiting room. May be repeated. */
  page(limits: LimitsAt, after: RekeyPlace | null, size: number): Promise<RekeyPage>;
  /** Makes a page of rows of the outbox take their turn when they are due, where their jobs have limits now; resolves with the last of it, or null. */
  turnPage(after: string | null, size: number): Promise<string | null>;
  /** A number that every transaction which begins to write from now on is above. */
  nextTransaction(): Promise<bigint>;
  /** Every transaction below it is over. */
  oldestTransaction(): Promise<bigint>;
}

export interface RekeyDependencies {
  store: RekeyStore;
  limits: { current(): Promise<LimitsAt> };
  clock: Pick<Clock, 'now' | 'sleep'>;
}

/** Of a handler: what remembers the results of its parts over attempts, and what it tells. */
export interface RekeyContext {
  signal: AbortSignal;
  step<Result extends JsonValue>(name: string, work: () => Promise<Result>): Promise<Result>;
  progress(progress: { done: number; message: string }): void;
}

const PAGE = 1_000;
/** Pages of one step. A later attempt does so many once more at most. */
const PAGES = 20;
const LOOK_MS = 100;
/** For how long submissions that had begun before are waited for. A transaction of a handler may be open for hours. */
const PATIENCE_MS = 10_000;

/**
 * Gives all jobs that have not ended the keys of the limits that hold now.
 *
 * Authority: the row of the job. The keys in the waiting room are made to agree with it, and a claim looks at the job alone. Jobs that are stored
 * meanwhile have the right keys, because their statements compare the revision; one that had compared it before the change, and commits after it, is
 * waited for. What a crash leads to:
 * - after any page: the next attempt goes on behind the last step; what it does once more changes nothing;
 * - between a job and its place in the waiting room: the place is made to agree when the page is done once more.
 *
 * Resolves with how many jobs have other keys than before.
 */
export async function rekeyJobs({ store, limits, clock }: RekeyDependencies, context: RekeyContext): Promise<{ looked: number; changed: number }> {
  await settled(store, clock, context.signal);
  let after: RekeyPlace | null = null;
  let looked = 0;
  let changed = 0;
  for (let step = 1; step === 1 || after !== null; step++) {
    const from: RekeyPlace | null = after;
    const done = await context.step(`jobs ${step}`, async () => {
      const part: { looked: number; changed: number; last: RekeyPlace | null } = { looked: 0, changed: 0, last: from };
      for (let page = 0; page < PAGES && (page === 0 || part.last !== null); page++) {
        context.signal.throwIfAborted();
        const { last, ...more } = await store.page(await limits.current(), part.last, PAGE);
        part.looked += more.looked;
        part.changed += more.changed;
        part.last = last;
      }
      return part;
    });
    looked += done.looked;
    changed += done.changed;
    after = done.last;
    context.progress({ done: looked, message: `${changed} have other limits` });
  }
  for (let row = await store.turnPage(null, PAGE); row !== null; row = await store.turnPage(row, PAGE)) context.signal.throwIfAborted();
  return { looked, changed };
}

/** Waits until what had begun before is over. */
async function settled(store: RekeyStore, clock: RekeyDependencies['clock'], signal: AbortSignal): Promise<void> {
  const until = clock.now() + PATIENCE_MS;
  // A statement has its snapshot a moment before it shows as a transaction that writes.
  await clock.sleep(LOOK_MS, signal);
  const next = await store.nextTransaction();
  while ((await store.oldestTransaction()) < next && clock.now() < until) await clock.sleep(LOOK_MS, signal);
}
