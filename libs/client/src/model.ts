import type * as wire from './wire.js';

/** The types of the client: those of the gateway's OpenAPI document, with the types of kinds and results filled in. */

export type { ErrorCause, JobErrorView, JobState, JsonValue, Problem, Progress } from './wire.js';

export type TerminalState = 'succeeded' | 'failed' | 'cancelled';

/** A job as the gateway shows it. `Result` is what its handler returns; null before it has. Times are ISO 8601, UTC. */
export interface JobView<Result = unknown> extends Omit<wire.JobView, 'result'> {
  result: Result | null;
}

/** A job that was asked for by its id: with its payload, the errors of its attempts, and the process that runs it. */
export interface JobDetail<Result = unknown>
  extends JobView<Result>, Pick<wire.JobDetail, 'errors' | 'worker' | 'cancellation' | 'startBefore' | 'flowKey' | 'unique'> {
  payload: unknown;
}

/** Milliseconds, or text such as `30s`, `15m`, `PT15M`. */
export type Duration = number | string;

/** Options of one job. Options that are left out have the defaults of its kind. */
export interface JobOptions extends Omit<wire.SubmitOptions, 'runAt' | 'startBefore'> {
  /** The job does not start before this time. */
  runAt?: string | Date;
  /** A time, or how long from now: a job that has not started by then ends as failed, with the code `expired`. */
  startBefore?: Duration | Date;
}

/** What may be said of a cancel. */
export type CancelRequest = wire.CancelRequest;
/** Who cancelled a job, why, and what became of it. */
export type Cancellation = wire.Cancellation;

/** Which jobs are cancelled: those that fit a filter, or `all`. A choice without either is refused. */
export type CancelChoice = Omit<wire.CancelJobs, 'dryRun'>;
/** Which failed jobs are put back. */
export type RedriveChoice = Omit<wire.RedriveJobs, 'dryRun'>;
/** Which jobs that wait get another priority. */
export type ReprioritiseChoice = Omit<wire.ReprioritiseJobs, 'dryRun'>;
/** Which jobs that wait go to another queue. */
export type MoveChoice = Omit<wire.MoveJobs, 'dryRun'>;
/** How many jobs an act would be for, and some of them. */
export type MatchingJobs = Pick<wire.MatchingJobs, 'matching' | 'samples'>;

/** A process that runs jobs, and what it runs. */
export type Worker = wire.WorkerView;
export type WorkerList = wire.WorkerList;
/** The steps that a job has done. */
export type StepList = wire.StepList;

/** How an installation stands, and what happened in it just before. */
export type { AuditEntry, AuditPage } from './wire.js';
export type AuditQuery = wire.ListAudit;
/** What a tenant may have, and what it has. */
export type { QuotaSettings, QuotaState, TenantPage, TenantQuotas, TenantView } from './wire.js';
export type TenantQuery = wire.ListTenants;
export type Doctor = wire.DoctorView;
export type Stats = wire.StatsView;
/** What happened in the course of time. */
export type StatsHistory = wire.StatsHistory;
export interface StatsHistoryQuery extends Omit<wire.HistoryQuery, 'from' | 'to'> {
  from?: string | Date;
  to?: string | Date;
}

/** A limit as it holds now, and how it is used. */
export type Limit = wire.LimitView;
/** With its busiest keys. */
export type LimitDetail = wire.LimitDetail;
export type LimitList = wire.LimitList;
export type LimitSettings = wire.LimitSettings;

/** Another concurrency for a time. */
export interface LimitOverride extends Omit<wire.LimitOverride, 'until'> {
  until: string | Date;
}

/** A limit that was taken away; `links.rekey` is missing when an earlier try had taken it away, whose answer was lost. */
export type LimitDeletion = Pick<wire.Rekeying, 'name'> & { links: Partial<wire.Rekeying['links']> };

/** A schedule as lists show it. */
export type Scheduled = wire.ScheduleView;
/** With its payload, its next runs and its last ticks. */
export type Schedule = wire.ScheduleDetail;
export type SchedulePage = wire.SchedulePage;
export type ScheduleSettings = wire.ScheduleSettings;
export type ScheduleSpec = wire.ScheduleSpec;
export type ScheduleRun = wire.ScheduleRun;
export type ScheduleTick = wire.ScheduleTick;
export type ScheduleTriggered = wire.ScheduleTriggered;
export type ScheduleBackfilled = wire.ScheduleBackfilled;
export type BackfillRequest = wire.ScheduleBackfill;
export type ScheduleFilter = Omit<wire.ListSchedules, 'paused'> & { paused?: boolean };
export type PauseNote = wire.PauseNote;

