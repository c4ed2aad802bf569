import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { LimitDetail, LimitDryRun, LimitList, Rekeying } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { LIMIT_NAME, publicPath, type UsedLimit } from '@app/core';
import { Store } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Post, Put, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ChangeLimits, noSuchLimit } from './change-limits.js';
import { LimitDto, LimitOverrideDto, readLimit, readLimitName, readOverride } from './limit.dto.js';
import { limitDetail, limitView } from './limit-view.js';

@ApiTags('limits')
@Controller('limits')
export class LimitsController {
  constructor(
    private readonly store: Store,
    private readonly registry: HandlerRegistry,
    private readonly changes: ChangeLimits,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listLimits',
    summary: 'All limits, by name, and how they are used',
    description: 'Those in code are listed too: `origin` says where each was set.',
  })
  @ApiResponse({ status: 200, type: wire.LimitList, description: 'All of them' })
  async list(): Promise<LimitList> {
    return { items: (await this.store.limits.list()).map((limit) => limitView(limit)) };
  }

  @Get(':name')
  @ApiOperation({ operationId: 'getLimit', summary: 'One limit, with its busiest keys', description: 'A limit with `per` has a key for each value.' })
  @ApiResponse({ status: 200, type: wire.LimitDetail, description: 'The limit' })
  async find(@Param('name') name: string): Promise<LimitDetail> {
    return limitDetail(await this.found(name));
  }

  @Put(':name')
  @ApiOperation({
    operationId: 'putLimit',
    summary: 'Set a limit',
    description:
      'It holds over one of the same name in code until it is deleted. Lowered below what runs, it stops nothing: `draining` says by how many. Jobs that are submitted from now on have it; `links.rekey` is the job that gives it to those that wait.',
  })
  @ApiBody({ type: LimitDto })
  @ApiResponse({ status: 200, type: wire.LimitDetail, description: 'Set; the same jobs are under it as before' })
  @ApiResponse({ status: 202, type: wire.LimitDetail, description: 'Set; waiting jobs get it from the job of `links.rekey`' })
  @ApiResponse({ status: 422, description: 'Not valid, no name of a limit, or one limit more than there may be' })
  async put(@Param('name') name: string, @Body() body: unknown, @Res({ passthrough: true }) reply: FastifyReply): Promise<LimitDetail> {
    const settings = readLimit(body, this.registry);
    const rekey = await this.changes.put(readLimitName(name), settings);
    void reply.status(rekey === undefined ? HttpStatus.OK : HttpStatus.ACCEPTED);
    return limitDetail(await this.found(name), rekey);
  }

  @Post(':name/dry-run')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'dryRunLimit',
    summary: 'What setting a limit would do',
    description: 'Takes the body of `PUT /limits/{name}`, and sets nothing. What that would be refused for is refused.',
  })
  @ApiBody({ type: LimitDto })
  @ApiResponse({ status: 200, type: wire.LimitDryRun, description: 'What would become of it' })
  @ApiResponse({ status: 422, description: 'Not valid, no name of a limit, or one limit more than there may be' })
  async dryRun(@Param('name') name: string, @Body() body: unknown): Promise<LimitDryRun> {
    const settings = readLimit(body, this.registry);
    return { dryRun: true, outcome: await this.changes.rehearse(readLimitName(name), settings) };
  }

  @Delete(':name')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'deleteLimit',
    summary: 'Take away a limit that was PUT',
    description: 'Jobs that wait for it stop waiting for it at once. One in code of the same name holds again.',
  })
  @ApiResponse({ status: 202, type: wire.Rekeying, description: 'Deleted' })
  @ApiResponse({ status: 404, description: 'There is no such limit' })
  @ApiResponse({ status: 409, description: 'There is only the one in code' })
  async remove(@Param('name') name: string): Promise<Rekeying> {
    const rekey = (await this.changes.remove(known(name))) ?? '';
    return { name, links: { rekey: publicPath(`/jobs/${rekey}`) } };
  }

  @Post(':name/override')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'overrideLimit',
    summary: 'Another concurrency for a time',
    description: 'Takes the place of an earlier override. When its time is over, the limit is as it was.',
  })
  @ApiBody({ type: LimitOverrideDto })
  @ApiResponse({ status: 200, type: wire.LimitDetail, description: 'The limit as it is now' })
  @ApiResponse({ status: 404, description: 'There is no such limit' })
  async override(@Param('name') name: string, @Body() body: unknown): Promise<LimitDetail> {
    const override = readOverride(body, this.store.time.now());
    if (!(await this.store.limits.override(known(name), override))) throw noSuchLimit(name);
    return limitDetail(await this.found(name));
  }

  @Delete(':name/override')
  @ApiOperation({ operationId: 'endLimitOverride', summary: 'End the override of a limit', description: 'Without an override it changes nothing.' })
  @ApiResponse({ status: 200, type: wire.LimitDetail, description: 'The limit as it is now' })
  @ApiResponse({ status: 404, description: 'There is no such limit' })
  async endOverride(@Param('name') name: string): Promise<LimitDetail> {
    if (!(await this.store.limits.override(known(name), null))) throw noSuchLimit(name);
    return limitDetail(await this.found(name));
  }

  private async found(name: string): Promise<UsedLimit> {
    const limit = await this.store.limits.find(known(name));
    if (!limit) throw noSuchLimit(name);
    return limit;
  }
}

/** Text that can be no name is answered as an unknown limit. */
function known(name: string): string {
  if (!LIMIT_NAME.test(name)) throw noSuchLimit(name);
  return name;
}
