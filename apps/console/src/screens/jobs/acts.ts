import { api, type JobState, type JobView, type MatchingJobs, type MoveJobs, type OperationId, PATH, writeExact } from '../../api/api';
import type { Scope } from '../../api/rights';
import { quoted } from '../../words/quoted';
import { type JobFilters, queryOf } from './filters';

export type Act = 'redrive' | 'cancel' | 'reprioritise' | 'move' | 'discard';

interface ActWords {
  does: OperationId;
  scope: Scope;
  /** Jobs in these states can be acted on. */
  states: readonly JobState[];
  /** `Redrive` `them`. */
  verb: string;
  end: string;
  /** While it is done, and when it is. */
  doing: string;
  done: string;
  /** What becomes of a job. */
  says: string;
  isRisk?: boolean;
}

/** In the order in which they are offered. */
export const ACTS: Readonly<Record<Act, ActWords>> = {
  redrive: {
    ...{ does: 'redriveJobs', scope: 'jobs:control', states: ['failed'], verb: 'Redrive', end: '', doing: 'Redriving', done: 'put back' },
    says: 'A failed job begins again with all its attempts, at the end of its queue. Steps that it has done are not done again.',
  },
  cancel: {
    ...{ does: 'cancelJobs', scope: 'jobs:control', states: ['scheduled', 'queued', 'running'], verb: 'Cancel', end: '' },
    ...{ doing: 'Cancelling', done: 'cancelled or asked to stop', isRisk: true },
    says: 'Jobs that wait never begin. Those that run are asked to stop, and what they have committed stays. There is no way back.',
  },
  reprioritise: {
    ...{ does: 'reprioritiseJobs', scope: 'jobs:control', states: ['scheduled', 'queued'], verb: 'Give', end: ' another priority' },
    ...{ doing: 'Giving another priority', done: 'with the new priority' },
    says: 'Jobs that wait are taken in the order of their priority: 9 comes first, 0 last. Jobs that have begun stay as they are.',
  },
  move: {
    ...{ does: 'moveJobs', scope: 'jobs:control', states: ['scheduled', 'queued'], verb: 'Move', end: ' to another queue', doing: 'Moving', done: 'moved' },
    says: 'Limits, pause and shares of the new queue hold for them, and only its workers start them. Jobs that have begun stay where they are.',
  },
  discard: {
    ...{ does: 'discardJobs', scope: 'dead-letters:redrive', states: ['failed'], verb: 'Put', end: ' away', doing: 'Putting away', done: 'put away' },
    ...{ isRisk: true },
    says: 'Their dead letters need no work any more: they are in no cause, and are kept as long as others. The jobs stay failed, and can still be put back.',
  },
};

export const ACT_NAMES = Object.keys(ACTS) as Act[];

/** As many ids as one act takes. */
export const MOST_CHOSEN = 1_000;

/** Some jobs by their ids, or all that fit a filter. */
export type Which = { ids: readonly string[] } | { filter: JobFilters };

/** What an act takes beside the choice of jobs. */
export type ActGiven = Pick<Partial<MoveJobs>, 'rate' | 'reason' | 'by' | 'queue'> & { priority?: number };

export function bodyOf(which: Which, given: ActGiven): Record<string, unknown> {
  if ('ids' in which) return { filter: { id: which.ids }, ...given };
  const filter = queryOf(which.filter);
  return Object.keys(filter).length === 0 ? { all: true, ...given } : { filter, ...given };
}

/** The API checks what is asked: it names the field that does not fit. */
export async function tryAct(act: Act, which: Which, given: ActGiven, signal?: AbortSignal): Promise<MatchingJobs> {
  return (await api(named(act), { body: { ...bodyOf(which, given), dryRun: true } as unknown as MoveJobs }, signal)) as MatchingJobs;
}

export async function startAct(act: Act, which: Which, given: ActGiven): Promise<JobView> {
  return (await api(named(act), { body: bodyOf(which, given) as unknown as MoveJobs })) as JobView;
}

/** All five have one form; what each takes more is in `ActGiven`. */
function named(act: Act): 'POST /jobs/move' {
  return `POST /jobs/${act}` as 'POST /jobs/move';
}

const FLAGS: Partial<Record<string, string>> = { idempotencyKey: 'idempotency-key', createdFrom: 'created-from', createdTo: 'created-to', finishedFrom: 'finished-from', finishedTo: 'finished-to' }; // prettier-ignore

/** The same on the command line: its own command where it has one, and else the call. */
export function commandOf(act: Act, which: Which, given: ActGiven): string {
  if ('ids' in which || act === 'redrive' || act === 'discard')
    return `curl -s ${location.origin}${PATH}/jobs/${act} -H 'content-type: application/json' -d ${quoted(writeExact(bodyOf(which, given)))}`;
  const { priority, queue, ...flags } = given;
  const what = act === 'cancel' ? '' : ` ${quoted(String((act === 'move' ? queue : priority) ?? ''))}`;
  const conditions = Object.entries(which.filter).map(([name, value]) => ` --${FLAGS[name] ?? name} ${quoted(String(value))}`);
  const others = Object.entries(flags).map(([name, value]) => ` --${name} ${quoted(String(value))}`);
  return `longhaul ${act}${what}${conditions.length === 0 ? ' --all' : conditions.join('')}${others.join('')}`;
}

/** Acts that can be for jobs of this state; without one, for some of all jobs. */
export function actsFor(state: JobState | undefined, may: (scope: Scope) => boolean): Act[] {
  return ACT_NAMES.filter((act) => may(ACTS[act].scope) && (state === undefined || ACTS[act].states.includes(state)));
}
