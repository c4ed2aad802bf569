import { ApiExtraModels, ApiHeader, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@app/contracts/schemas';
import { type EventFilter, isTerminal, Refusal } from '@app/core';
import { allows, Store, withoutUndefined } from '@app/host';
import { Controller, Get, Headers, Param, Query, Req, Res } from '@nestjs/common';
import * as wire from '@app/contracts/schemas';
import { EVENT_STREAM, JOB_EVENT_STREAM, LAST_EVENT_ID } from './event-docs.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { jobId, noSuchJob } from '../jobs/job-id.js';
import { QueryReader } from '../jobs/list-query.js';
import { EventFeed, type FeedSink, OVERLAP_SECONDS } from './event-feed.js';
import { EventHub, type JobSink, NEEDS_SNAPSHOT } from './event-hub.js';
import { StreamDoor } from './stream-door.js';
import { WhyBeside } from './why-beside.js';
import { principalOf } from '../rights/caller.js';
import { ofSeen, seenBy } from '../rights/tenant.js';

/** Events of a feed cannot be read again, so those that its reader has not taken are kept up to this limit. Then the reader is cut off. */
const MAX_BUFFERED = 1024 * 1024;
/** How far back a feed catches up. Beyond that the reader is told to read the jobs again. */
const MAX_CATCH_UP_SECONDS = 600;

const EVENTS = 'Server-sent events: `state`, `progress`, `log`, and `reset` with the job as it is in place of events that are not kept any more.';
const LAST_EVENT_ID_QUERY = { ...LAST_EVENT_ID, name: 'lastEventId', description: 'For clients that cannot send the header' };

@ApiTags('events')
@ApiExtraModels(wire.StateEvent, wire.ProgressEvent, wire.LogEvent, wire.ResetEvent, wire.WhyView, wire.StatsUnavailable)
@Controller('jobs')
export class JobEventsController {
  constructor(
    private readonly store: Store,
    private readonly door: StreamDoor,
    private readonly hub: EventHub,
    private readonly feed: EventFeed,
    private readonly why: WhyBeside,
  ) {}

  @Get('events')
  @ApiOperation({
    operationId: 'streamEvents',
    summary: 'The events of all jobs of a kind or a tag, live',
    description: `${EVENTS} Each at least once: tell repeated ones by job and seq.`,
  })
  @ApiQuery({ name: 'kind', required: false, type: String, description: 'Of jobs of this kind', example: 'csv.import' })
  @ApiQuery({ name: 'tag', required: false, type: String, description: 'Of jobs that have this tag', example: 'customer-17' })
  @ApiQuery(LAST_EVENT_ID_QUERY)
  @ApiHeader(LAST_EVENT_ID)
  @ApiResponse({ status: 200, description: 'The stream; it has no end', content: EVENT_STREAM })
  @ApiResponse({ status: 429, description: 'This client, or this tenant, has as many streams open as one may have' })
  async all(
    @Query() query: Record<string, unknown>,
    @Headers('last-event-id') header: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const reader = QueryReader.tolerant(query, ['kind', 'tag', 'lastEventId'], ['lastEventId']);
    const filter: EventFilter = { ...withoutUndefined({ kind: reader.text('kind'), tag: reader.text('tag') }), ...ofSeen(seenBy(request)) };
    const last = eventId(header, reader.text('lastEventId'), /^\d{10,15}$/);
    this.door.admit(request);
    const { now } = await this.store.events.recent({ seconds: 0, limit: 1 });
    const missedSeconds = last === undefined ? 0 : Math.max(0, (now.getTime() - last) / 1_000);
    const stream = await this.door.open(request, reply, () => undefined, () => this.feed.remove(sink)); // prettier-ignore
    let newest = now.getTime();
    const sink: FeedSink = {
      filter,
      give: (events) => {
        stream.send(events, ({ at }) => String((newest = Math.max(newest, at?.getTime() ?? 0))));
        if (stream.bufferedBytes > MAX_BUFFERED) stream.drop();
      },
    };
    if (missedSeconds > MAX_CATCH_UP_SECONDS) stream.sendReset(String(newest), { at: now.toISOString() });
    const seconds = last === undefined || missedSeconds > MAX_CATCH_UP_SECONDS ? 0 : missedSeconds + OVERLAP_SECONDS;
    try {
      if (!reply.raw.destroyed && !reply.raw.writableEnded) await this.feed.add(sink, seconds);
      stream.place(() => String((newest = Math.max(newest, Math.floor(this.store.time.now()) - 1_000))));
    } catch {
      // The database is away. The reader connects again.
      stream.end();
    }
  }

  @Get(':id/events')
  @ApiOperation({ operationId: 'streamJobEvents', summary: 'The events of a job, from the first one on, until it ends', description: EVENTS })
  @ApiQuery({
    name: 'with',
    required: false,
    enum: ['why'],
    description:
      '`why`: while the job waits, events `why` without an id say why, as `GET /jobs/{id}/why` does, now and when that has changed, and `unavailable` while PostgreSQL does not answer. It needs the scope `jobs:read`',
  })
  @ApiQuery(LAST_EVENT_ID_QUERY)
  @ApiHeader(LAST_EVENT_ID)
  @ApiResponse({ status: 200, description: 'The stream; it ends after the terminal `state` event', content: JOB_EVENT_STREAM })
  @ApiResponse({ status: 429, description: 'This client, or this tenant, has as many streams open as one may have' })
  @ApiResponse({ status: 204, description: 'The job has ended and the caller has seen it: do not connect again' })
  async ofJob(
    @Param('id') id: string,
    @Query() query: Record<string, unknown>,
    @Headers('last-event-id') header: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const reader = QueryReader.tolerant(query, ['lastEventId', 'with'], ['lastEventId']);
    const last = eventId(header, reader.text('lastEventId'), /^\d{1,9}$/) ?? 0;
    const wantsWhy = reader.oneOf('with', ['why']) !== undefined;
    if (wantsWhy && !allows(principalOf(request.raw), 'jobs:read'))
      throw new Refusal('insufficient_scope', 'why a job waits is shown to those who have the scope jobs:read');
    const sees = seenBy(request);
    const job = await this.store.jobs.view(jobId(id), sees);
    if (!job) throw noSuchJob(id);
    if (isTerminal(job.state) && last === job.events) {
      void reply.code(204).header('cache-control', 'no-store').send();
      return;
    }
    this.door.admit(request);
    const closed = () => {
      this.hub.remove(sink);
      why?.left();
    };
    const stream = await this.door.open(request, reply, () => this.hub.resume(sink), closed);
    const why = wantsWhy ? this.why.follow(job.id, sees, stream) : undefined;
    const sink: JobSink = {
      jobId: job.id,
      // The number does not exist here: it comes from another database, or from before this one was restored.
      after: last > job.events ? NEEDS_SNAPSHOT : last,
      ready: () => stream.ready,
      give: (events) => {
        stream.send(events);
        const state = events.findLast((event) => event.state !== null)?.state;
        if (state) why?.state(state);
      },
      end: () => stream.end(),
    };
    if (reply.raw.destroyed || reply.raw.writableEnded) return;
    this.hub.add(sink);
    why?.state(job.state);
  }
}

/** Reads the header, or the query parameter for clients that cannot set headers. An empty one counts as absent. */
function eventId(header: string | undefined, parameter: string | undefined, pattern: RegExp): number | undefined {
  // Node joins the values of a header that is sent twice.
  const text = header?.split(',').at(-1)?.trim() || parameter;
  if (text === undefined || text === '') return undefined;
  if (!pattern.test(text))
    throw new Refusal('malformed_request', `expected Last-Event-ID to be the id of an event, got: ${JSON.stringify(text.slice(0, 100))}`);
  return Number(text);
}
