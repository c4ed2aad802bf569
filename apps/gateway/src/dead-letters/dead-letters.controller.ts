import { ApiBody, ApiExtraModels, ApiHeader, ApiOperation, ApiQuery, ApiResponse, ApiTags, getSchemaPath } from '@app/contracts/schemas';
import type {
  DeadLetterDetail,
  DeadLetterPage,
  DeadLetterView,
  DiscardedLetters,
  JobView,
  MatchingLetters,
  RedrivenLetter,
  RedrivenLetters,
  Refused,
} from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { type DeadLetter, type DeadLetterFilter, isUuid, type LetterAct, type LetterNote, publicPath, Refusal, SubmitJob, type Sees } from '@app/core';
import { lettersRequest, RedriveLetter, Store } from '@app/host';
import { attemptErrorView, rawJson } from '@app/views';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CURSOR, IDEMPOTENCY_KEY, LIMIT, LOCATION, TENANT } from '../api-docs/parameters.js';
import { ListTurns } from '../http/list-turns.js';
import { readNote } from '../http/pause-note.js';
import { prefersAsync } from '../http/prefer.js';
import { replyStarted } from '../jobs/job-replies.js';
import { bodyView, deadLetterView } from './dead-letter-view.js';
import { readBulk, readEdits, readFilter } from './read-letters.js';
import { ofSeen, SeenBy, seenBy, ViewedBy, type Viewer } from '../rights/tenant.js';
import { idempotencyKey } from '../submissions/http/idempotency-key.js';

const BY_A_JOB =
  'With `Prefer: respond-async` or a `rate` it is done by a job (202), however many there are: its progress is how many it has changed, its result how many stay, and why.';
const STARTED = { status: 202, type: wire.JobView, description: 'The job that does it', headers: LOCATION };

/** How many letters one bulk call puts back at most within the request. */
const BULK_LIMIT = 1_000;

