import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { AuditPage } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { Store } from '@app/host';
import { Controller, Get, Query } from '@nestjs/common';
import { CURSOR, LIMIT, TENANT } from '../api-docs/parameters.js';
import { ListTurns } from '../http/list-turns.js';
import { QueryReader } from '../jobs/list-query.js';
import { AUDIT_PARAMETERS, auditPage, DescribedAudit, readAuditFilter } from './read-audit.js';
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
  @DescribedAudit()
  @ApiQuery(TENANT)
  @ApiQuery(CURSOR)
  @ApiQuery(LIMIT)
  @ApiResponse({ status: 200, type: wire.AuditPage, description: 'A page' })
  list(@Query() query: Record<string, unknown>, @ViewedBy() viewer: Viewer): Promise<AuditPage> {
    const reader = new QueryReader(query, [...AUDIT_PARAMETERS, 'cursor']);
    const filter = { ...readAuditFilter(reader), before: reader.cursor() ?? null };
    return auditPage(this.store, this.lists, filter, viewer);
  }
}
