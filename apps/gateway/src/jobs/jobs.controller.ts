import { ApiBody, ApiHeader, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { BatchView, DryRun, JobDetail, JobPage, JobView } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { jobDetailView, jobText, jobView } from '@app/views';
import { type Job, type JobId, type JobSummary, Refusal, type Submitted, traceparentOf, type Sees } from '@app/core';
import { Store } from '@app/host';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BodyBudget } from '../http/body-budget.js';
import { ListTurns } from '../http/list-turns.js';
import { clientOfRequest } from '../http/client-of.js';
import { isDryRun, withoutDryRun } from '../http/dry-run.js';
import { takeJsonBody } from '../http/accept-json.js';
import { idempotencyKey } from '../submissions/http/idempotency-key.js';
import { preferredWait } from '../http/prefer.js';
import { prefersHtml } from '../http/prefers-html.js';
import { addVary } from '../http/vary.js';
import { IDEMPOTENCY_KEY, IF_NONE_MATCH, LIMIT, LOCATION, PREFER, RETRY_AFTER, TENANT, TRACEPARENT_HEADER, header } from '../api-docs/parameters.js';
import { DryRuns } from './dry-runs.js';
import { whenOver } from '../http/when-over.js';
import { readCancelRequest } from './cancel-request.js';
import { COUNT, DescribedFilter, ORDER, PAGE_CURSOR } from './list-parameters.js';
import { readListQuery } from './list-query.js';
import { jobId, noSuchJob } from './job-id.js';
import { type Outlook, replyAccepted, replyCurrent, replyPage } from './job-replies.js';
import { HttpDoor } from '../submissions/http/http-door.js';
import { JobWaiter } from './job-waiter.js';
import { RunTimes } from './run-times.js';
import { readBatch, readSubmission, SubmitBatchDto, SubmitJobDto } from '../submissions/http/submission.dto.js';
import { requirePayloads } from '../rights/hidden.js';
import { ofSeen, SeenBy, seenBy, tenantOfCaller, ViewedBy, type Viewer, viewerOf } from '../rights/tenant.js';

const REPLAYED = {
  ...header('Idempotency-Replayed', '`true` where the key has its job already'),
  ...header('Unique-Replayed', '`true` where a job with the same unique key waits: it is the answer, and no new one was made'),
};

