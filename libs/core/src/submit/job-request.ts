import { type JsonBytes, textOf } from '../job/json-bytes.js';
import { got, Refusal } from '../job/errors.js';
import { fingerprint, formerFingerprint } from '../job/fingerprint.js';
import type { Job, JobId, JsonValue } from '../job/job.js';
import { chooseOptions, type SubmitOptions, withOptions } from '../job/job-options.js';
import type { KindPolicy } from '../job/kind.js';
import type { JsonText } from '../job/json-text.js';
import { ALL_TENANTS, ofTenant, TENANT_PATTERN, tenantNow } from '../job/tenant.js';
import { type NotifyEntry, notifyEntries } from '../notify/channels.js';
import { SCHEDULE_TAG } from '../schedules/schedule.js';
import { uuidv7 } from '../kit/uuid.js';
import type { NewJob, NewKey } from './submission-store.js';

export interface SubmitRequest {
  kind: string;
  payload: JsonValue;
  /**
   * The text that the payload was read from: it is what is stored. Left out, the payload is written by JSON.stringify. With it, `payload` becomes
   * null once it is checked: a parsed payload takes four times the memory of its text, and the request waits for the store.
   */
  payloadText?: JsonText;
  /** The bytes that `payloadText` was read from, which are stored in its place: then it is let go of too. */
  payloadBytes?: JsonBytes;
  /** The payload was read from a text of which is known that a store can keep it: it is not searched for what it cannot. */
  payloadSound?: boolean;
  options?: SubmitOptions;
  /** One key makes one job, whoever repeats it, for as long as keys are kept. */
  idempotencyKey?: string;
  /** Whose the job is, and its keys. Left out, of the tenant whose handler asks, or else of the default one. Only who has judged the caller sets it. */
  tenant?: string;
  /** Whose keys these are within the tenant: requests of different scopes never meet. Left out, the one that all share. */
  keyScope?: string;
  /** Longhaul itself asks: only then may the kind be one of its own. No door sets it. */
  internal?: true;
  /** A schedule asks, for a tick of it: only then may a tag begin with `schedule:`. No door sets it. */
  scheduled?: true;
  /** Whom the outcome is sent to, besides those whom the options name. */
  notify?: readonly NotifyEntry[];
  traceparent?: string;
}

/** Keys of callers without an identity share one scope. */
const SCOPE = 'default';

/** The job that a valid request asks for, with the kind's defaults filled in. Refuses with a pointer for each option out of range; `now` is the store's time. */
export function newJob(request: SubmitRequest, text: JsonText, policy: KindPolicy, now = Date.now()): NewJob {
  const { options, payloadBytes: payload = text } = request;
  if (options?.tags !== undefined && request.scheduled === undefined) refuseReserved(options.tags);
  const tenant = tenantOf(request);
  const chosen = chooseOptions(options, policy, now);
  chosen.tenant = tenant;
  const job = {
    id: uuidv7() as JobId,
    kind: policy.kind,
    runAt: chosen.runAt,
    delayMs: chosen.delayMs,
    payload,
    notify: notifyEntries(options, request.notify),
    traceparent: request.traceparent ?? null,
    idempotency: newKey(request, tenant, text, payload),
    outboxId: uuidv7(),
  };
  const stored: NewJob = withOptions(job, chosen);
  if (chosen.startBefore !== undefined) stored.startBefore = chosen.startBefore;
  if (chosen.startWithinMs !== undefined) stored.startWithinMs = chosen.startWithinMs;
  if (chosen.flowKey !== undefined) stored.flowKey = chosen.flowKey;
  // Kinds do not know of each other's keys.
  if (chosen.unique !== undefined) stored.unique = { key: ofTenant(tenant, `${policy.kind} ${chosen.unique.key}`), keep: chosen.unique.keep };
  return stored;
}

/** By such a tag the jobs of a schedule are found: no other job may have it. */
function refuseReserved(tags: readonly string[]): void {
  const index = tags.findIndex((tag) => tag.startsWith(SCHEDULE_TAG));
  if (index < 0) return;
  const detail = `must not begin with ${SCHEDULE_TAG}, which is for the jobs of schedules${got(tags[index])}`;
  throw new Refusal('invalid_payload', 'the options are not valid', [{ pointer: `/options/tags/${index}`, detail }]);
}

/** Of a request that nobody has given a tenant. */
export function tenantOf({ tenant = tenantNow(), internal }: Pick<SubmitRequest, 'tenant' | 'internal'>): string {
  if (TENANT_PATTERN.test(tenant) || (internal && tenant === ALL_TENANTS)) return tenant;
  throw new Refusal('invalid_payload', `expected a tenant that matches ${TENANT_PATTERN.source}${got(tenant)}`);
}

function newKey(request: SubmitRequest, tenant: string, text: JsonText, stored: JsonText | JsonBytes): NewKey | null {
  const { kind, payload, options, keyScope = SCOPE, idempotencyKey: key } = request;
  if (key === undefined) return null;
  const chosen = { ...options };
  return {
    scope: ofTenant(tenant, keyScope),
    key,
    fingerprint: fingerprint(kind, { value: payload, text }, chosen),
    formerFingerprint: () => formerFingerprint(kind, JSON.parse(textOf(stored)) as JsonValue, chosen),
  };
}

/** The job as its submitter sees it right after the commit. */
export function accepted(job: NewJob, outcome: { state: 'queued' | 'scheduled'; createdAt: Date; runAt: Date | null }): Job {
  const view = {
    id: job.id,
    kind: job.kind,
    state: outcome.state,
    payload: '' as JsonText,
    attempt: 0,
    progress: null,
    result: null,
    errors: [],
    notify: job.notify,
    traceparent: job.traceparent,
    redrives: 0,
    cancelRequested: false,
    events: 1,
    runAt: outcome.runAt,
    createdAt: outcome.createdAt,
    startedAt: null,
    finishedAt: null,
  };
  // Most callers look at the id alone, and an accessor is dear to make for each small job.
  if (typeof job.payload === 'string') view.payload = job.payload;
  else Object.defineProperty(view, 'payload', { get: () => textOf(job.payload), enumerable: true });
  return withOptions(view, job);
}
