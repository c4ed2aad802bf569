import { type JobView, jobView } from '@app/contracts';
import { isUuid, type Job, type JobId, Refusal } from '@app/core';
import { Store } from '@app/runtime';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { idempotencyKey } from '../http/idempotency-key.js';
import { preferredWait } from '../http/prefer.js';
import { whenOver } from '../http/when-over.js';
import { readListQuery } from './list-query.js';
import { replyAccepted, replyCurrent } from './job-replies.js';
import { HttpDoor } from './http-door.js';
import { JobWaiter } from './job-waiter.js';
import { RunTimes } from './run-times.js';
import { readBatch, readSubmission, SubmitBatchDto, SubmitJobDto } from './submission.dto.js';

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

@ApiTags('jobs')
@Controller('jobs')
export class JobsController {
  constructor(
    private readonly door: HttpDoor,
    private readonly store: Store,
    private readonly waiter: JobWaiter,
    private readonly runTimes: RunTimes,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Submit a job', description: 'Answers 202 when the job is durable. One Idempotency-Key makes one job.' })
  @ApiBody({ type: SubmitJobDto })
  @ApiHeader({ name: 'Idempotency-Key', required: false })
  @ApiHeader({ name: 'Prefer', required: false, example: 'wait=20' })
  @ApiResponse({ status: 202, description: 'Accepted; Location says where to look' })
  @ApiResponse({ status: 200, description: 'Ended within Prefer: wait' })
  async submit(
    @Body() body: unknown,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    const { job, replayed } = await this.door.submit(() => {
      const key = idempotencyKey(headers['idempotency-key']);
      const traceparent = headers['traceparent'];
      return {
        ...readSubmission(body),
        ...(key === undefined ? {} : { idempotencyKey: key }),
        ...(traceparent !== undefined && TRACEPARENT.test(traceparent) ? { traceparent } : {}),
      };
    });
    const wait = preferredWait(headers['prefer']);
    return replyAccepted(reply, await this.waited(job, wait, reply), this.runTimes.of(job.kind), wait, replayed);
  }

  @Post('batch')
  @HttpCode(202)
  @ApiOperation({ summary: 'Submit up to 1000 jobs, all or none of which are valid' })
  @ApiBody({ type: SubmitBatchDto })
  async submitBatch(@Body() body: unknown, @Headers('idempotency-key') header: string | undefined): Promise<{ jobs: (JobView & { replayed: boolean })[] }> {
    const submitted = await this.door.submitAll(() => readBatch(body, idempotencyKey(header)));
    return { jobs: submitted.map(({ job, replayed }) => ({ ...jobView(job), replayed })) };
  }

  @Get()
  @ApiOperation({ summary: 'List jobs, newest first' })
  async list(@Query() query: Record<string, unknown>): Promise<{ items: JobView[]; nextCursor: string | null }> {
    const { items, nextCursor } = await this.store.jobs.list(readListQuery(query));
    return { items: items.map(jobView), nextCursor };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A job; 200 whatever became of it' })
  @ApiHeader({ name: 'Prefer', required: false, example: 'wait=20' })
  @ApiResponse({ status: 304, description: 'Unchanged since If-None-Match' })
  async find(
    @Param('id') id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView | undefined> {
    const wait = preferredWait(headers['prefer']);
    const found = await this.store.jobs.find(jobId(id));
    if (!found) throw noSuchJob(id);
    if (wait > 0) void reply.header('preference-applied', `wait=${wait}`);
    return replyCurrent(reply, await this.waited(found, wait, reply), this.runTimes.of(found.kind), headers['if-none-match']);
  }

  @Post(':id/cancel')
  @ApiOperation({ summary: 'Cancel a job; one that runs is asked to stop', description: '200 when it is cancelled, 202 when it was asked to stop' })
  async cancel(@Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<JobView> {
    const job = changed(id, await this.store.jobs.cancel(jobId(id)), 'cancelled');
    void reply.code(job.state === 'cancelled' ? 200 : 202);
    return jobView(job);
  }

  @Post(':id/redrive')
  @HttpCode(202)
  @ApiOperation({ summary: 'Put a failed job back, with all its attempts' })
  async redrive(@Param('id') id: string): Promise<JobView> {
    return jobView(changed(id, await this.store.jobs.redrive(jobId(id)), 'redriven'));
  }

  private waited(job: Job, seconds: number, reply: FastifyReply): Promise<Job> | Job {
    if (seconds <= 0) return job;
    const gone = new AbortController();
    whenOver(reply.raw, () => gone.abort());
    return this.waiter.wait(job, seconds, gone.signal);
  }
}

/** What is no UUID is no job's id either. */
export function jobId(text: string): JobId {
  if (!isUuid(text)) throw noSuchJob(text);
  return text.toLowerCase() as JobId;
}

export function noSuchJob(id: string): Refusal {
  return new Refusal('not_found', `there is no job ${JSON.stringify(id.slice(0, 100))}`);
}

export function changed(id: string, change: { accepted: boolean; job: Job } | null, what: string): Job {
  if (!change) throw noSuchJob(id);
  if (!change.accepted) throw new Refusal('state_forbids', `a job that is ${change.job.state} cannot be ${what}`);
  return change.job;
}
