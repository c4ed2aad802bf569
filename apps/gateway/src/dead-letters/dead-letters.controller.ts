import type {
  DeadLetterDetail,
  DeadLetterPage,
  DeadLetterView,
  DiscardedLetters,
  MatchingLetters,
  RedrivenLetter,
  RedrivenLetters,
  Refused,
} from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { type DeadLetter, type DeadLetterFilter, isUuid, type LetterNote, publicPath, Refusal, type SubmitOptions, type Sees } from '@app/core';
import { type LetterEdits, RedriveLetter, Store } from '@app/host';
import { attemptErrorView, rawJson } from '@app/views';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiOperation, ApiQuery, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CURSOR, LIMIT } from '../api-docs/parameters.js';
import { ListTurns } from '../http/list-turns.js';
import { bodyFields } from '../http/body-fields.js';
import { readNote } from '../http/pause-note.js';
import { QueryReader, withoutUndefined } from '../jobs/list-query.js';
import { editedPayload } from '../jobs/redrive.controller.js';
import { optionFaults } from '../submissions/http/submission.dto.js';
import { bodyView, deadLetterView } from './dead-letter-view.js';
import { ofSeen, SeenBy, seenBy } from '../rights/tenant.js';

/** The fields of an act on many letters. */
const CHOICE = ['reason', 'kind', 'queue', 'source', 'group', 'all', 'dryRun'];

/** How many letters one bulk call puts back at most; call it again for more. */
const BULK_LIMIT = 1_000;

@ApiTags('dead letters')
@ApiExtraModels(wire.RedrivenLetters, wire.DiscardedLetters, wire.MatchingLetters)
@Controller('dead-letters')
export class DeadLettersController {
  constructor(
    private readonly store: Store,
    private readonly redriving: RedriveLetter,
    private readonly lists: ListTurns,
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
  @ApiQuery({ name: 'redriven', required: false, enum: ['true', 'false'], description: '`true` shows also what was put back' })
  @ApiQuery({ name: 'discarded', required: false, enum: ['true', 'false'], description: '`true` shows also what was discarded' })
  @ApiQuery(CURSOR)
  @ApiQuery(LIMIT)
  @ApiResponse({ status: 200, type: wire.DeadLetterPage, description: 'A page of the list' })
  async list(@Query() query: Record<string, unknown>, @SeenBy() sees: Sees): Promise<DeadLetterPage> {
    const filter = { ...readFilter(query), ...ofSeen(sees) };
    const { items, nextCursor } = await this.lists.take(() => this.store.deadLetters.list(filter));
    return { items: items.map(deadLetterView), nextCursor };
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getDeadLetter',
    description: 'The bytes are `text` where they are UTF-8, else `base64`.',
    summary: 'One dead letter with its original bytes, or its job with payload and errors',
  })
  @ApiResponse({ status: 200, type: wire.DeadLetterDetail, description: 'The dead letter' })
  async find(@Param('id') id: string, @SeenBy() sees: Sees): Promise<DeadLetterDetail> {
    const letter = await this.letter(id, sees);
    const job = letter.jobId ? await this.store.jobs.find(letter.jobId, sees) : null;
    return {
      ...deadLetterView(letter),
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
    description: '`dryRun: true` puts back nothing and answers how many letters match.',
  })
  @ApiBody({ type: wire.RedriveLetters, examples: { filter: { value: { reason: 'unknown_kind', dryRun: true } }, all: { value: { all: true } } } })
  @ApiResponse({
    status: 200,
    description: 'What became of them, or with `dryRun` how many there are',
    schema: { oneOf: [{ $ref: getSchemaPath(wire.RedrivenLetters) }, { $ref: getSchemaPath(wire.MatchingLetters) }] },
  })
  async redriveAll(@Body() body: unknown, @SeenBy() sees: Sees): Promise<RedrivenLetters | MatchingLetters> {
    const { filter: asked, dryRun } = readBulk(body);
    const filter = { ...asked, ...ofSeen(sees) };
    if (dryRun) return { dryRun: true, matching: await this.store.deadLetters.count(filter) };
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
  }

