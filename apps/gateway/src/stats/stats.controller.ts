import { ApiExtraModels, ApiOperation, ApiQuery, ApiResponse, ApiTags, getSchemaPath } from '@app/contracts/schemas';
import type { StatsHistory, StatsView } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { COARSE_STEP, FINE_STEP, historyOf, type Stats, StatsFeed, type StatsSink, writeJson } from '@app/core';
import { Store } from '@app/host';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OpenStreams } from '../events/open-streams.js';
import { SharedLooks } from '../events/shared-looks.js';
import { type SentEvent, SseStream } from '../events/sse-stream.js';
import { callerOf, principalOf } from '../rights/caller.js';
import { clientOfRequest } from '../http/client-of.js';
import { QueryReader } from '../jobs/list-query.js';
import { BESIDE, readBeside, SeenBeside } from './beside.js';
import { readHistoryQuery } from './history-query.js';
import { statsView, unavailableView } from './stats-view.js';

/** The event that all readers of one snapshot get: written once. */
interface Written {
  stats: Stats;
  event: SentEvent;
}

const TOLD = [wire.StatsView, wire.StatsUnavailable, wire.WorkerList, wire.KindList, wire.LimitList, wire.LimitNow, wire.AlertPage];

const STREAM = {
  'text/event-stream': {
    schema: {
      type: 'string',
      description:
        'Events `stats`, with JSON of `StatsView`, `unavailable`, with JSON of `StatsUnavailable`, and those of `with`, with JSON of `WorkerList`, `KindList`, `LimitList` and `AlertPage`; `limit`, with JSON of `LimitNow`',
      contentMediaType: 'text/event-stream',
      contentSchema: { anyOf: TOLD.map((schema) => ({ $ref: getSchemaPath(schema) })) },
    } as { type: 'string' },
  },
};

@ApiTags('stats')
@ApiExtraModels(...TOLD)
@Controller('stats')
export class StatsController {
  private written: Written | undefined;
  private sent = 0;

  constructor(
    private readonly store: Store,
    private readonly feed: StatsFeed,
    private readonly streams: OpenStreams,
    private readonly looks: SharedLooks,
    private readonly beside: SeenBeside,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'stats',
    summary: 'How the installation stands: a verdict, the ledger, rates, latencies, queues, kinds, workers, failures',
    description: 'At most a second old. The same as one event of the stream.',
  })
  @ApiResponse({ status: 200, type: wire.StatsView, description: 'Now' })
  async now(): Promise<StatsView> {
    return statsView(await this.feed.now());
  }

  @Get('stream')
  @ApiOperation({
    operationId: 'streamStats',
    summary: 'The same each second, and sooner when something has changed, as server-sent events',
    description:
      'A gateway makes one snapshot for all its readers, and none while it has no reader. Where counting takes long (a backlog of millions) snapshots are rarer: a tenth of the time at most is spent on them.',
  })
  @ApiQuery({
    name: 'with',
    required: false,
    type: String,
    description: `Of ${BESIDE.join(', ')}, with commas between: events of these names tell what the lists of the API answer, when it has changed; looked at when something changes, and each two seconds, once for all who want it. \`limits\` needs the scope \`limits:read\``,
    example: 'workers',
  })
  @ApiQuery({
    name: 'limit',
    required: false,
    type: String,
    description: 'The limit of this name with its busiest keys, as events `limit`. It needs the scope `limits:read`',
    example: 'partner.call',
  })
  @ApiResponse({ status: 200, description: 'The stream; it has no end', content: STREAM })
  @ApiResponse({ status: 429, description: 'This client has as many streams open as one may have' })
  stream(@Query() query: Record<string, unknown>, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const reader = QueryReader.tolerant(query, ['with', 'limit'], []);
    const limit = reader.text('limit');
    const beside = readBeside(reader.text('with'), principalOf(request.raw), limit);
    const client = clientOfRequest(request.raw);
    this.streams.admit(client);
    const leaving: (() => void)[] = [];
    const stream = SseStream.open(reply, () => undefined, () => {
      this.streams.remove(stream);
      this.feed.remove(sink);
      for (const leave of leaving) leave();
    }); // prettier-ignore
    // Who does not take one snapshot gets none before it has: the newest is all that counts.
    const sink: StatsSink = {
      give: (stats) => {
        if (stream.ready) stream.send([this.eventOf(stats)]);
      },
      away: () => {
        if (stream.ready) stream.send([this.next('unavailable', unavailableView())]);
      },
    };
    if (request.method === 'HEAD') {
      stream.end();
      return;
    }
    this.streams.add(stream, client, callerOf(request.raw));
    if (reply.raw.destroyed || reply.raw.writableEnded) return;
    this.feed.add(sink);
    for (const name of beside) leaving.push(this.looks.read(this.beside.look(name), stream));
    if (limit !== undefined) leaving.push(this.looks.read(this.beside.limit(limit), stream));
  }

  @Get('history')
  @ApiOperation({
    operationId: 'statsHistory',
    summary: 'What happened in the course of time: counts, latencies, and how many jobs waited',
    description:
      'By 10 seconds for the last 15 minutes, by the minute for RETENTION_STATS_HOURS. A process that is killed takes ten seconds of what it has counted with it. ' +
      'The newest steps may still grow: processes write what they have counted each ten seconds.',
  })
  @ApiQuery({ name: 'from', required: false, type: String, description: 'A time or a date; left out, 15 minutes before `to`', example: '2026-01-31T08:00:00Z' })
  @ApiQuery({ name: 'to', required: false, type: String, description: 'Left out, now', example: '2026-01-31T09:00:00Z' })
  @ApiQuery({
    name: 'step',
    required: false,
    enum: Object.keys(wire.HISTORY_STEPS),
    description: `Left out, the shortest that makes ${wire.HISTORY_MAX_POINTS} points at most`,
  })
  @ApiQuery({ name: 'queue', required: false, type: String, description: 'Only of this queue', example: 'default' })
  @ApiQuery({ name: 'kind', required: false, type: String, description: 'Only of this kind', example: 'csv.import' })
  @ApiResponse({ status: 200, type: wire.StatsHistory, description: 'Each step, the oldest first' })
  async history(@Query() query: Record<string, unknown>): Promise<StatsHistory> {
    const asked = readHistoryQuery(query, this.store.time.now());
    const { from, to, stepSeconds, of } = asked;
    const { queue, kind } = of;
    const step = stepSeconds === FINE_STEP ? FINE_STEP : COARSE_STEP;
    const all = queue === undefined && kind === undefined ? { queue: '', kind: '' } : of;
    const [rows, depths] = await Promise.all([
      this.store.stats.figures(step, from, to, all),
      kind === undefined ? this.store.stats.depths({ step, from, to, stepSeconds, queue: queue ?? null, most: wire.HISTORY_QUEUES }) : [],
    ]);
    return {
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      stepSeconds,
      queue: queue ?? null,
      kind: kind ?? null,
      points: historyOf(rows, asked).map((point) => ({ ...point, at: point.at.toISOString() })),
      queues: depths.map(({ name, points }) => ({ name, points: points.map((point) => ({ ...point, at: point.at.toISOString() })) })),
    };
  }

  private eventOf(stats: Stats): SentEvent {
    if (this.written?.stats !== stats) this.written = { stats, event: this.next('stats', statsView(stats)) };
    return this.written.event;
  }

  private next(name: 'stats' | 'unavailable', data: object): SentEvent {
    const text = writeJson(data);
    return { seq: ++this.sent, name, json: () => text };
  }
}
