import { ApiQuery, ApiTags } from '@app/contracts/schemas';
import * as wire from '@app/contracts/schemas';
import { Store } from '@app/host';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LIMIT, TENANT } from '../api-docs/parameters.js';
import { LookDoor } from '../events/look-door.js';
import { DescribedLook } from '../events/look-docs.js';
import { ListTurns } from '../http/list-turns.js';
import { QueryReader } from '../jobs/list-query.js';
import { AUDIT_PARAMETERS, auditPage, DescribedAudit, readAuditFilter } from './read-audit.js';
import { ViewedBy, type Viewer } from './tenant.js';

@ApiTags('rights')
@Controller('streams/audit')
export class AuditStreamController {
  constructor(
    private readonly store: Store,
    private readonly door: LookDoor,
    private readonly lists: ListTurns,
  ) {}

  @Get()
  @DescribedLook('audit', wire.AuditPage, { operationId: 'streamAudit', shows: 'The newest acts', as: '`GET /audit`' })
  @DescribedAudit()
  @ApiQuery(TENANT)
  @ApiQuery(LIMIT)
  async stream(@Query() query: Record<string, unknown>, @ViewedBy() viewer: Viewer, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const filter = readAuditFilter(QueryReader.tolerant(query, AUDIT_PARAMETERS, []));
    const { sees, whose } = viewer;
    await this.door.open(request, reply, [sees, whose({ tenant: '' }), filter], {
      name: 'audit',
      look: () => auditPage(this.store, this.lists, filter, viewer),
    });
  }
}
