import { ApiQuery, ApiTags } from '@app/contracts/schemas';
import type { SchedulesNow } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { nameIn, ofTenant, SCHEDULE_ID, type ScheduleFilter, tenantIn } from '@app/core';
import { Store, withoutUndefined } from '@app/host';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LIMIT, TENANT } from '../api-docs/parameters.js';
import { LookDoor } from '../events/look-door.js';
import { DescribedLook } from '../events/look-docs.js';
import { pageOf } from '../http/page-of.js';
import { QueryReader } from '../jobs/list-query.js';
import { ViewedBy, type Viewer } from '../rights/tenant.js';
import { scheduleView, SHOWN_TICKS, tickView } from './schedule-view.js';

type Wanted = Omit<ScheduleFilter, 'tenant' | 'after'> & { id?: string };

/** Not below `/schedules`, where it would take the place of a schedule with the id `stream`. */
@ApiTags('schedules')
@Controller('streams/schedules')
export class ScheduleStreamController {
  constructor(
    private readonly store: Store,
    private readonly door: LookDoor,
  ) {}

  @Get()
  @DescribedLook('schedules', wire.SchedulesNow, { operationId: 'streamSchedules', shows: 'The first schedules by id with their last ticks' })
  @ApiQuery({ name: 'id', required: false, type: String, description: 'This schedule alone, and none where there is none', example: 'nightly-report' })
  @ApiQuery({ name: 'kind', required: false, type: String, description: 'Schedules of this kind', example: 'csv.import' })
  @ApiQuery({ name: 'paused', required: false, enum: ['true', 'false'], description: 'Only paused ones, or only those that are not' })
  @ApiQuery(TENANT)
  @ApiQuery(LIMIT)
  async stream(@Query() query: Record<string, unknown>, @ViewedBy() viewer: Viewer, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const reader = QueryReader.tolerant(query, ['id', 'kind', 'paused', 'tenant', 'limit'], []);
    const paused = reader.oneOf('paused', ['true', 'false']);
    const given = { id: reader.text('id'), kind: reader.text('kind'), paused: paused === undefined ? undefined : paused === 'true' };
    const wanted = { ...withoutUndefined(given), limit: reader.limit() };
    const { named, whose } = viewer;
    await this.door.open(request, reply, [named, whose({ tenant: '' }), wanted], { name: 'schedules', look: () => this.look(wanted, viewer) });
  }

  private async look({ id, ...filter }: Wanted, { named, whose }: Viewer): Promise<SchedulesNow> {
    const found = id === undefined ? await this.store.schedules.list({ ...filter, tenant: named, limit: filter.limit + 1 }) : await this.one(id, named);
    const { items: page, nextCursor } = pageOf(found, filter.limit, (schedule) => nameIn(schedule.id));
    const ids = page.map((schedule) => schedule.id);
    const ticks = await this.store.schedules.ticks(ids, SHOWN_TICKS);
    const items = page.map((schedule) => ({
      ...scheduleView(schedule),
      ...whose({ tenant: tenantIn(schedule.id) }),
      ticks: (ticks.get(schedule.id) ?? []).map(tickView),
    }));
    return { items, nextCursor };
  }

  private async one(id: string, tenant: string) {
    const schedule = SCHEDULE_ID.test(id) ? await this.store.schedules.find(ofTenant(tenant, id)) : null;
    return schedule ? [schedule] : [];
  }
}
