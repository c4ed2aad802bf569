import { ApiBody, ApiHeader, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { ScheduleBackfilled, ScheduleDetail, ScheduleDryRun, SchedulePage, SchedulePreview, ScheduleTriggered } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { nameIn, noSuchSchedule, ofTenant, publicPath, type Schedule, SCHEDULE_ID, ScheduleControl, tenantIn } from '@app/core';
import { Store, withoutUndefined } from '@app/host';
import { Body, Controller, Delete, Get, Headers, HttpCode, HttpStatus, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EntityManager } from 'typeorm';
import { IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH_ANY, LIMIT, TENANT } from '../api-docs/parameters.js';
import { takeJsonBody } from '../http/accept-json.js';
import { pageOf } from '../http/page-of.js';
import { readPauseNote } from '../http/pause-note.js';
import { QueryReader } from '../jobs/list-query.js';
import { OfTenant, ViewedBy, type Viewer } from '../rights/tenant.js';
import { idempotencyKey } from '../submissions/http/idempotency-key.js';
import { expectedRevision } from './precondition.js';
import { BackfillDto, PreviewDto, readBackfill, readPreview, readSchedule, readScheduleId, ScheduleDto } from './schedule.dto.js';
import { runView, scheduleDetail, scheduleView, SHOWN_TICKS } from './schedule-view.js';

const SHOWN_RUNS = 5;

@ApiTags('schedules')
@Controller('schedules')
export class SchedulesController {
  constructor(
    private readonly store: Store,
    private readonly control: ScheduleControl<EntityManager>,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listSchedules',
    summary: 'Schedules, by id',
    description: 'Without their payloads. Those in code are listed too: `origin` says where each was set.',
  })
  @ApiQuery({ name: 'kind', required: false, type: String, description: 'Schedules of this kind', example: 'csv.import' })
  @ApiQuery({ name: 'paused', required: false, enum: ['true', 'false'], description: 'Only paused ones, or only those that are not' })
  @ApiQuery(TENANT)
  @ApiQuery({ name: 'cursor', required: false, type: String, description: '`nextCursor` of the page before', example: 'nightly-report' })
  @ApiQuery(LIMIT)
  @ApiResponse({ status: 200, type: wire.SchedulePage, description: 'A page of the list' })
  async list(@Query() query: Record<string, unknown>, @ViewedBy() { named, whose }: Viewer): Promise<SchedulePage> {
    const reader = new QueryReader(query, ['kind', 'paused', 'tenant', 'cursor', 'limit']);
    const limit = reader.limit();
    const paused = reader.oneOf('paused', ['true', 'false']);
    const filter = withoutUndefined({ kind: reader.text('kind'), paused: paused === undefined ? undefined : paused === 'true', after: reader.text('cursor') });
    const found = await this.store.schedules.list({ ...filter, tenant: named, limit: limit + 1 });
    const { items, nextCursor } = pageOf(found, limit, ({ id }) => nameIn(id));
    return { items: items.map((schedule) => ({ ...scheduleView(schedule), ...whose({ tenant: tenantIn(schedule.id) }) })), nextCursor };
  }

  @Post('preview')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'previewSchedule',
    summary: 'When a spec would tick',
    description: 'In UTC and as the clocks of its zone show it. A tick whose time of day does not exist on that day has a note. Sets nothing.',
  })
  @ApiBody({ type: PreviewDto })
  @ApiResponse({ status: 200, type: wire.SchedulePreview, description: 'The next ticks' })
  preview(@Body() body: unknown): SchedulePreview {
    const { settings, count } = readPreview(body, this.store.time.now());
    return { nextRuns: this.control.nextRuns(settings, count).map((tick) => runView(settings.spec, tick)) };
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getSchedule',
    summary: 'A schedule, with its next runs and its last ticks',
    description: 'The ETag is its revision.',
  })
  @ApiQuery(TENANT)
  @ApiResponse({ status: 200, type: wire.ScheduleDetail, description: 'The schedule' })
  async find(@Param('id') id: string, @ViewedBy() { named, whose }: Viewer, @Res({ passthrough: true }) reply: FastifyReply): Promise<ScheduleDetail> {
    return { ...(await this.detail(await this.control.find(known(id, named)), reply)), ...whose({ tenant: named }) };
  }

  @Put(':id')
  @ApiOperation({
    operationId: 'putSchedule',
    summary: 'Set a schedule',
    description:
      'Creates it, or replaces what it says. A paused one stays paused. As long as it ticks as before, no tick is lost: it goes on from its next one. What each of its jobs would be refused for is refused here. Those in code (`kind:…`) are changed there.',
  })
  @ApiHeader(IF_MATCH)
  @ApiHeader(IF_NONE_MATCH_ANY)
  @ApiBody({ type: ScheduleDto })
  @ApiResponse({ status: 200, type: wire.ScheduleDetail, description: 'Replaced' })
  @ApiResponse({ status: 201, type: wire.ScheduleDetail, description: 'Created' })
  @ApiResponse({ status: 409, description: 'It stands in code' })
  @ApiResponse({ status: 412, description: 'It has another revision than If-Match says, or exists in spite of If-None-Match' })
  @ApiResponse({ status: 422, description: 'Not valid, no id of a schedule, never ticks, or one more than MAX_SCHEDULES' })
  async put(
    @Param('id') id: string,
    @OfTenant() tenant: string,
    @Headers() headers: Record<string, string | undefined>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScheduleDetail> {
    const expected = expectedRevision(headers);
    const { value, source } = takeJsonBody(request);
    const settings = readSchedule(value, source, this.store.time.now());
    const { schedule, created } = await this.control.put(ofTenant(tenant, readScheduleId(id)), settings, expected);
    void reply.status(created ? HttpStatus.CREATED : HttpStatus.OK);
    return this.detail(schedule, reply);
  }

  @Post(':id/dry-run')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'dryRunSchedule',
    summary: 'What setting a schedule would do',
    description: 'Takes the body of `PUT /schedules/{id}`, and sets nothing. What that would be refused for is refused.',
  })
  @ApiBody({ type: ScheduleDto })
  @ApiResponse({ status: 200, type: wire.ScheduleDryRun, description: 'What would become of it' })
  @ApiResponse({ status: 409, description: 'It stands in code' })
  @ApiResponse({ status: 422, description: 'Not valid, no id of a schedule, never ticks, or one more than MAX_SCHEDULES' })
  async dryRun(@Param('id') id: string, @OfTenant() tenant: string, @Req() request: FastifyRequest): Promise<ScheduleDryRun> {
    const { value, source } = takeJsonBody(request);
    const settings = readSchedule(value, source, this.store.time.now());
    const { before, after } = await this.control.rehearse(ofTenant(tenant, readScheduleId(id)), settings);
    const outcome = before === null ? 'created' : before.revision === after.revision ? 'unchanged' : 'changed';
    return { dryRun: true, outcome, revision: before?.revision ?? null, nextRuns: this.nextTicks(after).map((tick) => runView(after.spec, tick, after)) };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ operationId: 'deleteSchedule', summary: 'Delete a schedule', description: 'Its jobs stay. What was written down of its ticks goes.' })
  @ApiHeader(IF_MATCH)
  @ApiResponse({ status: 204, description: 'Deleted' })
  @ApiResponse({ status: 404, description: 'There is no such schedule' })
  @ApiResponse({ status: 409, description: 'It stands in code' })
  @ApiResponse({ status: 412, description: 'It has another revision than If-Match says' })
  async remove(@Param('id') id: string, @OfTenant() tenant: string, @Headers() headers: Record<string, string | undefined>): Promise<void> {
    await this.control.remove(known(id, tenant), expectedRevision(headers));
  }

  @Post(':id/pause')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'pauseSchedule',
    summary: 'Pause a schedule',
    description: 'It makes no more jobs; those that there are go on. It keeps its next tick. Paused again it keeps its time.',
  })
  @ApiBody({ type: wire.PauseNote, required: false })
  @ApiResponse({ status: 200, type: wire.ScheduleDetail, description: 'Paused' })
  async pause(
    @Param('id') id: string,
    @OfTenant() tenant: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScheduleDetail> {
    return this.detail(await this.control.pause(known(id, tenant), readPauseNote(body)), reply);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'resumeSchedule',
    summary: 'Let a paused schedule go on',
    description: 'Ticks that came meanwhile go by its rule for missed ones. Its failures are forgotten.',
  })
  @ApiResponse({ status: 200, type: wire.ScheduleDetail, description: 'Not paused' })
  async resume(@Param('id') id: string, @OfTenant() tenant: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<ScheduleDetail> {
    return this.detail(await this.control.resume(known(id, tenant)), reply);
  }

  @Post(':id/trigger')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'triggerSchedule',
    summary: 'One job of a schedule now',
    description: 'Outside of its rhythm, also while it is paused or its last job runs. With an Idempotency-Key a repeat makes no second job.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiResponse({ status: 202, type: wire.ScheduleTriggered, description: 'Accepted' })
  async trigger(@Param('id') id: string, @OfTenant() tenant: string, @Headers('idempotency-key') header: string | undefined): Promise<ScheduleTriggered> {
    const { jobId, replayed } = await this.control.trigger(known(id, tenant), idempotencyKey(header));
    return { jobId, replayed, links: { job: publicPath(`/jobs/${jobId}`) } };
  }

  @Post(':id/backfill')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'backfillSchedule',
    summary: 'Make up for ticks of a time that has passed',
    description:
      'A job for each tick from `from` to `to` that has none, oldest first, 10,000 ticks at most; also for those that were missed, skipped or refused, and for those before it was set. Each job knows its tick and the one before. Overlap does not count. A repeat makes only what is left.',
  })
  @ApiBody({ type: BackfillDto })
  @ApiResponse({ status: 200, type: wire.ScheduleBackfilled, description: 'Done, or counted' })
  async backfill(@Param('id') id: string, @OfTenant() tenant: string, @Body() body: unknown): Promise<ScheduleBackfilled> {
    const { from, to, dryRun } = readBackfill(body, this.store.time.now());
    return { ...(await this.control.backfill(known(id, tenant), from, to, dryRun)), dryRun };
  }

  private async detail(schedule: Schedule, reply: FastifyReply): Promise<ScheduleDetail> {
    const ticks = (await this.store.schedules.ticks([schedule.id], SHOWN_TICKS)).get(schedule.id) ?? [];
    void reply.header('etag', `"${schedule.revision}"`);
    return scheduleDetail(schedule, this.nextTicks(schedule), ticks);
  }

  private nextTicks(schedule: Schedule): Date[] {
    if (schedule.nextTick === null) return [];
    return this.control.nextRuns(schedule, SHOWN_RUNS, new Date(Math.max(schedule.nextTick.getTime() - 1, this.store.time.now())));
  }
}

/** Text that can be no id is answered as an unknown schedule. */
function known(id: string, tenant: string): string {
  if (!SCHEDULE_ID.test(id)) throw noSuchSchedule(id);
  return ofTenant(tenant, id);
}
