import { ApiBody, ApiExtraModels, ApiHeader, ApiOperation, ApiQuery, ApiResponse, ApiTags, getSchemaPath } from '@app/contracts/schemas';
import type { ErasureEstimate, ErasurePage, ErasureView } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { type Fault, isTerminal, isUuid, type JobId, NO_TENANT, publicPath, Refusal, type Sees, SubmitJob } from '@app/core';
import { eraseRequest, Store } from '@app/host';
import type { Erasure } from '@app/postgres';
import { Body, Controller, Get, Headers, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EntityManager } from 'typeorm';
import { CURSOR, IDEMPOTENCY_KEY, LIMIT, LOCATION, TENANT } from '../api-docs/parameters.js';
import { bodyFields } from '../http/body-fields.js';
import { clientOfRequest } from '../http/client-of.js';
import { ListTurns } from '../http/list-turns.js';
import { pageOf } from '../http/page-of.js';
import { noteFaults } from '../http/pause-note.js';
import { operationOf } from '../rights/operations.js';
import { principalOf } from '../rights/caller.js';
import { reasonOf } from '../rights/reasons.js';
import { SeenBy, ViewedBy, type Viewer } from '../rights/tenant.js';
import { idempotencyKey } from '../submissions/http/idempotency-key.js';
import { rateFaults } from './bulk-choice.js';
import { QueryReader } from './list-query.js';

const TAG_MAX = 100;
/** The store's clock is known here to half a round trip: a dry run must not miss what was accepted just before it, and nothing is of the future. */
const CLOCKS_APART_MS = 60_000;
const OPERATION = operationOf('POST', '/erasures');

/** Removes all that is stored of somebody. */
@ApiTags('erasures')
@ApiExtraModels(wire.ErasureEstimate, wire.ErasureView)
@Controller('erasures')
export class ErasuresController {
  constructor(
    private readonly store: Store,
    private readonly submitJob: SubmitJob<EntityManager>,
    private readonly lists: ListTurns,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'createErasure',
    summary: 'Erase all that is stored of the jobs with a tag',
    description:
      'A job does it. What has not ended is cancelled first, and waited for. Payloads, results, errors, events, steps, files, dead letters, webhooks, e-mails and keys ' +
      'go with the jobs. What was erased, for whom and how much stays as proof, here and in the audit.',
  })
  @ApiBody({ type: wire.CreateErasure, examples: { tag: { value: { tag: 'customer-17', reason: 'request 4711 of 31 January', dryRun: true } } } })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiQuery({ ...TENANT, description: 'Whose jobs, for keys for all tenants; `default` where it is left out. Equal tags of two tenants are two subjects' })
  @ApiResponse({ status: 200, schema: { $ref: getSchemaPath(wire.ErasureEstimate) }, description: 'With `dryRun`: what would be erased' })
  @ApiResponse({ status: 202, type: wire.ErasureView, description: 'What was asked for', headers: LOCATION })
  @ApiResponse({ status: 422, description: 'Not valid' })
  async create(
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @ViewedBy() { sees, named, whose }: Viewer,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ErasureView | ErasureEstimate> {
    const { tag, keepFiles, rate, dryRun } = readErasure(body);
    if (sees === NO_TENANT) throw new Refusal('malformed_request', 'expected query parameter "tenant" to be the name of a tenant that this key sees');
    if (dryRun) {
      void reply.code(200);
      return { dryRun: true, ...(await this.store.erasures.estimate({ tenant: named, tag, before: new Date(this.store.time.now() + CLOCKS_APART_MS) })) };
    }
    const { subject, via } = principalOf(request.raw);
    const about = { tenant: named, tag, keepFiles, reason: reasonOf(request, OPERATION) ?? null, subject, via, ip: clientOfRequest(request.raw) };
    const submission = eraseRequest({ tag, keepFiles, ...(rate === undefined ? {} : { rate }) }, named, idempotencyKey(key));
    // In one transaction: there is no erasure without its job, and no job that would find nothing.
    const id = await this.store.dataSource.transaction(async (transaction) => {
      const { job } = await this.submitJob.submit(submission, transaction);
      await this.store.erasures.add({ id: job.id, ...about }, transaction);
      return job.id;
    });
    void reply.code(202).header('location', publicPath(`/erasures/${id}`));
    return this.view(id, named, whose);
  }

  @Get()
  @ApiOperation({
    operationId: 'listErasures',
    summary: 'What was erased of whom, the newest first',
    description: 'The proof of each. It is kept for ever.',
  })
  @ApiQuery({ name: 'tag', required: false, type: String, description: 'Of the jobs with this tag', example: 'customer-17' })
  @ApiQuery(TENANT)
  @ApiQuery(CURSOR)
  @ApiQuery(LIMIT)
  @ApiResponse({ status: 200, type: wire.ErasurePage, description: 'A page' })
  async list(@Query() query: Record<string, unknown>, @ViewedBy() { sees, whose }: Viewer): Promise<ErasurePage> {
    const reader = new QueryReader(query, ['tag', 'tenant', 'cursor', 'limit']);
    const limit = reader.limit();
    const filter = { tag: reader.text('tag') ?? null, before: reader.cursor() ?? null, limit: limit + 1 };
    const { items: found } = await this.lists.take(async () => ({ items: await this.store.erasures.list(sees, filter) }));
    const { items, nextCursor } = pageOf(found, limit, ({ id }) => id);
    return { items: items.map((erasure) => ({ ...erasureView(erasure), ...whose(erasure) })), nextCursor };
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getErasure',
    summary: 'What was asked for, by whom, and what has become of it',
    description: 'The proof of an erasure. It is kept for ever.',
  })
  @ApiResponse({ status: 200, type: wire.ErasureView, description: 'The erasure' })
  @ApiResponse({ status: 404, description: 'No such erasure' })
  get(@Param('id') id: string, @SeenBy() sees: Sees, @ViewedBy() { whose }: Viewer): Promise<ErasureView> {
    return this.view(id, sees, whose);
  }

  private async view(id: string, sees: Sees, whose: Viewer['whose']): Promise<ErasureView> {
    const erasure = isUuid(id) ? await this.store.erasures.find(id as JobId, sees) : null;
    if (!erasure) throw new Refusal('not_found', `there is no erasure ${JSON.stringify(id.slice(0, 100))}`);
    return { ...erasureView(erasure), ...whose(erasure) };
  }
}

