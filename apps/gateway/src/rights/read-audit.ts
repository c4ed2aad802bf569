import { ApiQuery } from '@app/contracts/schemas';
import type { AuditEntry, AuditPage } from '@app/contracts';
import type { Store } from '@app/host';
import type { AuditFilter, AuditRecord } from '@app/postgres';
import { applyDecorators } from '@nestjs/common';
import type { ListTurns } from '../http/list-turns.js';
import { pageOf } from '../http/page-of.js';
import type { QueryReader } from '../jobs/list-query.js';
import type { Viewer } from './tenant.js';

/** The parameters of a query for the audit, beside the place in the list. */
export const AUDIT_PARAMETERS = ['subject', 'action', 'target', 'from', 'to', 'tenant', 'limit'];

/** Those of them that say which acts, as `readAuditFilter` reads them. */
export function DescribedAudit(): MethodDecorator {
  return applyDecorators(
    ApiQuery({ name: 'to', required: false, type: String, description: 'Before then', example: '2030-01-31T08:00:00Z' }),
    ApiQuery({ name: 'from', required: false, type: String, description: 'Since then', example: '2026-01-31T08:00:00Z' }),
    ApiQuery({ name: 'target', required: false, type: String, description: 'The path that it was done to', example: '/queues/default/pause' }),
    ApiQuery({ name: 'action', required: false, type: String, description: 'The operation', example: 'pauseQueue' }),
    ApiQuery({ name: 'subject', required: false, type: String, description: 'Done by it', example: 'local' }),
  );
}

export function readAuditFilter(reader: QueryReader): AuditFilter {
  return {
    subject: reader.text('subject') ?? null,
    action: reader.text('action') ?? null,
    target: reader.text('target') ?? null,
    from: reader.time('from') ?? null,
    to: reader.time('to') ?? null,
    before: null,
    limit: reader.limit(),
  };
}

/** The page of what the caller sees, read in its turn. */
export async function auditPage(store: Pick<Store, 'audit'>, lists: ListTurns, filter: AuditFilter, { sees, whose }: Viewer): Promise<AuditPage> {
  const { items: found } = await lists.take(async () => ({ items: await store.audit.list(sees, { ...filter, limit: filter.limit + 1 }) }));
  const { items, nextCursor } = pageOf(found, filter.limit, ({ id }) => id);
  return { items: items.map((record) => ({ ...entryView(record), ...whose(record) })), nextCursor };
}

function entryView({ id, at, subject, via, action, target, outcome, ip, detail }: AuditRecord): AuditEntry {
  return { id, at: at.toISOString(), subject, via, action, target, outcome, ip, detail: detail as AuditEntry['detail'] };
}
