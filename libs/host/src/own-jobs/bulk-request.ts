import { ALL_TENANTS, type BulkFilter, type BulkRequest, type Sees, type SubmitRequest, writeJobFilter } from '@app/core';
import { BULK_KIND } from './bulk.job.js';

/** An act as it is asked for: without `before` it is for the jobs that are there when it is accepted. */
export type AskedAct = Omit<BulkRequest, 'filter'> & { filter: Omit<BulkFilter, 'before'> & Partial<Pick<BulkFilter, 'before'>> };

/**
 * The submission of such a job. It is for the jobs of the tenant whose it is itself, or of all. The payload names the tenant for versions that do not know that:
 * they refuse a field that they do not know. One key makes one job: an act whose answer was lost can be asked for again. */
export function bulkRequest({ filter: { before, group, ...filter }, ...request }: AskedAct, sees: Sees, idempotencyKey?: string): SubmitRequest {
  const payload = {
    ...request,
    ...writeJobFilter(filter),
    ...(group === undefined ? {} : { group }),
    ...(sees === null ? {} : { tenant: sees }),
    ...(before === undefined ? {} : { before: before.toISOString() }),
  };
  return {
    kind: BULK_KIND,
    payload,
    options: { tags: [`act:${request.act}`] },
    tenant: sees ?? ALL_TENANTS,
    internal: true,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}
