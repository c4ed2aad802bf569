import type { Job, JobId, LeaseToken, PublishId } from '../job/job.js';
import type { JsonText } from '../job/json-text.js';
import { type KindOptions, type KindPolicy, kindPolicy } from '../job/kind.js';
import { DEFAULT_TENANT } from '../job/tenant.js';
import { uuidv7 } from '../kit/uuid.js';
import type { ClaimedJob } from '../run/attempt-store.js';
import { newJob } from '../submit/job-request.js';
import type { NewJob } from '../submit/submission-store.js';

/** A queued job of kind `test.job`, changed as given. */
export function sampleJob(more: Partial<Job> = {}): Job {
  return {
    id: uuidv7() as JobId,
    kind: 'test.job',
    queue: 'default',
    state: 'queued',
    priority: 4,
    payload: '{}' as JsonText,
    attempt: 0,
    maxAttempts: 3,
    timeoutMs: null,
    progress: null,
    result: null,
    errors: [],
    tags: [],
    tenant: DEFAULT_TENANT,
    notify: [],
    traceparent: null,
    redrives: 0,
    cancelRequested: false,
    events: 1,
    runAt: null,
    createdAt: new Date('2026-01-31T08:00:00.000Z'),
    startedAt: null,
    finishedAt: null,
    ...more,
  };
}

/** A job that is ready to be stored, changed as given. */
export function sampleNewJob(more: Partial<NewJob> = {}): NewJob {
  return { ...newJob({ kind: 'test.job', payload: {} }, '{}' as JsonText, samplePolicy()), ...more };
}

/** A running job with its lease, changed as given. */
export function sampleClaim(more: Partial<ClaimedJob> = {}): ClaimedJob {
  return {
    ...sampleJob({ state: 'running', attempt: 1 }),
    token: 'token' as LeaseToken,
    publishId: 'copy' as PublishId,
    fence: 1,
    crashes: 0,
    ...more,
  };
}

/** Kind `test.job` without jitter, changed as given. */
export function samplePolicy(more: Partial<KindOptions> = {}): KindPolicy {
  return kindPolicy({ kind: 'test.job', backoff: { base: '1s', jitter: 'none' }, ...more });
}
