import type { AuditEntry, AuditPage } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { Store } from '@app/host';
import type { AuditRecord } from '@app/postgres';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CURSOR, LIMIT, TENANT } from '../api-docs/parameters.js';
import { ListTurns } from '../http/list-turns.js';
import { QueryReader } from '../jobs/list-query.js';
import { ViewedBy, type Viewer } from './tenant.js';

@ApiTags('rights')
@Controller('audit')
export class AuditController {
  constructor(
    private readonly store: Store,
    private readonly lists: ListTurns,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listAudit',
    summary: 'What was changed, by whom, the newest first',
    description:
      'Every operation that changes something, with what it was before. A job names itself who has submitted it; submissions and uploads are not here.',
  })
  @ApiQuery({ name: 'subject', required: false, type: String, description: 'Done by it', example: 'local' })
  @ApiQuery({ name: 'action', required: false, type: String, description: 'The operation', example: 'pauseQueue' })
  @ApiQuery({ name: 'target', required: false, type: String, description: 'The path that it was done to', example: '/queues/default/pause' })
  @ApiQuery({ name: 'from', required: false, type: String, description: 'Since then', example: '2026-01-31T08:00:00Z' })
  @ApiQuery({ name: 'to', required: false, type: String, description: 'Before then', example: '2030-01-31T08:00:00Z' })
  @ApiQuery(TENANT)
  @ApiQuery(CURSOR)
  @ApiQuery(LIMIT)
  @ApiResponse({ status: 200, type: wire.AuditPage, description: 'A page' })
  async list(@Query() query: Record<string, unknown>, @ViewedBy() { sees, whose }: Viewer): Promise<AuditPage> {
    const reader = new QueryReader(query, ['subject', 'action', 'target', 'from', 'to', 'tenant', 'cursor', 'limit']);
    const limit = reader.limit();
    const filter = {
      subject: reader.text('subject') ?? null,
      action: reader.text('action') ?? null,
      target: reader.text('target') ?? null,
      from: reader.time('from') ?? null,
      to: reader.time('to') ?? null,
      before: reader.cursor() ?? null,
      limit: limit + 1,
    };
    const { items: found } = await this.lists.take(async () => ({ items: await this.store.audit.list(sees, filter) }));
    const items = found.slice(0, limit);
    return { items: items.map((record) => ({ ...entryView(record), ...whose(record) })), nextCursor: found.length > limit ? (items.at(-1)?.id ?? null) : null };
  }
}

function entryView({ id, at, subject, via, action, target, outcome, ip, detail }: AuditRecord): AuditEntry {
  return { id, at: at.toISOString(), subject, via, action, target, outcome, ip, detail: detail as AuditEntry['detail'] };
}
