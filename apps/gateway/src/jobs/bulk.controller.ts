import { ApiBody, ApiExtraModels, ApiHeader, ApiOperation, ApiResponse, ApiTags, getSchemaPath } from '@app/contracts/schemas';
import type { JobView, MatchingJobs } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { type BulkAct, got, type JobConditions, type JobId, Refusal, SubmitJob, type Sees } from '@app/core';
import { bulkRequest, Store } from '@app/host';
import { jobView } from '@app/views';
import { Body, Controller, Headers, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { IDEMPOTENCY_KEY, LOCATION } from '../api-docs/parameters.js';
import { jsonBodyOf } from '../http/accept-json.js';
import { idempotencyKey } from '../submissions/http/idempotency-key.js';
import { readBulkChoice } from './bulk-choice.js';
import { replyStarted } from './job-replies.js';
import { requirePayloads } from '../rights/hidden.js';
import { ofSeen, SeenBy } from '../rights/tenant.js';

const SAMPLES = 20;
const MOST_FAULTS = 20;
const DONE_BY_A_JOB =
  'The act is a job of its own: its progress is how many it has changed, its result how many it has found. Cancel it to end the act. Jobs that are created after the request are left alone.';
const DRY_RUN = { status: 200, schema: { $ref: getSchemaPath(wire.MatchingJobs) }, description: 'With `dryRun`: how many match, and some of them' };
const STARTED = { status: 202, type: wire.JobView, description: 'The job that does it', headers: LOCATION };

/** The store's clock is known here to half a round trip: a dry run must not miss what was accepted just before it, and nothing is of the future. */
const CLOCKS_APART_MS = 60_000;

/** Acts on many jobs. */
@ApiTags('jobs')
@ApiExtraModels(wire.MatchingJobs)
@Controller('jobs')
export class BulkController {
  constructor(
    private readonly store: Store,
    private readonly submitJob: SubmitJob,
  ) {}

  @Post('cancel')
  @ApiOperation({ operationId: 'cancelJobs', summary: 'Cancel all jobs that match', description: DONE_BY_A_JOB })
  @ApiBody({
    type: wire.CancelJobs,
    examples: { filter: { value: { filter: { kind: 'csv.import', tag: 'customer-17' }, reason: 'sent twice', dryRun: true } } },
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiResponse(DRY_RUN)
  @ApiResponse(STARTED)
  @ApiResponse({ status: 422, description: 'Not valid, or without a condition' })
  cancelAll(
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @SeenBy() sees: Sees,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView | MatchingJobs> {
    return this.act('cancel', body, key, sees, reply);
  }

  @Post('redrive')
  @ApiOperation({ operationId: 'redriveJobs', summary: 'Put back all failed jobs that match, with all their attempts', description: DONE_BY_A_JOB })
  @ApiBody({ type: wire.RedriveJobs, examples: { filter: { value: { filter: { kind: 'csv.import' }, rate: 50 } } } })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiResponse(DRY_RUN)
  @ApiResponse(STARTED)
  @ApiResponse({ status: 422, description: 'Not valid, or without a condition' })
  redriveAll(
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @SeenBy() sees: Sees,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView | MatchingJobs> {
    return this.act('redrive', body, key, sees, reply);
  }

  @Post('reprioritise')
  @ApiOperation({
    operationId: 'reprioritiseJobs',
    summary: 'Give all jobs that match and wait another priority',
    description: `${DONE_BY_A_JOB} What RabbitMQ has already, about a quarter of a second of work, starts as before.`,
  })
  @ApiBody({ type: wire.ReprioritiseJobs, examples: { filter: { value: { filter: { tag: 'customer-17' }, priority: 9 } } } })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiResponse(DRY_RUN)
  @ApiResponse(STARTED)
  @ApiResponse({ status: 422, description: 'Not valid, or without a condition' })
  reprioritiseAll(
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @SeenBy() sees: Sees,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView | MatchingJobs> {
    return this.act('reprioritise', body, key, sees, reply);
  }

  @Post('move')
  @ApiOperation({
    operationId: 'moveJobs',
    summary: 'Give all jobs that match and wait to another queue',
    description: `${DONE_BY_A_JOB} The limits, the pause and the shares of the new queue hold for them, and no worker of the former one starts them.`,
  })
  @ApiBody({ type: wire.MoveJobs, examples: { filter: { value: { filter: { kind: 'csv.import' }, queue: 'default' } } } })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiResponse(DRY_RUN)
  @ApiResponse(STARTED)
  @ApiResponse({ status: 422, description: 'Not valid, without a condition, or to a queue that is not declared' })
  moveAll(
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @SeenBy() sees: Sees,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView | MatchingJobs> {
    return this.act('move', body, key, sees, reply);
  }

  @Post('discard')
  @ApiOperation({
    operationId: 'discardJobs',
    summary: 'Put away the dead letters of all failed jobs that match',
    description: `${DONE_BY_A_JOB} The jobs stay failed, their letters can still be put back. Jobs without a letter that waits do not match.`,
  })
  @ApiBody({ type: wire.DiscardJobs, examples: { filter: { value: { filter: { kind: 'csv.import' }, reason: 'the account is closed', dryRun: true } } } })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiResponse(DRY_RUN)
  @ApiResponse(STARTED)
  @ApiResponse({ status: 422, description: 'Not valid, or without a condition' })
  discardAll(
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @SeenBy() sees: Sees,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView | MatchingJobs> {
    return this.act('discard', body, key, sees, reply);
  }

  private async act(act: BulkAct, body: unknown, key: string | undefined, sees: Sees, reply: FastifyReply): Promise<JobView | MatchingJobs> {
    const { asked, dryRun } = readBulkChoice(act, body, jsonBodyOf(reply.request)?.member('filter'));
    requirePayloads(reply.request, asked.filter);
    this.requireSearchable(asked.filter);
    await this.requireKnown(asked.filter.ids ?? [], sees);
    if (asked.toQueue !== undefined) await this.submitJob.queues[dryRun ? 'check' : 'require'](asked.toQueue).catch(atQueue);
    if (dryRun) {
      void reply.code(200);
      return this.matching({ ...asked, filter: { before: new Date(this.store.time.now() + CLOCKS_APART_MS), ...asked.filter, ...ofSeen(sees) } });
    }
    const { job } = await this.submitJob.submit(bulkRequest(asked, sees, idempotencyKey(key)));
    return replyStarted(reply, job);
  }

  /** Here, and not by the job alone, which would fail where nobody waits for it. */
  private requireSearchable(filter: JobConditions): void {
    try {
      this.store.bulk.requireSearchable(filter);
    } catch (error) {
      throw error instanceof Refusal ? within('/filter', error) : error;
    }
  }

  /** An id that names nothing was mistyped, or is of another tenant: the act would quietly be for fewer jobs than were meant. */
  private async requireKnown(ids: readonly JobId[], sees: Sees): Promise<void> {
    const unknown = ids.length === 0 ? [] : await this.store.bulk.unknown(ids, sees);
    if (unknown.length === 0) return;
    const faults = unknown.slice(0, MOST_FAULTS).map((id) => ({
      pointer: ids.length === 1 ? '/filter/id' : `/filter/id/${ids.indexOf(id)}`,
      detail: `must be the id of a job${got(id)}`,
    }));
    throw new Refusal('invalid_payload', `${unknown.length} of the ${ids.length} ids are those of no job`, faults);
  }

  private async matching(request: Parameters<Store['bulk']['matching']>[0]): Promise<MatchingJobs> {
    const { count, ids } = await this.store.bulk.matching(request, SAMPLES);
    const jobs = await Promise.all(ids.map((id) => this.store.jobs.view(id)));
    return { dryRun: true, matching: count, samples: jobs.flatMap((job) => (job ? [jobView(job)] : [])) };
  }
}

/** A refusal whose faults are those of a member of the body. */
function within(member: string, { code, message, faults }: Refusal): Refusal {
  return new Refusal(
    code,
    message,
    faults.map((fault) => ({ ...fault, pointer: member + fault.pointer })),
  );
}

/** The refusal of a submission, as that of the body's own field. */
function atQueue(error: unknown): never {
  if (!(error instanceof Refusal) || error.code !== 'unknown_queue') throw error;
  throw new Refusal(
    error.code,
    error.message,
    error.faults.map((fault) => ({ ...fault, pointer: '/queue' })),
  );
}
