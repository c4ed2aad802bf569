import type { Clock } from '../kit/clock.js';
import type { JobId } from '../job/job.js';
import type { JobState } from '../job/lifecycle.js';
import type { CancelRequest } from './cancellation.js';
import type { JobConditions } from './job-filter.js';
import { type ActPage, type BulkContext, inSteps, paced } from './act-pages.js';

/** What can be done to many jobs, and of which states those may be, in the order in which a job goes through them. */
export const BULK_ACTS = {
  cancel: ['scheduled', 'queued', 'running'],
  redrive: ['failed'],
  reprioritise: ['scheduled', 'queued'],
  move: ['scheduled', 'queued'],
  discard: ['failed'],
} as const satisfies Record<string, readonly JobState[]>;

export type BulkAct = keyof typeof BULK_ACTS;

/** Whether an act only gives jobs that wait another place in which to wait. */
export function isMove(act: BulkAct): boolean {
  return act === 'move' || act === 'reprioritise';
}

/** Jobs that fit all that is given, and that were created before the act was asked for. */
export interface BulkFilter extends JobConditions {
  before: Date;
  /** Failed jobs with a dead letter of this group that waits. */
  group?: string;
}

export interface BulkRequest extends CancelRequest {
  act: BulkAct;
  filter: BulkFilter;
  /** Of `reprioritise`. */
  toPriority?: number;
  /** Of `move`. */
  toQueue?: string;
  /** Jobs in a second at most; as many as go where it is left out. */
  rate?: number;
}

/** Jobs that fit, in the order of the act; `next`: where to go on, null: there are no more. */
export interface BulkFound {
  ids: JobId[];
  next: JobId | null;
}

export interface BulkStore {
  /** The next jobs of one state, at most so many. There may be fewer, or none, with more to come. */
  find(request: BulkRequest, state: JobState, after: JobId | null, most: number): Promise<BulkFound>;
  /**
   * Does the act to these jobs, in one transaction. How many it has changed: of those that wait the others are being started or released by somebody at
   * that moment, or have been since they were found. May be repeated: a job that has been changed stays as it is.
   */
  change(request: BulkRequest, ids: JobId[]): Promise<number>;
  /** How many jobs fit now, and the newest of them. Those that are in the queue or have the priority already do not. */
  matching(request: Pick<BulkRequest, 'act' | 'filter' | 'toPriority' | 'toQueue'>, samples: number): Promise<{ count: number; ids: JobId[] }>;
}

// No interface, so that it is a JSON value.
export type BulkResult = { matched: number; changed: number };

/** Jobs of one transaction. */
const PAGE = 50;
/** Jobs that are found by one look, which costs half as much as the change of a page does. */
const AHEAD = 10 * PAGE;
/** A job that goes from one state to another while it is looked for is found by the next pass over all of them. */
const PASSES = 5;
/** How long what was left is left to those who are moving it, before it is looked for again. */
const LEFT_MS = 100;

/**
 * Does one act to all jobs that fit a filter.
 *
 * Authority: the row of each job, changed by the same statement that changes one job for a caller. What a crash leads to: the next attempt goes on
 * behind the last step, and what it does once more changes nothing. Jobs that are created after the act was asked for are left alone; without that an
 * act beside busy submitters would never end.
 *
 * Resolves with how many jobs it has found, and how many it has changed. Rejects when it is told to stop, between two pages.
 */
export async function bulkAct(
  { store, clock }: { store: BulkStore; clock: Pick<Clock, 'now' | 'sleep'> },
  request: BulkRequest,
  context: BulkContext,
): Promise<BulkResult> {
  const total: BulkResult = { matched: 0, changed: 0 };
  const { filter, act, rate } = request;
  const states = BULK_ACTS[act].filter((state) => filter.states?.includes(state) ?? true);
  // What is left of these is found again, as long as it waits; what else an act leaves alone stays as it is.
  const again = isMove(act);
  const size = Math.min(PAGE, rate ?? PAGE);
  // With a rate the pages may be minutes apart: then what has been found would be old.
  const most = rate === undefined ? AHEAD : size;
  const paceOf = paced(clock, rate, context.signal);
  const page = async (state: JobState, after: JobId | null): Promise<ActPage> => {
    context.signal.throwIfAborted();
    const { ids, next } = await store.find(request, state, after, most);
    let changed = 0;
    for (let at = 0; at < ids.length; at += size) {
      const done = await paceOf(async () => ({ changed: await store.change(request, ids.slice(at, at + size)) }));
      changed += done.changed;
    }
    return { matched: ids.length, changed, next };
  };
  for (let pass = 1; pass <= PASSES; pass++) {
    const before = { ...total };
    for (const state of states) {
      await inSteps<ActPage>(context, {
        name: (part) => `${state} ${pass}.${part}`,
        page: (after) => page(state, after as JobId | null),
        ...(rate === undefined ? { pages: 1 } : {}),
        and: (a, b) => ({ matched: a.matched + b.matched, changed: a.changed + b.changed, next: b.next }),
        done: ({ matched, changed }) => {
          total.matched += matched;
          total.changed += changed;
          context.progress({ done: total.changed, message: `${total.changed} changed` });
        },
      });
    }
    const left = again ? total.matched - before.matched - (total.changed - before.changed) : 0;
    // One state alone has no other to come from.
    if (left === 0 && (total.changed === before.changed || states.length === 1)) break;
    if (left === 0 || pass === PASSES) continue;
    total.matched -= left;
    await clock.sleep(LEFT_MS, context.signal);
  }
  return total;
}
