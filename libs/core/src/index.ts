export { durationMs, parseDuration, type Duration } from './job/duration.js';
export { describeAs, describeError, type ErrorCause, type ErrorDescription, ofThrown } from './job/error-description.js';
export {
  type Fault,
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
export { MAX_REPLY_ADDRESSES, replyAddressesOf, SEVERAL_REPLIES } from './job/reply-addresses.js';
export { MAX_URL_LENGTH, normalHttpUrl, readHttpUrl } from './job/http-url.js';
export type { JobContext } from './job/job-context.js';
export type { Job, JobError, JobId, JsonValue, LeaseToken, Progress, PublishId, WorkerId } from './job/job.js';
export { escapePointer, findJsonFault, MAX_JSON_DEPTH } from './job/json-limits.js';
export { type JsonBounds, type JsonText, jsonText, JsonTextError } from './job/json-text.js';
export { RawJson, rawJson, writeJson } from './job/raw-json.js';
export {
  DEFAULT_PRIORITY,
  MAX_CRASHES,
  isIntegerIn,
  isOwnKind,
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
export {
  isTerminal,
  JOB_EVENTS,
  JOB_STATES,
  type JobEvent,
  type JobState,
  LIFECYCLE,
  nextState,
  statesAllowing,
  TERMINAL_STATES,
  type TerminalState,
  transition,
} from './job/lifecycle.js';
export { editDistance, nearest } from './job/nearest.js';
export { type Backoff, backoffDelay, type BackoffPolicy, backoffPolicy } from './job/retry-policy.js';
export { countPairs, type JsonShape, memberTexts, scanJson, type ShapeBounds } from './job/scan-json.js';
export { parseTime, parseTimeOrDate } from './job/time.js';
export { isUuid, uuidv4, uuidv7 } from './job/uuid.js';

export { type Clock, systemClock } from './ports/clock.js';
export { ownTime, StoreClock, type StoreTime } from './ports/store-clock.js';
export type { DeadLetter, DeadLetterFilter, DeadLetters, NewDeadLetter } from './ports/dead-letters.js';
export type { Delivery } from './ports/delivery.js';
export type { AttemptEvent, ChangeFeed, ChangeListener, EventFilter, EventPage, EventReader, JobEnd, LogLine, StoredEvent } from './ports/events.js';
export type { JobFilter, JobPage, JobReader, JobSummary, ListedJob, QueueStats } from './ports/job-reader.js';
export type { JobControl, ReplyAddress, ReplyControl } from './ports/job-control.js';
export type {
  AttemptStore,
  ClaimAnswer,
  ClaimedJob,
  ClaimFacts,
  ClaimRequest,
  Heartbeat,
  HeartbeatAnswer,
  NewJob,
  OpenTransaction,
  ReplayReader,
  SettleAnswer,
  SettledJob,
  SettleEvent,
  Settlement,
  SettlingTransaction,
  SubmissionStore,
  SubmitOutcome,
  SuspectWorker,
  SweepStore,
  Transactions,
  WorkerDescription,
  WorkerStore,
} from './ports/job-store.js';
export type { Handlers, Kinds, RunningAttempt } from './ports/kinds.js';
export type { Load, LoadReader } from './ports/load.js';
export type { Logger } from './ports/logger.js';
export { type CounterName, type HistogramName, type Labels, type Metrics, noMetrics } from './ports/metrics.js';
export type { EmailCounts, Notices } from './ports/notices.js';
export type { EventMessage, JobMessage, Outbox, OutboxMessage } from './ports/outbox.js';
export type { Publisher } from './ports/publisher.js';
export type { QueueDeclarations, QueueRemoval, Queues, QueueSetting } from './ports/queues.js';
export type { RetentionLimits, RetentionStore } from './ports/retention.js';
export { plainSecrets, type SecretBox } from './ports/secret-box.js';
export { within } from './ports/within.js';
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
} from './ports/webhooks.js';

export { Admission, type AdmissionDependencies } from './use-cases/admission.js';
export { type AdmissionLimits, type Exceeded, exceededLimits, type Measured, Overload, type Signal, SIGNALS } from './use-cases/admission-decision.js';
export { type AdmissionGate, openGate } from './use-cases/admission-gate.js';
export { AttemptContext, type AttemptDependencies } from './use-cases/attempt-context.js';
export { askedDelay, jobError, jsonResult } from './use-cases/attempt-outcome.js';
export { BatchedChanges } from './use-cases/batched-changes.js';
export { decideDelivery, type DeliveryDecision, type DeliveryView } from './use-cases/decide-delivery.js';
export { HeartbeatLoop } from './use-cases/heartbeat.js';
export type { SubmitOptions, SubmitRequest } from './use-cases/job-request.js';
export { JobRunner } from './use-cases/job-runner.js';
export { MicroBatcher } from './use-cases/micro-batcher.js';
export { SettleBatch } from './use-cases/settle-batch.js';
export { PruneFinished } from './use-cases/prune-finished.js';
export { OutboxRelay } from './use-cases/relay-outbox.js';
export { LocalProcessor } from './use-cases/run-locally.js';
export type { RunnerConfig, RunnerDependencies } from './use-cases/runner-dependencies.js';
export { type StepMemory, Steps } from './use-cases/steps.js';
export { SubmitJob, type Submitted } from './use-cases/submit-job.js';
export { LeaseSweeper } from './use-cases/sweep-leases.js';
export { logLine, toldProgress } from './use-cases/telling.js';