/** A queue, with the number of its jobs in each state. */
export type Queue = wire.QueueView;
export type QueueList = wire.QueueList;
export type QueueSettings = wire.QueueSettings;
export type QueueFairness = wire.QueueFairness;
/** What is changed of a queue; what is left out stays as it is. */
export type QueueChange = wire.QueueChange;
export type QueuePause = wire.QueuePause;
export type DeclaredQueue = wire.DeclaredQueue;
/** A kind that can be submitted, with the default options of its jobs. */
export type KindView = wire.KindView;
export type KindList = wire.KindList;
export type KindPause = wire.KindPause;

/** Which jobs are listed: those that fit all that is given, of one of the states and kinds, and with all of the tags. */
export interface JobFilter extends Omit<wire.ListJobs, 'state' | 'kind' | 'tag' | 'count' | TimeOfJob>, Partial<Record<TimeOfJob, string | Date>> {
  state?: wire.JobState | readonly wire.JobState[];
  kind?: string | readonly string[];
  tag?: string | readonly string[];
  /** The answer says how many there are, on all pages together. */
  count?: boolean;
}
type TimeOfJob = 'createdFrom' | 'createdTo' | 'finishedFrom' | 'finishedTo';

/** Selects the dead letters that match every given criterion. */
export type DeadLetterFilter = Pick<wire.RedriveLetters, 'reason' | 'kind' | 'queue' | 'source' | 'group'>;

/** Selects dead letters by at least one criterion, or all of them. A choice without either is refused. */
export type DeadLetterChoice = (DeadLetterFilter & { all?: never }) | { all: true };

/** Why a job has not started, how many are before it, and when it will start. */
export type WhyView = wire.WhyView;

/** What a job would meet that is submitted now. */
export type DryRun = wire.DryRun;

/** One cause that keeps a job from its start; `code` tells which. A newer gateway may send codes that are not here. */
export type WhyReason = wire.WhyView['reasons'][number];

/** The causes of dead letters. */
export type LetterGroupList = wire.LetterGroupList;
export type LetterGroup = wire.LetterGroup;
/** Who has done something to a letter, and why. */
export type LetterNote = wire.LetterNote;
export type DeadLetterPage = wire.DeadLetterPage;
export type DeadLetterView = wire.DeadLetterView;
/** A dead letter with the bytes of its message, or the payload and the errors of its job. */
export type DeadLetterDetail = wire.DeadLetterDetail;
/** What to change before a dead letter is put back. */
export type LetterEdits = wire.RedriveEdits;
export type RedrivenLetter = wire.RedrivenLetter;
export type DiscardedLetters = wire.DiscardedLetters;

/** The result of putting dead letters back. */
export type Redriven = wire.RedrivenLetters;

export interface JobPage<Result = unknown> extends Omit<wire.JobPage, 'items'> {
  items: JobView<Result>[];
}

/** The job's state has changed; `result`, `error` and `progress` come with the event that ended it. */
export interface StateEvent extends Omit<wire.StateEvent, 'result'> {
  type: 'state';
  result?: unknown;
}

/** The progress of the running attempt. */
export interface ProgressEvent extends wire.ProgressEvent {
  type: 'progress';
}

/** A line that the handler has written. */
export interface LogEvent extends wire.LogEvent {
  type: 'log';
}

/** Sent in place of events that are no longer stored: the job as it is now. */
export interface ResetEvent extends Omit<wire.ResetEvent, 'view'> {
  type: 'reset';
  view: JobView;
}

/** Something that happened to a job; `type` tells which. A newer gateway may send fields that are not here. */
export type JobEvent = StateEvent | ProgressEvent | LogEvent | ResetEvent;

/** The state that an event carries; undefined for events without one. */
export function stateOf(event: JobEvent): wire.JobState | undefined {
  if (event.type === 'state') return event.state;
  return event.type === 'reset' ? event.view.state : undefined;
}

export function isTerminal(state: wire.JobState): state is TerminalState {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}
