import { ApiOperation, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { Sees } from '@app/core';
import type { StepList } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { Store } from '@app/host';
import { rawJson } from '@app/views';
import { Controller, Get, Param } from '@nestjs/common';
import { jobId, noSuchJob } from './job-id.js';
import { SeenBy } from '../rights/tenant.js';

@ApiTags('jobs')
@Controller('jobs')
export class StepsController {
  constructor(private readonly store: Store) {}

  @Get(':id/steps')
  @ApiOperation({
    operationId: 'listSteps',
    summary: 'The steps that a job has done, with their results',
    description: 'What a later attempt does not do again (`job.step`), in the order in which they ended. As many as fit into an answer.',
  })
  @ApiResponse({ status: 200, type: wire.StepList, description: 'All of them' })
  async list(@Param('id') id: string, @SeenBy() sees: Sees): Promise<StepList> {
    const steps = await this.store.jobs.steps(jobId(id), sees);
    if (!steps) throw noSuchJob(id);
    return {
      items: steps.items.map(({ name, result, endedAt }) => ({ name, result: result === null ? null : rawJson(result), endedAt: endedAt.toISOString() })),
      complete: steps.complete,
    };
  }
}