  @Post('discard')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'discardDeadLetters',
    summary: 'Put away all that match a filter {reason, kind, queue, source, group}; without a filter only with {all: true}',
    description: '`dryRun: true` puts away nothing and answers how many letters match. What comes during the request is left alone. Jobs stay failed.',
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
  async discardAll(@Body() body: unknown, @SeenBy() sees: Sees): Promise<DiscardedLetters | MatchingLetters> {
    const { note, ...choice } = bodyFields(body, [...CHOICE, 'note']);
    const { filter: asked, dryRun } = readBulk(choice);
    const filter = { ...asked, ...ofSeen(sees) };
    const why = readDiscardNote(note);
    if (dryRun) return { dryRun: true, matching: await this.store.deadLetters.count(filter) };
    return { discarded: await this.store.deadLetters.discardAll(filter, why) };
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

const EDITS = ['kind', 'payload', 'options'];

function readEdits(body: unknown, request: FastifyRequest): LetterEdits {
  const { kind, options } = bodyFields(body, EDITS);
  const payload = editedPayload(body, request, EDITS);
  const faults = options === undefined ? [] : optionFaults(options, '/options');
  if (kind !== undefined && typeof kind !== 'string') faults.unshift({ pointer: '/kind', detail: 'must be a string' });
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the edits are not valid', faults);
  return {
    ...(kind === undefined ? {} : { kind: kind as string }),
    ...(payload === undefined ? {} : { payload }),
    ...(options === undefined ? {} : { options: options as SubmitOptions }),
  };
}

function readDiscardNote(note: unknown): LetterNote {
  if (note === undefined) return {};
  if (typeof note !== 'object' || note === null || Array.isArray(note))
    throw new Refusal('invalid_payload', 'expected note to be an object', [{ pointer: '/note', detail: 'must be an object with reason and by' }]);
  return readNote(note, 'the note is not valid', '/note');
}

function noSuchLetter(id: string): Refusal {
  return new Refusal('not_found', `there is no dead letter ${JSON.stringify(id.slice(0, 100))}`);
}

function readFilter(query: Record<string, unknown>): DeadLetterFilter {
  const reader = new QueryReader(query, ['reason', 'kind', 'queue', 'source', 'group', 'redriven', 'discarded', 'cursor', 'limit']);
  const given = {
    reason: reader.text('reason'),
    kind: reader.text('kind'),
    queue: reader.text('queue'),
    source: reader.oneOf('source', ['job', 'message'] as const),
    group: reader.text('group'),
    cursor: reader.uuid('cursor'),
  };
  const also = (name: string) => reader.oneOf(name, ['true', 'false'] as const) === 'true';
  return { ...withoutUndefined(given), redriven: also('redriven'), discarded: also('discarded'), limit: reader.limit() };
}

/** Reads the body of a bulk call. An empty body is refused: mostly a filter was forgotten, so it must not mean all letters. */
function readBulk(body: unknown): { filter: DeadLetterFilter; dryRun: boolean } {
  const { all, dryRun, ...given } = bodyFields(body, CHOICE);
  for (const [name, value] of Object.entries({ all, dryRun })) {
    if (value !== undefined && typeof value !== 'boolean')
      throw new Refusal('invalid_payload', `expected ${name} to be true or false`, [{ pointer: `/${name}`, detail: 'must be true or false' }]);
  }
  const filtered = Object.values(given).some((value) => value !== undefined);
  if (filtered === (all === true)) {
    throw new Refusal('invalid_payload', 'expected a filter (reason, kind, queue, source, group), or {"all": true} for all, and not both', [
      { pointer: filtered ? '/all' : '', detail: filtered ? 'must not be given together with a filter' : 'must hold a filter, or all: true' },
    ]);
  }
  return { filter: readFilter(given), dryRun: dryRun === true };
}
