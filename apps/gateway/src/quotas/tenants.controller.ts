import { ApiBody, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { TenantPage, TenantQuotas } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { publicPath } from '@app/core';
import { Store } from '@app/host';
import { Body, Controller, Delete, Get, Param, Put, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LIMIT } from '../api-docs/parameters.js';
import { ListTurns } from '../http/list-turns.js';
import { pageOf } from '../http/page-of.js';
import { QueryReader } from '../jobs/list-query.js';
import { principalOf } from '../rights/caller.js';
import { readQuotas, readTenantName } from './read-quotas.js';
import { QuotasOfTenants } from './tenant-quotas.js';

/** Tenants, for those who run the installation. */
@ApiTags('tenants')
@Controller('tenants')
export class TenantsController {
  constructor(
    private readonly store: Store,
    private readonly quotas: QuotasOfTenants,
    private readonly lists: ListTurns,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listTenants',
    summary: 'The tenants of which there is something, by name',
    description: 'Jobs, keys, schedules, receivers of outcomes or quotas of their own; `default` always.',
  })
  @ApiQuery({ name: 'cursor', required: false, type: String, description: '`nextCursor` of the page before', example: 'acme' })
  @ApiQuery(LIMIT)
  @ApiResponse({ status: 200, type: wire.TenantPage, description: 'A page' })
  async list(@Query() query: Record<string, unknown>): Promise<TenantPage> {
    const reader = new QueryReader(query, ['cursor', 'limit']);
    const limit = reader.limit();
    const after = reader.text('cursor') ?? '';
    const { items: found } = await this.lists.take(async () => ({ items: await this.store.quotas.list(after, limit + 1) }));
    const { items, nextCursor } = pageOf(found, limit, ({ tenant }) => tenant);
    return { items: items.map((each) => ({ ...each, links: { quotas: publicPath(`/tenants/${each.tenant}/quotas`) } })), nextCursor };
  }

  @Get(':tenant/quotas')
  @ApiOperation({
    operationId: 'getTenantQuotas',
    summary: 'What a tenant may have, and what it has',
    description: 'Also of a tenant of which there is nothing yet.',
  })
  @ApiResponse({ status: 200, type: wire.TenantQuotas, description: 'Each quota' })
  find(@Param('tenant') tenant: string): Promise<TenantQuotas> {
    return this.quotas.view(readTenantName(tenant));
  }

  @Put(':tenant/quotas')
  @ApiOperation({
    operationId: 'putTenantQuotas',
    summary: 'Set what a tenant may have',
    description:
      'In place of all that was set for it: what is left out is as the settings have it, null is without a bound. It holds everywhere within 2 s. Lowered below what there is, it takes nothing away.',
  })
  @ApiBody({ type: wire.QuotaSettings })
  @ApiResponse({ status: 200, type: wire.TenantQuotas, description: 'Set' })
  put(@Param('tenant') tenant: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<TenantQuotas> {
    return this.quotas.put(readTenantName(tenant), readQuotas(body), principalOf(request.raw).subject);
  }

  @Delete(':tenant/quotas')
  @ApiOperation({
    operationId: 'resetTenantQuotas',
    summary: 'Take away what was set for a tenant',
    description: 'The settings hold for it then. Repeating it changes nothing.',
  })
  @ApiResponse({ status: 200, type: wire.TenantQuotas, description: 'Those that hold now' })
  reset(@Param('tenant') tenant: string): Promise<TenantQuotas> {
    return this.quotas.reset(readTenantName(tenant));
  }
}
