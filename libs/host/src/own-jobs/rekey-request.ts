import { ALL_TENANTS, type SubmitRequest } from '@app/core';
import { REKEY_KIND } from './rekey.job.js';

/** Its tags name so many of the limits that have changed. */
const NAMED = 5;

/** The submission of such a job, for limits that have changed. It looks at jobs of all tenants. */
export function rekeyRequest(...limits: string[]): SubmitRequest {
  const tags = limits.slice(0, NAMED).map((limit) => `limit:${limit}`.slice(0, 100));
  return { kind: REKEY_KIND, payload: {}, options: { tags }, tenant: ALL_TENANTS, internal: true };
}
