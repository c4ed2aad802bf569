import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { AlertPage } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { ALERT_RULES } from '@app/core';
import { Controller, Get, Query } from '@nestjs/common';
import { CURSOR, LIMIT } from '../api-docs/parameters.js';
import { QueryReader } from '../jobs/list-query.js';
import { SeenAlerts } from './seen-alerts.js';

@ApiTags('stats')
@Controller('alerts')
export class AlertsController {
  constructor(private readonly alerts: SeenAlerts) {}

  @Get()
  @ApiOperation({
    operationId: 'listAlerts',
    summary: 'What is not well since when, and what was not in the last 30 days',
    description:
      'What lasts for ALERT_AFTER_SECONDS, of the rules of ALERT_RULES, whether somebody is told of it or not. `GET /doctor` has all rules, as they are now.',
  })
  @ApiQuery({ name: 'state', required: false, enum: wire.ALERT_STATES, enumName: 'AlertState', description: 'Left out, `open`' })
  @ApiQuery({ name: 'rule', required: false, type: String, description: 'Of this rule', example: 'no_worker' })
  @ApiQuery(CURSOR)
  @ApiQuery(LIMIT)
  @ApiResponse({ status: 200, type: wire.AlertPage, description: 'A page' })
  list(@Query() query: Record<string, unknown>): Promise<AlertPage> {
    const reader = new QueryReader(query, ['state', 'rule', 'cursor', 'limit']);
    return this.alerts.page({
      state: reader.oneOf('state', wire.ALERT_STATES) ?? 'open',
      rule: reader.oneOf('rule', ALERT_RULES.all) ?? null,
      before: reader.cursor() ?? null,
      limit: reader.limit(),
    });
  }
}
