import { ApiOperation, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { JobView, WhyView } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { Refusal, WhyJob, type Sees } from '@app/core';
import { Store } from '@app/host';
import { jobView } from '@app/views';
import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { jobId, noSuchJob } from './job-id.js';
import { whyView } from './why-view.js';
import { SeenBy } from '../rights/tenant.js';

@ApiTags('jobs')
@Controller('jobs')
export class WhyController {
  constructor(
    private readonly whyJob: WhyJob,
    private readonly store: Store,
  ) {}

  @Get(':id/why')
  @ApiOperation({
    operationId: 'whyJob',
    summary: 'Why a job has not started, how many are before it, and when it will start',
    description: 'Read from the order in which jobs are released. A job that has ended has no reason; of one that runs, the reason says which worker runs it.',
  })
  @ApiResponse({ status: 200, type: wire.WhyView, description: 'As it is at this moment' })
  async why(@Param('id') id: string, @SeenBy() sees: Sees): Promise<WhyView> {
    const why = await this.whyJob.why(jobId(id), sees);
    if (!why) throw noSuchJob(id);
    return whyView(why);
  }

  @Post(':id/start')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'startJob',
    summary: 'Start this one next: a job that waits comes before all others of its queue',
    description:
      'A scheduled job becomes due. Limits and pauses hold. A job whose message RabbitMQ has already stays as it is. Of two jobs the one that was asked for last goes first.',
  })
  @ApiResponse({ status: 200, type: wire.JobView, description: 'The job, which waits at the front of its queue or is with RabbitMQ' })
  @ApiResponse({ status: 409, description: 'It has started, or has ended' })
  async start(@Param('id') id: string, @SeenBy() sees: Sees): Promise<JobView> {
    const change = await this.store.jobs.start(jobId(id), sees);
    if (!change) throw noSuchJob(id);
    if (!change.accepted) throw new Refusal('state_forbids', `a job that is ${change.job.state} cannot be started: only one that is scheduled or queued`);
    return jobView(change.job);
  }
}
