import { type BulkFilter, type BulkRequest, type SubmitRequest, writeJobFilter } from '@app/core';
import { BULK_KIND } from './bulk.job.js';

/** An act as it is asked for: without `before` it is for the jobs that are there when it is accepted. */
export type AskedAct = Omit<BulkRequest, 'filter'> & { filter: Omit<BulkFilter, 'before'> & Partial<Pick<BulkFilter, 'before'>> };

/** The submission of such a job. One key makes one job: an act whose answer was lost can be asked for again. */
export function bulkRequest({ filter: { before, ...filter }, ...request }: AskedAct, idempotencyKey?: string): SubmitRequest {
  const payload = { ...request, ...writeJobFilter(filter), ...(before === undefined ? {} : { before: before.toISOString() }) };
  return { kind: BULK_KIND, payload, options: { tags: [`act:${request.act}`] }, internal: true, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
}