function erasureView({ id, tag, keepFiles, reason, subject, askedAt, removed, jobsSha256, left, finishedAt, state }: Erasure): ErasureView {
  const ended = state === null || isTerminal(state);
  return {
    id,
    tag,
    keepFiles,
    reason,
    requestedBy: subject,
    requestedAt: askedAt.toISOString(),
    state: finishedAt ? 'finished' : ended ? 'stopped' : 'running',
    removed,
    jobsSha256,
    left,
    finishedAt: finishedAt?.toISOString() ?? null,
    links: { self: publicPath(`/erasures/${id}`), job: publicPath(`/jobs/${id}`) },
  };
}

interface ReadErasure {
  tag: string;
  keepFiles: boolean;
  rate?: number;
  dryRun: boolean;
}

/** Refuses with a pointer for each fault. */
function readErasure(body: unknown): ReadErasure {
  const { tag, keepFiles, rate, dryRun, reason } = bodyFields(body, ['tag', 'keepFiles', 'rate', 'dryRun', 'reason']);
  const faults: Fault[] = [...noteFaults({ reason }), ...rateFaults(rate)];
  if (typeof tag !== 'string' || tag.length < 1 || tag.length > TAG_MAX || tag.includes('\0') || !tag.isWellFormed())
    faults.push({ pointer: '/tag', detail: `must be a tag, a text of 1 to ${TAG_MAX} characters` });
  for (const [name, value] of Object.entries({ keepFiles, dryRun }))
    if (value !== undefined && typeof value !== 'boolean') faults.push({ pointer: `/${name}`, detail: 'must be true or false' });
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the erasure is not valid', faults);
  return { tag: tag as string, keepFiles: keepFiles === true, dryRun: dryRun === true, ...(rate === undefined ? {} : { rate: rate as number }) };
}
