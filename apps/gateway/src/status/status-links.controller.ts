import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { StatusLink } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { publicPath, Refusal } from '@app/core';
import { allows, CONFIG, Store, type StatusPart } from '@app/host';
import { Body, Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../gateway.config.js';
import { jobId, noSuchJob } from '../jobs/job-id.js';
import { principalOf } from '../rights/caller.js';
import { seenBy } from '../rights/tenant.js';
import { readStatusLink } from './read-status-link.js';

/** What a key needs to let others have a part of a job. */
const SCOPES = { result: 'jobs:payload', files: 'files:read' } as const satisfies Record<StatusPart, string>;

@ApiTags('jobs')
@Controller('jobs')
export class StatusLinksController {
  constructor(
    private readonly store: Store,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Post(':id/links')
  @HttpCode(201)
  @ApiOperation({
    operationId: 'createStatusLink',
    summary: 'Make a link to a page that says how a job stands, for somebody without a key',
    description:
      'Whoever has the link sees the page until it ends: state in words, progress, times, and what `shows` lets them download, which this key itself must be allowed. It is stored nowhere, and cannot be taken back alone: take its key out of LONGHAUL_SECRET_KEYS.',
  })
  @ApiBody({ type: wire.NewStatusLink, required: false, examples: { customer: { value: { title: 'Your report for January', shows: ['files'] } } } })
  @ApiResponse({ status: 201, type: wire.StatusLink, description: 'Made' })
  @ApiResponse({ status: 409, description: 'LONGHAUL_SECRET_KEYS is not set: there is nothing to seal links with' })
  async create(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<StatusLink> {
    const { statusLinks, web } = this.config;
    const job = await this.store.jobs.view(jobId(id), seenBy(request));
    if (!job) throw noSuchJob(id);
    const link = readStatusLink(body, this.store.time.now(), statusLinks.usualMs);
    const missing = link.shows.map((part) => SCOPES[part]).find((scope) => !allows(principalOf(request.raw), scope));
    if (missing !== undefined) throw new Refusal('insufficient_scope', `expected a key with the scope ${missing}, to let others download what it allows`);
    if (!statusLinks.areOn)
      throw new Refusal('state_forbids', 'status links need LONGHAUL_SECRET_KEYS, with whose first key they are sealed; this gateway has none');
    const path = `/p/${statusLinks.token({ ...link, jobId: job.id })}`;
    return {
      statusUrl: web.publicUrl ? web.publicUrl.href + path : publicPath(path),
      title: link.title,
      shows: [...link.shows],
      expiresAt: new Date(link.until).toISOString(),
      timezone: link.timezone,
    };
  }
}