@ApiTags('jobs')
@Controller('jobs')
export class JobsController {
  constructor(
    private readonly door: HttpDoor,
    private readonly store: Store,
    private readonly waiter: JobWaiter,
    private readonly runTimes: RunTimes,
    private readonly bodies: BodyBudget,
    private readonly lists: ListTurns,
    private readonly dryRuns: DryRuns,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'submitJob',
    summary: 'Submit a job',
    description:
      'Answers 202 when the job is durable. One Idempotency-Key makes one job. `POST /jobs?dryRun` is answered as `POST /jobs/dry-run`, and stores nothing.',
  })
  @ApiBody({ type: SubmitJobDto })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiHeader(PREFER)
  @ApiHeader(TRACEPARENT_HEADER)
  @ApiResponse({ status: 202, type: wire.JobView, description: 'Accepted; Location says where to look', headers: { ...LOCATION, ...RETRY_AFTER, ...REPLAYED } })
  @ApiResponse({ status: 200, type: wire.JobView, description: 'Ended within Prefer: wait', headers: { ...LOCATION, ...REPLAYED } })
  @ApiResponse({ status: 409, description: 'The same key is being stored' })
  @ApiResponse({ status: 429, description: 'The queue is full, or the tenant has as much as it may have' })
  async submit(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JobView | DryRun> {
    if (!isDryRun(request)) return this.accept(request, reply, jobView);
    void reply.code(200);
    return this.dryRuns.answer(request);
  }

  /** The same, with the text of the answer: for `serveDirectly`. */
  async submitText(request: FastifyRequest, reply: FastifyReply): Promise<string | DryRun> {
    if (isDryRun(request)) return this.dryRuns.answer(request);
    return this.accept(request, reply, (job) => {
      void reply.header('content-type', 'application/json; charset=utf-8');
      return jobText(job);
    });
  }

  @Post('dry-run')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'dryRunJob',
    summary: 'What a job would meet that is submitted now: limits, place in line, start',
    description: 'Takes body and headers of a submission, and stores nothing. What a submission would be refused for is refused.',
  })
  @ApiBody({ type: SubmitJobDto })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiResponse({ status: 200, type: wire.DryRun, description: 'What it would meet; nothing is stored' })
  @ApiResponse({ status: 429, description: 'The queue is full, or the tenant has as much as it may have' })
  dryRun(@Req() request: FastifyRequest): Promise<DryRun> {
    return this.dryRuns.answer(request);
  }

  @Post('batch')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'submitBatch',
    description: 'Each entry has a key of its own, or one made of the Idempotency-Key header and its index. The answer has the jobs in order.',
    summary: 'Submit up to 1000 jobs, all or none of which are valid',
  })
  @ApiBody({ type: SubmitBatchDto })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiResponse({ status: 202, type: wire.BatchView, description: 'Accepted, in order' })
  @ApiResponse({ status: 409, description: 'The same key is being stored' })
  @ApiResponse({ status: 429, description: 'A queue is full, or the tenant has as much as it may have' })
  async submitBatch(@Headers('idempotency-key') header: string | undefined, @Req() request: FastifyRequest): Promise<BatchView> {
    const tenant = tenantOfCaller(request);
    withoutDryRun(request);
    const submitted = await this.door.submitAll(() => {
      const { value, source } = takeJsonBody(request);
      const submissions = readBatch(value, idempotencyKey(header), source);
      for (const each of submissions) each.tenant = tenant;
      return submissions;
    });
    return { jobs: submitted.map(({ job, replayed }) => ({ ...jobView(job), replayed })) };
  }

  @Get()
  @ApiOperation({
    operationId: 'listJobs',
    summary: 'List jobs, newest first, by any choice of conditions',
    description:
      'A job is listed that fits all conditions. A page looks at some thousand jobs at most, for a fifth of a second: it may have fewer items than `limit`, or none, and yet a `nextCursor`, with which the list goes on (`partial`). It ends where `nextCursor` is null.',
  })
  @DescribedFilter()
  @ApiQuery(TENANT)
  @ApiQuery(ORDER)
  @ApiQuery(COUNT)
  @ApiQuery(PAGE_CURSOR)
  @ApiQuery(LIMIT)
  @ApiResponse({ status: 200, type: wire.JobPage, description: 'A page of the list' })
  async list(@Query() query: Record<string, unknown>, @ViewedBy() viewer: Viewer, @Req() request: FastifyRequest): Promise<JobPage> {
    const { filter: asked, counted } = readListQuery(query);
    requirePayloads(request, asked);
    const filter = { ...asked, ...ofSeen(viewer.sees) };
    const { items, nextCursor, previousCursor, searchedUntil, count } = await this.lists.take(async () => {
      const page = await this.store.jobs.list(filter);
      return { ...page, count: counted ? await this.store.jobs.count(filter) : undefined };
    });
    return {
      items: items.map((job) => ({ ...jobView(job), ...viewer.whose(job), ...(job.resultOmitted ? { resultOmitted: true as const } : {}) })),
      nextCursor,
      previousCursor,
      partial: searchedUntil !== null,
      searchedUntil: searchedUntil?.toISOString() ?? null,
      ...(count === undefined ? {} : { count: count.jobs, countIsExact: count.exact }),
    };
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getJob',
    summary: 'A job; 200 whatever became of it',
    description: 'With its payload, the errors of its attempts, and the worker that runs it. Browsers, which ask for text/html, get a page of it.',
  })
  @ApiHeader(PREFER)
  @ApiHeader(IF_NONE_MATCH)
  @ApiResponse({
    status: 200,
    // The page is not documented, because a generated client would then return a job or a text.
    type: wire.JobDetail,
    description: 'The job as it is',
    headers: { ...header('ETag', 'Of this answer, for If-None-Match'), ...RETRY_AFTER },
  })
  @ApiResponse({ status: 304, description: 'Unchanged since If-None-Match' })
  async find(
    @Param('id') id: string,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobDetail | string | undefined> {
    const seconds = preferredWait(headers['prefer']);
    const sees = seenBy(reply.request);
    const leave = seconds > 0 ? await this.waiter.enter(clientOfRequest(reply.request.raw), tenantOfCaller(reply.request)) : null;
    try {
      // How long the answer takes would otherwise tell that another tenant has a job of this id, and when it ends.
      if (leave && sees !== null && !(await this.store.jobs.view(jobId(id), sees))) throw noSuchJob(id);
      if (leave) await this.waited(jobId(id), seconds, reply);
      const job = await this.store.jobs.detail(jobId(id), sees);
      if (!job) throw noSuchJob(id);
      if (leave) void reply.header('preference-applied', `wait=${seconds}`);
      addVary(reply, 'Accept');
      if (prefersHtml(headers['accept'])) return replyPage(reply, job, this.outlook(job.kind));
      return replyCurrent(reply, { ...jobDetailView(job), ...viewerOf(reply.request).whose(job) }, job, this.outlook(job.kind), headers['if-none-match']);
    } finally {
      leave?.();
    }
  }

  @Post(':id/cancel')
  @ApiOperation({
    operationId: 'cancelJob',
    summary: 'Cancel a job; one that runs is asked to stop',
    description:
      '200 when it is cancelled, 202 when it was asked to stop. Repeating it changes nothing, and is answered alike. `cancellation` of the job tells what became of it.',
  })
  @ApiBody({ type: wire.CancelRequest, required: false })
  @ApiResponse({ status: 200, type: wire.JobView, description: 'Cancelled' })
  @ApiResponse({ status: 202, type: wire.JobView, description: 'Asked to stop' })
  @ApiResponse({ status: 409, description: 'It has ended otherwise' })
  async cancel(@Param('id') id: string, @Body() body: unknown, @SeenBy() sees: Sees, @Res({ passthrough: true }) reply: FastifyReply): Promise<JobView> {
    const job = changed(id, await this.store.jobs.cancel(jobId(id), readCancelRequest(body), sees), 'cancelled', ({ state }) => state === 'cancelled');
    void reply.code(job.state === 'cancelled' ? 200 : 202);
    return jobView(job);
  }

  /** Submits, waits for the end if that is preferred, and gives the answer its status and headers. */
  private async accept<View>(request: FastifyRequest, reply: FastifyReply, view: (job: JobSummary) => View): Promise<View> {
    const seconds = preferredWait(request.headers['prefer']);
    const leave = seconds > 0 ? await this.waiter.enter(clientOfRequest(request.raw), tenantOfCaller(request)) : null;
    if (!leave) {
      const submitted = await this.taken(request);
      return view(replyAccepted(reply, submitted.job, this.outlook(submitted.job.kind), 0, submitted));
    }
    try {
      const { id, kind, ...made } = await this.takenToWait(request);
      await this.waited(id, seconds, reply);
      return view(replyAccepted(reply, await this.current(id), this.outlook(kind), seconds, made));
    } finally {
      leave();
    }
  }

  private outlook(kind: string): Outlook {
    return { usual: this.runTimes.of(kind), now: this.store.time.now() };
  }

  private taken(request: FastifyRequest): Promise<Submitted> {
    const { headers } = request;
    return this.door.submit(() => {
      const { value, source } = takeJsonBody(request);
      const key = idempotencyKey(headers['idempotency-key']);
      const traceparent = traceparentOf(headers['traceparent']);
      const submission = readSubmission(value, source);
      submission.tenant = tenantOfCaller(request);
      if (key !== undefined) submission.idempotencyKey = key;
      if (traceparent !== undefined) submission.traceparent = traceparent;
      return submission;
    });
  }

  /** Waits for the end. The submission is not kept in memory during the wait. */
  private async takenToWait(request: FastifyRequest): Promise<Omit<Submitted, 'job'> & { id: JobId; kind: string }> {
    const { job, ...made } = await this.taken(request);
    this.bodies.forget(request.raw);
    return { id: job.id, kind: job.kind, ...made };
  }

  private async current(id: JobId): Promise<JobSummary> {
    const job = await this.store.jobs.view(id);
    if (!job) throw noSuchJob(id);
    return job;
  }

  private waited(id: JobId, seconds: number, reply: FastifyReply): Promise<void> {
    const gone = new AbortController();
    whenOver(reply.raw, () => gone.abort());
    return this.waiter.wait(id, seconds, gone.signal);
  }
}

/** `before`: whether the job already has the state that the change leads to. The request is then a repeat whose first answer may have been lost. */
function changed(id: string, change: { accepted: boolean; job: Job } | null, what: string, before: (job: Job) => boolean): Job {
  if (!change) throw noSuchJob(id);
  if (!change.accepted && !before(change.job)) throw new Refusal('state_forbids', `a job that is ${change.job.state} cannot be ${what}`);
  return change.job;
}
