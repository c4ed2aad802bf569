export { durationMs, parseDuration, type Duration } from './kit/duration.js';
export { describeAs, describeError, type ErrorCause, type ErrorDescription, ofThrown } from './job/error-description.js';
export {
  type Fault,
  got,
  IllegalTransitionError,
  LeaseLostError,
  NonRetryableError,
  ProcessLostError,
  RefusedSettlementError,
  Refusal,
  type RefusalCode,
  RetryableError,
  SnoozeError,
  StopError,
  type StopReason,
} from './job/errors.js';
export { isPlatformFault, markPlatformFault } from './job/platform-fault.js';
export { type ExactValue, inexactLiteral, readExactJson } from './job/exact-json.js';
export { canonicalJson, fingerprint, formerFingerprint, isSameRequest } from './job/fingerprint.js';
export { MAX_URL_LENGTH, normalHttpUrl, parseUrl, readHttpUrl } from './job/http-url.js';
export type { JobContext } from './job/job-context.js';
export {
  isKey,
  JOB_OPTIONS,
  type JobOption,
  type Keep,
  KEEPS,
  type StoredOptions,
  type SubmitOptions,
  type UniqueOption,
  withOptions,
} from './job/job-options.js';
export { ALL_TENANTS, DEFAULT_TENANT, nameIn, NO_TENANT, ofTenant, type Sees, TENANT_PATTERN, tenantIn, tenantNow, withTenant } from './job/tenant.js';
export type { Job, JobError, JobId, JsonValue, LeaseToken, Progress, PublishId, WorkerId } from './job/job.js';
export type { JobSchedule } from './job/job-schedule.js';
export { isLargeText, JsonBytes, textOf } from './job/json-bytes.js';
export { escapePointer, findJsonFault, isSoundText, MAX_JSON_DEPTH } from './job/json-limits.js';
export { type JsonBounds, type JsonText, jsonText, JsonTextError } from './job/json-text.js';
export { RawJson, rawJson, writeJson } from './job/raw-json.js';
export {
  DEFAULT_PRIORITY,
  MAX_CRASHES,
  isIntegerIn,
  isOwnKind,
  fitsKind,
  KIND_OR_PREFIX,
  KIND_PATTERN,
  type IsolationOptions,
  type IsolationPolicy,
  type KindOptions,
  type KindPolicy,
  kindPolicy,
  LIMITS,
  RESULT_MAX_BYTES,
  OWN_KIND_PREFIX,
  QUEUE_PATTERN,
} from './job/kind.js';
export { publicPath, seenBelow } from './job/public-path.js';
export * from './job/lifecycle.js';
export { editDistance, nearest } from './job/nearest.js';
export { type Backoff, backoffDelay, type BackoffPolicy, backoffPolicy } from './job/retry-policy.js';
export { countPairs, type JsonShape, memberPlace, memberText, scanJson, type ShapeBounds } from './job/scan-json.js';
export { parseTime, parseTimeOrDate } from './job/time.js';
export { isUuid, uuidv4, uuidv7 } from './kit/uuid.js';

