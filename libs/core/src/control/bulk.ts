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

export interface BulkPage {
  /** Jobs that fitted, and how many of them the act has changed. Of those that wait the others are being started or released by somebody at that moment. */
  matched: number;
  changed: number;
  /** Where to go on; null: there are no more. */
  next: JobId | null;
}

export interface BulkStore {
  /** Does the act to the next page of jobs of one state. May be repeated: a job that has been changed fits no more, or stays as it is. */
  act(request: BulkRequest, state: JobState, after: JobId | null, size: number): Promise<BulkPage>;
  /** How many jobs fit now, and the newest of them. Those that are in the queue or have the priority already do not. */
  matching(request: Pick<BulkRequest, 'act' | 'filter' | 'toPriority' | 'toQueue'>, samples: number): Promise<{ count: number; ids: JobId[] }>;
}

// No interface, so that it is a JSON value.
export type BulkResult = { matched: number; changed: number };

const PAGE = 50;
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
  const page = paced(clock, rate, context.signal);
  for (let pass = 1; pass <= PASSES; pass++) {
    const before = { ...total };
    for (const state of states) {
      await inSteps<ActPage>(context, {
        name: (part) => `${state} ${pass}.${part}`,
        page: (after) => page(() => store.act(request, state, after as JobId | null, size)),
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
