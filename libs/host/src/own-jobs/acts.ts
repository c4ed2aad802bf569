import { ALL_TENANTS, type JsonValue, type Sees, type SubmitRequest } from '@app/core';
import type { JobContext } from '@app/sdk';

/** Of kinds that act on many: any worker goes on where one has died, and it takes as long as it takes. */
export const ACT_SETTINGS = { queue: 'bulk', priority: 9, maxAttempts: 20, timeout: null, backoff: { base: '1s', max: '1m' } } as const;

/** The submission of such a job, of the tenant for which it acts, or of all. One key makes one job: an act whose answer was lost can be asked for again. */
export function actRequest(kind: string, name: string, payload: object, sees: Sees, idempotencyKey?: string): SubmitRequest {
  return {
    kind,
    payload: payload as JsonValue,
    options: { tags: [`act:${name}`] },
    tenant: sees ?? ALL_TENANTS,
    internal: true,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}

/** For whom it acts: whose the job is. As a condition of a filter; none where it is for all. */
export function ofJob({ tenant }: Pick<JobContext, 'tenant'>): { tenant?: string } {
  return tenant === ALL_TENANTS ? {} : { tenant };
}