export { type Clock, systemClock } from './kit/clock.js';
export { rehearse } from './kit/rehearse.js';
export { ownTime, StoreClock, type StoreTime } from './kit/store-clock.js';
export * from './letters/index.js';
export type { Delivery, Disposable, WakeUp } from './run/delivery.js';
export type { AttemptEvent, ChangeFeed, ChangeListener, EventFilter, EventPage, EventReader, JobEnd, LogLine, StoredEvent } from './watch/events.js';
export { COUNTED_EXACTLY, JOB_ORDERS } from './control/job-reader.js';
export type { DoneStep, JobCount, JobDetail, JobFilter, JobOrder, JobPage, JobReader, JobSummary, ListedJob, QueueStats } from './control/job-reader.js';
export { filterFaults, JOB_FILTER_FIELDS, type JobConditions, MOST_IDS, readJobFilter, writeJobFilter } from './control/job-filter.js';
export { exactMember } from './control/payload-condition.js';
export {
  BULK_ACTS,
  type BulkAct,
  bulkAct,
  type BulkFilter,
  type BulkFound,
  type BulkRequest,
  type BulkResult,
  type BulkStore,
  isMove,
} from './control/bulk.js';
export * from './control/erasure.js';
export { CANCEL_OUTCOMES, type Cancellation, type CancelOutcome, type CancelRequest, STOP_GRACE_MS, type StopReport } from './control/cancellation.js';
export type { JobControl, NotifyControl, StartControl } from './control/job-control.js';
export type {
  AttemptStore,
  ClaimAnswer,
  ClaimedJob,
  ClaimFacts,
  FreedSlots,
  ClaimRequest,
  SettleAnswer,
  SettledJob,
  SettleEvent,
  Settlement,
} from './run/attempt-store.js';
export { takesFrom, TakenQueues } from './lease/taken-queues.js';
export * from './lease/worker-list.js';
export type { HeldAnswer, Heartbeat, HeartbeatAnswer, SuspectWorker, SweepStore, WorkerDescription, WorkerStore } from './lease/worker-store.js';
export type { NewJob, ReplayReader, SubmissionStore, SubmitOutcome } from './submit/submission-store.js';
export type { OpenTransaction, SettlingTransaction, Transactions } from './run/transactions.js';
export type { Handlers, RunningAttempt } from './run/handlers.js';
export type { Kinds } from './job/kinds.js';
export {
  capacityOf,
  type Limit,
  LIMIT_NAME,
  limitFaults,
  type LimitMatch,
  type LimitOverride,
  type LimitPer,
  limitSettings,
  type LimitSettings,
  type LimitUse,
  MAX_LIMITS,
  MAX_LIMITS_OF_JOB,
  type Rate,
  rateText,
  readRate,
  type WrittenLimit,
} from './limits/limit.js';
export { arrivalTime, type Candidate, decideRelease, type KeyState, type RateState, type Release } from './flow/decide-release.js';
export type { CodeChange, LimitChange, LimitStore, NamedLimit, UsedLimit } from './limits/limit-store.js';
export { KnownLimits } from './limits/known-limits.js';
export { StaleLimits } from './limits/limited-submissions.js';
export { type RekeyContext, rekeyJobs, type RekeyPage, type RekeyPlace, type RekeyStore } from './limits/rekey.js';
export { type Limited, limitOfKey, LimitsAt, type MatchingLimit, NO_LIMITS } from './limits/matching.js';
export type { CronPatterns } from './schedules/cron-patterns.js';
export { CRON_MAX, intervalOf, isSameSpec, NEVER_FIRES, type ScheduleSpec, specFaults, toSpec, type WrittenSpec } from './schedules/spec.js';
export { localTime, movedNote, zoneOf } from './schedules/local-time.js';
export {
  CODE_ID_PREFIX,
  DESCRIPTION_MAX,
  type MissedRule,
  MISSED_RULES,
  type Overlap,
  OVERLAPS,
  type Schedule,
  SCHEDULE_FIELDS,
  SCHEDULE_ID,
  SCHEDULE_TAG,
  scheduledOptionFaults,
  scheduleFaults,
  type ScheduleSettings,
  TICK_OUTCOMES,
  type TickOutcome,
  toSettings,
  type WrittenSchedule,
} from './schedules/schedule.js';
export * from './schedules/decide-ticks.js';
export { dueAt, jitterOf, newestTicks, nextTick, type Rhythm, shortestGap, ticksBetween } from './schedules/ticks.js';
export { type Backfilled, type Expected, noSuchSchedule, NOT_IN_CODE, ScheduleControl } from './schedules/schedule-control.js';
export type {
  ScheduleAdvance,
  ScheduleFilter,
  ScheduleReader,
  ScheduleStart,
  ScheduleStore,
  StoredTick,
  TickRecord,
  TickSource,
} from './schedules/schedule-store.js';
export { ScheduleTicker } from './schedules/schedule-ticker.js';
export type { Load, LoadReader } from './submit/load.js';
export type { Logger } from './kit/logger.js';
export { type AllowList, COUNTERS, type Definition, type GaugeDefinition, type GaugeName, GAUGES, HISTOGRAMS } from './metrics/definitions.js';
export { type CounterName, type HistogramName, type Labels, type Metrics, noMetrics } from './metrics/metrics.js';
export { MAX_CHANNEL_ENTRIES, type NotifyChannel, type NotifyChannels, type NotifyEntry } from './notify/channels.js';
export type { Notices } from './notify/notices.js';
export { type Allowance, type EventMessage, type JobMessage, type Outbox, type OutboxMessage, WAKE_UP_MAX } from './relay/outbox.js';
export type { Publisher } from './relay/publisher.js';
export { type KindPauses, type Pause, Paused, type PausedNames, type PauseNote, type PauseReader } from './control/paused.js';
export { fairnessFaults, toFairness } from './control/queue-fairness.js';
export type { QueueControl, QueueFairness, QueueSharing, QueueDeclarations, QueueRemoval, Queues, QueueSetting, QueueSettings } from './control/queues.js';
export type { Pruned, RetentionLimits, RetentionStore } from './retain/retention.js';
export * from './retain/retention-rule.js';
export { type Look, type Looked, RetentionWalks } from './retain/retention-walks.js';
export * from './kit/boxes.js';
export { DEFAULT_SCHEMA, inSchema, isSchemaName, SCHEMA_OPTION, schemaOf } from './kit/own-schema.js';
export { within } from './kit/within.js';
export type {
  DeliveryAttempt,
  DeliveryFilter,
  DeliveryState,
  EndpointSettings,
  NewDelivery,
  WebhookDeliveries,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookEndpoints,
  WebhookSecret,
} from './notify/webhooks.js';

