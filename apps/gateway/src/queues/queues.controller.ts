import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { DeclaredQueue, QueueList, QueuePause, QueueSettings, QueueView } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { type PauseNote, QUEUE_PATTERN, type QueueStats, Refusal, type Sees } from '@app/core';
import { Store } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put } from '@nestjs/common';
import { pauseView, readPauseNote } from '../http/pause-note.js';
import { readQueueChange } from './queue-change.js';
import { SeenBy } from '../rights/tenant.js';

@ApiTags('queues')
@Controller('queues')
export class QueuesController {
  constructor(
    private readonly store: Store,
    private readonly registry: HandlerRegistry,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listQueues',
    description: 'Counted when asked; jobs that have ended are not in it.',
    summary: 'Depth, oldest age, pause and consumers of each queue',
  })
  @ApiResponse({ status: 200, type: wire.QueueList, description: 'All of them' })
  async list(@SeenBy() sees: Sees): Promise<QueueList> {
    return { items: (await this.store.jobs.queueStats(undefined, sees)).map(viewOf) };
  }

  @Get(':name')
  @ApiOperation({ operationId: 'getQueue', description: 'As `GET /queues` shows it.', summary: 'Depth, oldest age, pause and consumers of one queue' })
  @ApiResponse({ status: 200, type: wire.QueueView, description: 'The queue' })
  @ApiResponse({ status: 404, description: 'There is no such queue' })
  async get(@Param('name') name: string, @SeenBy() sees: Sees): Promise<QueueView> {
    const [stats] = QUEUE_PATTERN.test(name) ? await this.store.jobs.queueStats(name, sees) : [];
    if (!stats) throw noSuchQueue(name);
    return viewOf(stats);
  }

  @Put(':name')
  @ApiOperation({
    operationId: 'declareQueue',
    summary: 'Declare a queue, so that submissions may name it',
    description: 'Queues of kinds, of QUEUES and of the WORKER_QUEUES of a live worker are declared without it. Repeating it changes nothing.',
  })
  @ApiResponse({ status: 200, type: wire.DeclaredQueue, description: 'Declared' })
  @ApiResponse({ status: 422, description: 'No name of a queue, or one more than MAX_QUEUES' })
  async declare(@Param('name') name: string): Promise<DeclaredQueue> {
    if (!QUEUE_PATTERN.test(name)) {
      throw new Refusal('invalid_payload', `expected the name of a queue, got: ${JSON.stringify(name.slice(0, 100))}`, [
        { pointer: '/name', detail: `must match ${QUEUE_PATTERN.source}` },
      ]);
    }
    await this.store.queues.ensure([name]);
    return { name };
  }

  @Patch(':name')
  @ApiOperation({
    operationId: 'changeQueue',
    summary: 'Pause or resume a queue, or say how it shares its workers',
    description:
      'With `fair` each key gets its share: of a tenant with a million jobs and one with ten, the ten are through in little more than twice their time. The jobs that wait are put into the new order at once.',
  })
  @ApiBody({ type: wire.QueueChange })
  @ApiResponse({ status: 200, type: wire.QueueSettings, description: 'As it is now' })
  @ApiResponse({ status: 404, description: 'There is no such queue' })
  @ApiResponse({ status: 422, description: 'Not valid' })
  async change(@Param('name') name: string, @Body() body: unknown): Promise<QueueSettings> {
    const { paused, fair, ...note } = readQueueChange(body);
    if (paused !== undefined) await this.set(name, paused, note);
    if (fair !== undefined && !(QUEUE_PATTERN.test(name) && (await this.store.queues.setFair(name, fair)))) throw noSuchQueue(name);
    const settings = QUEUE_PATTERN.test(name) ? await this.store.queues.settings(name) : null;
    if (!settings) throw noSuchQueue(name);
    return { name, ...pauseView(settings), fair: settings.fair };
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteQueue',
    summary: 'Delete a queue that is empty',
    description: "Nobody may submit to it from then on; RabbitMQ's queue goes about a minute later.",
  })
  @ApiResponse({ status: 204, description: 'Deleted' })
  @ApiResponse({ status: 404, description: 'There is no such queue' })
  @ApiResponse({ status: 409, description: 'It has jobs that have not ended, or a kind needs it' })
  async remove(@Param('name') name: string): Promise<void> {
    if (!QUEUE_PATTERN.test(name)) throw noSuchQueue(name);
    const kind = this.registry.names().find((each) => this.registry.policy(each)?.queue === name);
    if (kind !== undefined) throw new Refusal('state_forbids', `queue ${name} is the one of kind ${kind}; it cannot be deleted while the kind exists`);
    const outcome = await this.store.queues.remove(name);
    if (outcome === 'unknown') throw noSuchQueue(name);
    if (outcome === 'busy') throw new Refusal('state_forbids', `queue ${name} has jobs that have not ended; wait for them or cancel them, then delete it`);
  }

  @Post(':name/pause')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'pauseQueue',
    description: 'Submissions go on, and wait. Repeated, it keeps its time; who and why become those of the repeat, where it has them.',
    summary: 'No job of this queue is started any more, within a second; running ones go on',
  })
  @ApiBody({ type: wire.PauseNote, required: false })
  @ApiResponse({ status: 200, type: wire.QueuePause, description: 'Paused' })
  async pause(@Param('name') name: string, @Body() body: unknown): Promise<QueuePause> {
    return this.set(name, true, readPauseNote(body));
  }

  @Post(':name/resume')
  @HttpCode(200)
  @ApiOperation({ operationId: 'resumeQueue', description: 'Repeating it changes nothing.', summary: 'Workers take jobs of this queue again' })
  @ApiResponse({ status: 200, type: wire.QueuePause, description: 'Resumed' })
  resume(@Param('name') name: string): Promise<QueuePause> {
    return this.set(name, false);
  }

  private async set(name: string, paused: boolean, note?: PauseNote): Promise<QueuePause> {
    const pause = QUEUE_PATTERN.test(name) ? await this.store.queues.setPaused(name, paused, note) : null;
    if (!pause) throw noSuchQueue(name);
    await this.store.paused.changed();
    return { name, ...pauseView(pause) };
  }
}

function viewOf(stats: QueueStats): QueueView {
  return { ...stats, ...pauseView(stats) };
}

function noSuchQueue(name: string): Refusal {
  return new Refusal('not_found', `there is no queue ${JSON.stringify(name.slice(0, 100))}; GET /queues lists them`);
}
