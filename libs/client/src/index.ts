/**
 * Longhaul from outside: Node 20, browsers, anything with `fetch`. No other dependency, nothing of Nest.
 *
 *     import { Longhaul } from 'longhaul/client';
 *     const longhaul = new Longhaul({ url: 'http://127.0.0.1:3000' });
 *     const job = await longhaul.submit('report.aggregate', { table, groupBy: ['region'] });
 *     const report = await longhaul.result(job);
 */
export type { AnyKinds, HandlerClass, KindOf, Kinds, PayloadOf, ResultOf } from './catalogue.js';
export { JobFailedError, ProblemError, UnreachableError } from './errors.js';
export { NumberText, type ReadNumber, readJson, writeJson } from './exact-json.js';
export type { EventsOptions } from './follow.js';
export { JOB_OPTIONS } from './job-options.js';
export { JobKinds } from './job-kinds.js';
export { DeadLetters, type GroupFilter, type LetterFilter, type LetterListFilter } from './dead-letters.js';
export { Queues } from './queues.js';
export { Tenants } from './tenants.js';
export { type BatchEntry, Longhaul, type ResultOptions, type SubmitOptions } from './longhaul.js';
export { type PutScheduleOptions, Schedules } from './schedules.js';
export { retryAfterMs } from './time.js';
export type { CallOptions, TransportOptions } from './transport.js';
export {
  type BackfillRequest,
  type Cancellation,
  type CancelChoice,
  type MoveChoice,
  type ReprioritiseChoice,
  type CancelRequest,
  type DeadLetterChoice,
  type DeadLetterDetail,
  type DeadLetterFilter,
  type DeadLetterPage,
  type DeadLetterView,
  type DiscardedLetters,
  type LetterEdits,
  type LetterGroup,
  type LetterGroupList,
  type LetterNote,
  type RedrivenLetter,
  type DeclaredQueue,
  type Duration,
  isTerminal,
  type DryRun,
  type JobDetail,
  type JobErrorView,
  type JobEvent,
  type JobFilter,
  type JobOptions,
  type JobPage,
  type JobState,
  type JobView,
  type JsonValue,
  type KindList,
  type KindPause,
  type KindView,
  type Limit,
  type LimitDeletion,
  type LimitDetail,
  type LimitList,
  type LimitOverride,
  type LimitSettings,
  type LogEvent,
  type PauseNote,
  type Problem,
  type Progress,
  type ProgressEvent,
  type Queue,
  type QueueChange,
  type QueueFairness,
  type QueueList,
  type QueuePause,
  type QueueSettings,
  type MatchingJobs,
  type RedriveChoice,
  type Redriven,
  type ResetEvent,
  type Schedule,
  type ScheduleBackfilled,
  type Scheduled,
  type ScheduleFilter,
  type SchedulePage,
  type ScheduleRun,
  type ScheduleSettings,
  type ScheduleSpec,
  type ScheduleTick,
  type ScheduleTriggered,
  type StateEvent,
  stateOf,
  type TerminalState,
  type WhyReason,
  type WhyView,
  type AuditEntry,
  type AuditPage,
  type AuditQuery,
  type QuotaSettings,
  type QuotaState,
  type TenantPage,
  type TenantQuery,
  type TenantQuotas,
  type TenantView,
  type Doctor,
  type Stats,
  type StatsHistory,
  type StatsHistoryQuery,
  type StepList,
  type Worker,
  type WorkerList,
} from './model.js';
