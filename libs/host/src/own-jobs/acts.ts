import { ALL_TENANTS } from '@app/core';
import type { JobContext } from '@app/sdk';

/** Of kinds that act on many: any worker goes on where one has died, and it takes as long as it takes. */
export const ACT_SETTINGS = { queue: 'bulk', priority: 9, maxAttempts: 20, timeout: null, backoff: { base: '1s', max: '1m' } } as const;

/** For whom it acts: whose the job is. As a condition of a filter; none where it is for all. */
export function ofJob({ tenant }: Pick<JobContext, 'tenant'>): { tenant?: string } {
  return tenant === ALL_TENANTS ? {} : { tenant };
}
