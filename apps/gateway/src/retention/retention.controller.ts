import { ApiBody, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { RetentionList, RetentionRuleView } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { NO_TENANT, PruneFinished, publicPath, Refusal, type RetentionRule, ruleKindsFaults } from '@app/core';
import { CONFIG, readTenant, Store } from '@app/host';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query } from '@nestjs/common';
import { TENANT } from '../api-docs/parameters.js';
import type { GatewayConfig } from '../gateway.config.js';
import { QueryReader } from '../jobs/list-query.js';
import { ViewedBy, type Viewer } from '../rights/tenant.js';
import { readKeptTimes, readRuleKinds, tenantOfRule } from './read-retention.js';

const WHOSE = { ...TENANT, description: 'Whose rule, for keys for all tenants; where it is left out the one for all tenants' };

@ApiTags('retention')
@Controller('retention')
export class RetentionController {
  constructor(
    private readonly store: Store,
    private readonly pruning: PruneFinished,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listRetention',
    summary: 'How long finished jobs are kept, rule by rule',
    description:
      'The rules of the tenant and those for all tenants, also those in code: `origin` says where each was set. The most specific rule that says it holds: ' +
      'of the tenant before for all, a kind before the longest prefix before `*`, code after those, `settings` last.',
  })
  @ApiQuery(TENANT)
  @ApiResponse({ status: 200, type: wire.RetentionList, description: 'All of them' })
  async list(@Query() query: Record<string, unknown>, @ViewedBy() { sees }: Viewer): Promise<RetentionList> {
    new QueryReader(query, ['tenant']);
    const found = sees === NO_TENANT ? [] : await this.store.retentionRules.list(sees);
    const { succeededSeconds, failedSeconds } = this.config.retention;
    return { items: found.map(ruleView), settings: { succeededSeconds, failedSeconds } };
  }

  @Put(':kinds')
  @ApiOperation({
    operationId: 'putRetention',
    summary: 'Say how long finished jobs are kept',
    description:
      'In place of what was set for the same kinds. It holds at once, also for jobs that have ended: those past their time go within seconds to minutes.',
  })
  @ApiQuery(WHOSE)
  @ApiBody({ type: wire.RetentionTimes })
  @ApiResponse({ status: 200, type: wire.RetentionRuleView, description: 'Set' })
  @ApiResponse({ status: 422, description: 'Not valid, or one rule more than there may be' })
  async put(
    @Param('kinds') kinds: string,
    @Query() query: Record<string, unknown>,
    @Body() body: unknown,
    @ViewedBy() viewer: Viewer,
  ): Promise<RetentionRuleView> {
    const tenant = ruleOf(query, viewer);
    const rule = await this.store.retentionRules.put(tenant, readRuleKinds(kinds), readKeptTimes(body, this.config.keySeconds));
    this.pruning.nudge();
    return ruleView(rule);
  }

  @Delete(':kinds')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteRetention',
    summary: 'Take away a rule that was PUT',
    description: 'The next less specific one holds at once.',
  })
  @ApiQuery(WHOSE)
  @ApiResponse({ status: 204, description: 'Deleted' })
  @ApiResponse({ status: 404, description: 'There is no such rule' })
  @ApiResponse({ status: 409, description: 'There is only the one in code' })
  async remove(@Param('kinds') kinds: string, @Query() query: Record<string, unknown>, @ViewedBy() viewer: Viewer): Promise<void> {
    const tenant = ruleOf(query, viewer);
    // Text that can be for no rule is answered as one that is not there.
    const removed = ruleKindsFaults(kinds).length > 0 ? 'unknown' : await this.store.retentionRules.remove(tenant, kinds);
    if (removed === 'unknown')
      throw new Refusal('not_found', `there is no rule of retention for ${JSON.stringify(kinds.slice(0, 100))}; GET /retention lists them`);
    if (removed === 'code')
      throw new Refusal('state_forbids', `how long ${kinds} is kept stands in code; take it out there, or PUT a rule, which comes before it`);
    this.pruning.nudge();
  }
}

/** A parameter that is misspelt is refused: without `?tenant=` the rule would be one for all. */
function ruleOf(query: Record<string, unknown>, viewer: Viewer): string {
  new QueryReader(query, ['tenant']);
  return tenantOfRule(viewer);
}

function ruleView({ tenant, kinds, origin, updatedAt, ...times }: RetentionRule): RetentionRuleView {
  const of = readTenant(tenant);
  const self = publicPath(`/retention/${kinds}${of === null ? '' : `?tenant=${of}`}`);
  return { kinds, tenant: of, ...times, origin, updatedAt: updatedAt.toISOString(), links: { self } };
}
