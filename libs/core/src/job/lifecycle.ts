import { IllegalTransitionError } from './errors.js';

/**
 * The states of a job and everything that may happen to it: the one table from which the types, the CHECK
 * constraints of the schema, the diagram in docs/inside/lifecycle.md and the store's agreement test derive.
 */
export const LIFECYCLE = {
  /** Its time has not come: a delayed submit, the backoff before a retry, a snooze. */
  scheduled: { due: 'queued', expired: 'failed', cancelled: 'cancelled' },
  /** Waits for a free slot of a worker. */
  queued: { claimed: 'running', deferred: 'scheduled', exhausted: 'failed', expired: 'failed', cancelled: 'cancelled' },
  /** One attempt is running under a lease. */
  running: {
    succeeded: 'succeeded',
    failed: 'failed',
    retried: 'scheduled',
    snoozed: 'scheduled',
    interrupted: 'queued',
    lost: 'queued',
    takenOver: 'running',
    exhausted: 'failed',
    cancelled: 'cancelled',
  },
  succeeded: {},
  failed: { redriven: 'queued' },
  cancelled: {},
} as const satisfies Record<string, Partial<Record<string, string>>>;

export type JobState = keyof typeof LIFECYCLE;

type EventsOf<State extends JobState> = keyof (typeof LIFECYCLE)[State];
export type JobEvent = { [State in JobState]: EventsOf<State> }[JobState];

export const JOB_STATES = Object.keys(LIFECYCLE) as JobState[];
export const TERMINAL_STATES = ['succeeded', 'failed', 'cancelled'] as const satisfies JobState[];
export type TerminalState = (typeof TERMINAL_STATES)[number];

export const JOB_EVENTS = [...new Set(JOB_STATES.flatMap((state) => Object.keys(LIFECYCLE[state])))] as JobEvent[];

export function isTerminal(state: JobState): state is TerminalState {
  return (TERMINAL_STATES as readonly JobState[]).includes(state);
}

/** The state after `event`, or undefined where the table does not allow it. */
export function nextState(state: JobState, event: JobEvent): JobState | undefined {
  return (LIFECYCLE[state] as Partial<Record<JobEvent, JobState>>)[event];
}

/** The state after `event`. Throws {@link IllegalTransitionError} where the table does not allow it. */
export function transition(state: JobState, event: JobEvent): JobState {
  const next = nextState(state, event);
  if (next === undefined) throw new IllegalTransitionError(state, event);
  return next;
}

/** The states in which `event` may happen: what an `UPDATE … WHERE state IN (…)` has to name. */
export function statesAllowing(event: JobEvent): JobState[] {
  return JOB_STATES.filter((state) => nextState(state, event) !== undefined);
}
