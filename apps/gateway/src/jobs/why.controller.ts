import type { WhyView } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { WhyJob } from '@app/core';
import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { jobId, noSuchJob } from './job-id.js';
import { whyView } from './why-view.js';

@ApiTags('jobs')
@Controller('jobs')
export class WhyController {
  constructor(private readonly whyJob: WhyJob) {}

  @Get(':id/why')
  @ApiOperation({
    operationId: 'whyJob',
    summary: 'Why a job has not started, how many are before it, and when it will start',
    description: 'Read from the order in which jobs are released. A job that has ended has no reason; of one that runs, the reason says which worker runs it.',
  })
  @ApiResponse({ status: 200, type: wire.WhyView, description: 'As it is at this moment' })
  async why(@Param('id') id: string): Promise<WhyView> {
    const why = await this.whyJob.why(jobId(id));
    if (!why) throw noSuchJob(id);
    return whyView(why);
  }
}
