import { type Duration, parseDuration } from '../kit/duration.js';
import { type Fault, Refusal } from '../job/errors.js';
import { fingerprint, formerFingerprint } from '../job/fingerprint.js';
import { normalHttpUrl } from '../job/http-url.js';
import type { Job, JobId, JsonValue } from '../job/job.js';
import { isIntegerIn, type KindPolicy, LIMITS, QUEUE_PATTERN } from '../job/kind.js';
import type { JsonText } from '../job/json-text.js';
import { parseTime } from '../job/time.js';
import { uuidv7 } from '../kit/uuid.js';
import type { NewJob, NewKey } from './submission-store.js';

export interface SubmitOptions {
  queue?: string;
  /** 0 to 9. */
  priority?: number;
  /** RFC 3339 time before which the job must not start. */
  runAt?: string;
  delay?: Duration;
  timeout?: Duration;
  maxAttempts?: number;
  callbackUrl?: string;
  notifyEmail?: string;
  tags?: string[];
}

export interface SubmitRequest {
  kind: string;
  payload: JsonValue;
  /** The text that the payload was read from: it is what is stored. Left out, the payload is written by JSON.stringify. */
  payloadText?: JsonText;
  options?: SubmitOptions;
  /** One key makes one job, whoever repeats it, for as long as keys are kept. */
  idempotencyKey?: string;
  /** Whose keys these are: requests of different scopes never meet. Left out, the one that all share. */
  keyScope?: string;
  /** Longhaul itself asks: only then may the kind be one of its own. No door sets it. */
  internal?: true;
  replyTo?: string;
  correlationId?: string;
  traceparent?: string;
}

/** Keys of callers without an identity share one scope. */
const SCOPE = 'default';

interface Prepared {
  queue: string;
  priority: number;
  maxAttempts: number;
  timeoutMs: number | null;
  runAt: Date | null;
  delayMs: number | null;
}

function prepare(options: SubmitOptions, policy: KindPolicy, now: number): Prepared {
  const faults: Fault[] = [];
  const fault = (name: string, detail: string) => faults.push({ pointer: `/options/${name}`, detail });
  const ms = (name: 'delay' | 'timeout', min: number, max: number): number | null => {
    const value = options[name];
    if (value === undefined) return null;
    const parsed = parseDuration(value);
    if (parsed !== undefined && parsed >= min && parsed <= max) return parsed;
    fault(name, `must be milliseconds from ${min} to ${max}, or text such as "30s", "15m" or "PT15M"`);
    return null;
  };
  const integer = (name: 'priority' | 'maxAttempts', min: number, max: number, otherwise: number): number => {
    const value = options[name] ?? otherwise;
    if (!isIntegerIn(value, min, max)) fault(name, `must be a whole number from ${min} to ${max}`);
    return value;
  };
  const queue = options.queue ?? policy.queue;
  if (!QUEUE_PATTERN.test(queue)) fault('queue', `must match ${QUEUE_PATTERN.source}`);
  const runAt = options.runAt === undefined ? null : (parseTime(options.runAt) ?? new Date(NaN));
  if (runAt && !(Math.abs(runAt.getTime() - now) <= LIMITS.delayMs))
    fault('runAt', 'must be an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z, within ten years');
  if (options.runAt !== undefined && options.delay !== undefined) fault('delay', 'must not be given together with runAt');
  const prepared: Prepared = {
    queue,
    priority: integer('priority', 0, LIMITS.priority, policy.priority),
    maxAttempts: integer('maxAttempts', 1, LIMITS.maxAttempts, policy.maxAttempts),
    timeoutMs: ms('timeout', 1, LIMITS.timeoutMs) ?? policy.timeoutMs,
    runAt,
    delayMs: ms('delay', 0, LIMITS.delayMs),
  };
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the options are not valid', faults);
  return prepared;
}

/** The job that a valid request asks for, with the kind's defaults filled in. Refuses with a pointer for each option out of range; `now` is the store's time. */
export function newJob(request: SubmitRequest, text: JsonText, policy: KindPolicy, now = Date.now()): NewJob {
  const { options = {} } = request;
  const { queue, priority, maxAttempts, timeoutMs, runAt, delayMs } = prepare(options, policy, now);
  // Without a spread, which costs more than the rest of this.
  return {
    id: uuidv7() as JobId,
    kind: policy.kind,
    queue,
    priority,
    maxAttempts,
    timeoutMs,
    runAt,
    delayMs,
    payload: text,
    tags: options.tags ?? [],
    callbackUrl: options.callbackUrl === undefined ? null : normalHttpUrl(options.callbackUrl),
    notifyEmail: options.notifyEmail ?? null,
    replyTo: request.replyTo ?? null,
    correlationId: request.correlationId ?? null,
    traceparent: request.traceparent ?? null,
    idempotency: newKey(request, text),
    outboxId: uuidv7(),
  };
}

function newKey({ kind, payload, options, keyScope = SCOPE, idempotencyKey: key }: SubmitRequest, text: JsonText): NewKey | null {
  if (key === undefined) return null;
  const chosen = { ...options };
  return {
    scope: keyScope,
    key,
    fingerprint: fingerprint(kind, { value: payload, text }, chosen),
    formerFingerprint: () => formerFingerprint(kind, payload, chosen),
  };
}

/** The job as its submitter sees it right after the commit. */
export function accepted(job: NewJob, outcome: { state: 'queued' | 'scheduled'; createdAt: Date; runAt: Date | null }): Job {
  return {
    id: job.id,
    kind: job.kind,
    queue: job.queue,
    state: outcome.state,
    priority: job.priority,
    payload: job.payload,
    attempt: 0,
    maxAttempts: job.maxAttempts,
    timeoutMs: job.timeoutMs,
    progress: null,
    result: null,
    errors: [],
    tags: job.tags,
    callbackUrl: job.callbackUrl,
    notifyEmail: job.notifyEmail,
    replyTo: job.replyTo,
    correlationId: job.correlationId,
    traceparent: job.traceparent,
    redrives: 0,
    cancelRequested: false,
    events: 1,
    runAt: outcome.runAt,
    createdAt: outcome.createdAt,
    startedAt: null,
    finishedAt: null,
  };
}
