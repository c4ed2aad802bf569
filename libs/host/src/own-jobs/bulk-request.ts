import { type BulkFilter, type BulkRequest, type Sees, type SubmitRequest, writeJobFilter } from '@app/core';
import { actRequest } from './act-request.js';
import { BULK_KIND } from './bulk.job.js';

/** An act as it is asked for: without `before` it is for the jobs that are there when it is accepted. */
export type AskedAct = Omit<BulkRequest, 'filter'> & { filter: Omit<BulkFilter, 'before'> & Partial<Pick<BulkFilter, 'before'>> };

/**
 * The submission of such a job. The payload names the tenant for versions that do not know that it is for the jobs of its own: they refuse a field that they
 * do not know.
 */
export function bulkRequest({ filter: { before, group, ...filter }, ...request }: AskedAct, sees: Sees, idempotencyKey?: string): SubmitRequest {
  const payload = {
    ...request,
    ...writeJobFilter(filter),
    ...(group === undefined ? {} : { group }),
    ...(sees === null ? {} : { tenant: sees }),
    ...(before === undefined ? {} : { before: before.toISOString() }),
  };
  return actRequest(BULK_KIND, request.act, payload, sees, idempotencyKey);
}