@ApiTags('dead letters')
@ApiExtraModels(wire.RedrivenLetters, wire.DiscardedLetters, wire.MatchingLetters)
@Controller('dead-letters')
export class DeadLettersController {
  constructor(
    private readonly store: Store,
    private readonly redriving: RedriveLetter,
    private readonly lists: ListTurns,
    private readonly submitJob: SubmitJob,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listDeadLetters',
    summary: 'What was given up, newest first; with redriven=true also what was put back, with discarded=true also what was put away',
    description: 'A page may have fewer items than `limit`, or none, and yet a `nextCursor`.',
  })
  @ApiQuery({ name: 'reason', required: false, type: String, description: 'Given up for this reason', example: 'unknown_kind' })
  @ApiQuery({ name: 'kind', required: false, type: String, description: 'Of this kind', example: 'csv.import' })
  @ApiQuery({ name: 'queue', required: false, type: String, description: 'Of this queue', example: 'default' })
  @ApiQuery({ name: 'source', required: false, enum: wire.LETTER_SOURCES, description: 'Jobs, or messages' })
  @ApiQuery({ name: 'group', required: false, type: String, description: 'Of this cause: see `GET /dead-letters/groups`', example: '9f2c4a1e07b35d68' })
  @ApiQuery({ name: 'from', required: false, type: String, description: 'Stored at this time or later', example: '2026-01-31T08:00:00Z' })
  @ApiQuery({ name: 'to', required: false, type: String, description: 'Stored before this time', example: '2030-01-31T08:00:00Z' })
  @ApiQuery({ name: 'redriven', required: false, enum: ['true', 'false'], description: '`true` shows also what was put back' })
  @ApiQuery({ name: 'discarded', required: false, enum: ['true', 'false'], description: '`true` shows also what was discarded' })
  @ApiQuery(TENANT)
  @ApiQuery(CURSOR)
  @ApiQuery(LIMIT)
  @ApiResponse({ status: 200, type: wire.DeadLetterPage, description: 'A page of the list' })
  async list(@Query() query: Record<string, unknown>, @ViewedBy() viewer: Viewer): Promise<DeadLetterPage> {
    const filter = { ...readFilter(query), ...ofSeen(viewer.sees) };
    const { items, nextCursor } = await this.lists.take(() => this.store.deadLetters.list(filter));
    return { items: items.map((letter) => ({ ...deadLetterView(letter), ...viewer.whose(letter) })), nextCursor };
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getDeadLetter',
    description: 'The bytes are `text` where they are UTF-8, else `base64`.',
    summary: 'One dead letter with its original bytes, or its job with payload and errors',
  })
  @ApiResponse({ status: 200, type: wire.DeadLetterDetail, description: 'The dead letter' })
  async find(@Param('id') id: string, @ViewedBy() { sees, whose }: Viewer): Promise<DeadLetterDetail> {
    const letter = await this.letter(id, sees);
    const job = letter.jobId ? await this.store.jobs.find(letter.jobId, sees) : null;
    return {
      ...deadLetterView(letter),
      ...whose(letter),
      body: bodyView(letter.body),
      ...(job ? { payload: rawJson(job.payload), errors: job.errors.map(attemptErrorView) } : {}),
    };
  }

  @Get(':id/body')
  @ApiOperation({
    operationId: 'getDeadLetterBody',
    summary: 'The original bytes of a message',
    description: 'As they came, whatever they are: nothing is decoded, and the content type of the message is not given on.',
  })
  @ApiResponse({ status: 200, content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }, description: 'The bytes' })
  @ApiResponse({ status: 404, description: 'There is no such letter, or it is of a job, whose payload is at the job' })
  async body(@Param('id') id: string, @SeenBy() sees: Sees, @Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    const { body } = await this.letter(id, sees);
    if (body === null) throw new Refusal('not_found', `the dead letter ${id} is of a job, and has no bytes of its own; its payload is in GET /jobs/{id}`);
    // Anybody may have sent them: no browser is to show them as a page.
    void reply.header('content-disposition', `attachment; filename="${id}.bin"`).header('x-content-type-options', 'nosniff').type('application/octet-stream');
    return body;
  }

  @Post(':id/discard')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'discardDeadLetter',
    summary: 'Put one away that needs no work any more',
    description:
      'It is kept as long as the others, is in no group and on no list without `discarded=true`, and can still be put back. Its job stays failed. Repeated it changes nothing.',
  })
  @ApiBody({ type: wire.LetterNote, required: false, examples: { note: { value: { reason: 'the account is closed', by: 'ann' } } } })
  @ApiResponse({ status: 200, type: wire.DeadLetterView, description: 'Put away' })
  @ApiResponse({ status: 409, description: 'It was put back before' })
  async discard(@Param('id') id: string, @Body() body: unknown, @SeenBy() sees: Sees): Promise<DeadLetterView> {
    const note = readNote(body);
    const done = isUuid(id) ? await this.store.deadLetters.discard(id, note, sees) : null;
    if (!done) throw noSuchLetter(id);
    if (!done.accepted) throw new Refusal('state_forbids', `it was put back before, as job ${done.letter.redrivenJobId ?? '(unknown)'}`);
    return deadLetterView(done.letter);
  }

  @Post('redrive')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'redriveDeadLetters',
    summary: 'Put back all that match a filter {reason, kind, queue, source, group}, up to 1000; without a filter only with {all: true}',
    description: `${BY_A_JOB} \`dryRun: true\` puts back nothing and answers how many letters match.`,
  })
  @ApiBody({ type: wire.RedriveLetters, examples: { filter: { value: { reason: 'unknown_kind', dryRun: true } }, all: { value: { all: true } } } })
  @ApiResponse({
    status: 200,
    description: 'What became of them, or with `dryRun` how many there are',
    schema: { oneOf: [{ $ref: getSchemaPath(wire.RedrivenLetters) }, { $ref: getSchemaPath(wire.MatchingLetters) }] },
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiResponse(STARTED)
  async redriveAll(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RedrivenLetters | MatchingLetters | JobView> {
    return this.many('redrive', body, request, reply, async (filter) => {
      const sees = seenBy(request);
      const items = await this.matching(filter);
      const refused: Refused[] = [];
      for (const letter of items) {
        try {
          // Lists have no bodies, so each letter is read with its body. Only one at a time is in memory.
          await this.redriving.redrive(await this.letter(letter.id, sees), {}, sees);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          refused.push({ id: letter.id, detail: error.message });
        }
      }
      return { redriven: items.length - refused.length, refused };
    });
  }

  @Post('discard')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'discardDeadLetters',
    summary: 'Put away all that match a filter {reason, kind, queue, source, group}; without a filter only with {all: true}',
    description: `${BY_A_JOB} \`dryRun: true\` puts away nothing and answers how many letters match. What comes during the request is left alone. Jobs stay failed.`,
  })
  @ApiBody({
    type: wire.DiscardLetters,
    examples: { group: { value: { group: '9f2c4a1e07b35d68', note: { reason: 'the account is closed' }, dryRun: true } } },
  })
  @ApiResponse({
    status: 200,
    description: 'How many were put away, or with `dryRun` how many there are',
    schema: { oneOf: [{ $ref: getSchemaPath(wire.DiscardedLetters) }, { $ref: getSchemaPath(wire.MatchingLetters) }] },
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiResponse(STARTED)
  async discardAll(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DiscardedLetters | MatchingLetters | JobView> {
    return this.many('discard', body, request, reply, async (filter, note) => ({ discarded: await this.store.deadLetters.discardAll(filter, note) }));
  }

  @Post(':id/redrive')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'redriveDeadLetter',
    summary: 'Put one back, edited by {kind, payload, options} if given',
    description:
      'A message keeps what it asked for: queue, priority and its other options, and where its outcome goes (`reply_to`, if replies may go there). A job keeps all that it had. What is edited is checked as a submission is. ' +
      'Repeated without edits it changes nothing, and is answered alike; with edits it is refused, for they would not be heeded.',
  })
  @ApiBody({ type: wire.RedriveEdits, required: false })
  @ApiResponse({ status: 202, type: wire.RedrivenLetter, description: 'Put back, as this job' })
  @ApiResponse({ status: 409, description: 'It was put back before, or its job has not failed' })
  async redrive(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<RedrivenLetter> {
    const sees = seenBy(request);
    const letter = await this.letter(id, sees);
    const jobId = await this.redriving.redrive(letter, readEdits(body, request), sees);
    return { jobId, links: { job: publicPath(`/jobs/${jobId}`) } };
  }

  /** Counts them; or lets a job do it, with a rate, or where that is preferred; or does it now. */
  private async many<Done>(
    act: LetterAct,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
    now: (filter: DeadLetterFilter, note: LetterNote) => Promise<Done>,
  ): Promise<Done | MatchingLetters | JobView> {
    const { dryRun, ...asked } = readBulk(body);
    const sees = seenBy(request);
    const filter = { ...asked.filter, ...ofSeen(sees) };
    if (dryRun) return { dryRun: true, matching: await this.store.deadLetters.count(filter) };
    const isPreferred = prefersAsync(request.headers['prefer']);
    if (asked.rate === undefined && !isPreferred) return now(filter, asked.note);
    const { job } = await this.submitJob.submit(lettersRequest({ act, ...asked }, sees, idempotencyKey(request.headers['idempotency-key'])));
    if (isPreferred) void reply.header('preference-applied', 'respond-async');
    return replyStarted(reply, job);
  }

  /** The newest matching letters, up to the limit. It reads several pages, because one page may have few letters although more exist. */
  private async matching(filter: DeadLetterFilter): Promise<DeadLetter[]> {
    const found: DeadLetter[] = [];
    for (let cursor: string | null | undefined; cursor !== null && found.length < BULK_LIMIT;) {
      const page = await this.store.deadLetters.list({ ...filter, limit: BULK_LIMIT - found.length, ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.items);
      cursor = page.nextCursor;
    }
    return found;
  }

  private async letter(id: string, sees: Sees): Promise<DeadLetter> {
    const letter = isUuid(id) ? await this.store.deadLetters.find(id, sees) : null;
    if (!letter) throw noSuchLetter(id);
    return letter;
  }
}

function noSuchLetter(id: string): Refusal {
  return new Refusal('not_found', `there is no dead letter ${JSON.stringify(id.slice(0, 100))}`);
}