export { Admission, type AdmissionDependencies } from './submit/admission.js';
export { type AdmissionLimits, type Exceeded, exceededLimits, type Measured, Overload, type Signal, SIGNALS } from './submit/admission-decision.js';
export { type AdmissionGate, openGate } from './submit/admission-gate.js';
export { AttemptContext, type AttemptDependencies } from './run/attempt-context.js';
export { askedDelay, jobError, jsonResult } from './run/attempt-outcome.js';
export { BatchedChanges } from './watch/batched-changes.js';
export { decideDelivery, type DeliveryDecision, type DeliveryView } from './run/decide-delivery.js';
export { HeartbeatLoop } from './lease/heartbeat.js';
export type { SubmitRequest } from './submit/job-request.js';
export { JobRunner } from './run/job-runner.js';
export { HandedOn, type HandedOnParts } from './run/handed-on.js';
export { Inbox } from './run/inbox.js';
export type { InboxDependencies } from './run/lane.js';
export { Pauses } from './kit/pauses.js';
export { PRINTABLE } from './kit/printable.js';
export { MicroBatcher } from './kit/micro-batcher.js';
export { HintedPause } from './kit/hinted-pause.js';
export { PollingLoop } from './kit/polling-loop.js';
export { traceparentOf } from './submit/traceparent.js';
export { SettleBatch } from './run/settle-batch.js';
export { PruneFinished } from './retain/prune-finished.js';
export { Backlogs } from './room/backlogs.js';
export { type PassDependencies, ReleasePass } from './room/release-pass.js';
export { type LocalRoom, RESERVE, type RoomView, type WaitingRoom, type Wanted } from './room/waiting-room.js';
export { OutboxRelay, type RelayDependencies } from './relay/relay-outbox.js';
export { LocalProcessor } from './run/run-locally.js';
export type { RunnerConfig, RunnerDependencies, Untold } from './run/runner-dependencies.js';
export { type StepMemory, Steps } from './run/steps.js';
export type { Savepoint } from './submit/store-in-parts.js';
export { type Rehearsal, SubmitJob, type Submitted } from './submit/submit-job.js';
export { LeaseSweeper, type SweepDependencies } from './lease/sweep-leases.js';
export { logLine, toldProgress } from './run/telling.js';
export { type BrokerState, explain, type WhyFacts } from './why/explain.js';
export { Places } from './why/places.js';
export * from './stats/index.js';
export * from './doctor/index.js';
export * from './quotas/index.js';
export { StartCounter } from './why/starts.js';
export type { Estimate, ScheduledBy, Why, WhyReason } from './why/why.js';
export { type Outlook, type Planned, type WhyDependencies, WhyJob } from './why/why-job.js';
export type { LimitFacts, OutboxPlace, PausedFact, QueueFacts, RoomBound, RoomPlace, StartRate, StartsStore, WaitingFacts, WhyStore } from './why/why-store.js';
