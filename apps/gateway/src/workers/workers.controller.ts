import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@app/contracts/schemas';
import type { WorkerList, WorkerQueues, WorkerView } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { type ListedWorker, Refusal } from '@app/core';
import { CONFIG, type RuntimeConfig, Store } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put } from '@nestjs/common';
import { readPauseNote } from '../http/pause-note.js';
import { readAssignment, requireAble, requireDeclared, requireObedient } from './assignment.js';
import { findWorker, queuesOf, readWorkerId, workerView } from './worker-view.js';

@ApiTags('workers')
@Controller('workers')
export class WorkersController {
  constructor(
    @Inject(CONFIG) private readonly config: RuntimeConfig,
    private readonly store: Store,
    private readonly kinds: HandlerRegistry,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listWorkers',
    summary: 'The processes that run jobs, and what each runs',
    description: 'One that has died stays until its jobs are taken over.',
  })
  @ApiResponse({ status: 200, type: wire.WorkerList, description: 'All of them' })
  async list(): Promise<WorkerList> {
    return { items: (await this.store.workers.list()).map((worker) => workerView(worker, this.kinds)) };
  }

  @Put(':id/queues')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'assignQueues',
    summary: 'Say which queues a worker takes from, in place of its WORKER_QUEUES, without a restart',
    description:
      'It reads this with its next heartbeat, within a second, and tells at once after that what it takes from. Of queues that go it starts nothing new: what waits there goes back at once, and what runs ends. ' +
      'The last assignment stands until its process ends; `null` ends it before. A worker of several processes is several workers here.',
  })
  @ApiBody({ type: wire.AssignQueues })
  @ApiResponse({ status: 202, type: wire.WorkerQueues, description: 'Assigned. `queues` are those that it takes from now' })
  @ApiResponse({ status: 404, description: 'There is no such worker' })
  @ApiResponse({ status: 409, description: 'It is late, drains, is of a version that cannot be assigned queues, or cannot run jobs of such a queue' })
  @ApiResponse({ status: 422, description: 'Not valid, or a queue that is not declared' })
  async assign(@Param('id') id: string, @Body() body: unknown): Promise<WorkerQueues> {
    const { queues, note } = readAssignment(body, this.config.maxQueues);
    const worker = await this.obedient(id);
    if (queues) {
      requireDeclared(queues, await this.store.queues.declared());
      requireAble(worker, queues, this.kinds);
    }
    const assigned = await this.store.workers.assignQueues(worker.id, queues, note);
    // Meanwhile it has begun to drain, or has gone.
    if (!assigned) await this.obedient(id);
    if (!assigned) throw new Refusal('state_forbids', `worker ${id} has changed at the same moment; nothing was assigned, try it again`);
    return queuesOf(assigned);
  }

  @Post(':id/drain')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'drainWorker',
    summary: 'Let a worker end: it takes nothing new, lets its jobs end within DRAIN_SECONDS, interrupts the rest at no cost of an attempt, and exits',
    description:
      'It reads this with its next heartbeat, within a second. What has started it may start it anew. A worker of several processes ends as a whole. The first request stands.',
  })
  @ApiBody({ type: wire.PauseNote, required: false })
  @ApiResponse({ status: 202, type: wire.WorkerView, description: 'Asked' })
  @ApiResponse({ status: 404, description: 'There is no such worker' })
  @ApiResponse({ status: 409, description: 'It is a gateway too (single-process mode): stop its process' })
  async drain(@Param('id') id: string, @Body() body: unknown): Promise<WorkerView> {
    const note = readPauseNote(body);
    const number = readWorkerId(id);
    const worker = number === undefined ? null : await this.store.workers.requestDrain(number, note);
    if (!worker) throw noSuchWorker(id);
    if (worker.details?.gateway)
      throw new Refusal('state_forbids', `worker ${id} is a gateway too, and would no longer accept jobs; stop its process where it was started`);
    return workerView(worker, this.kinds);
  }

  private async obedient(id: string): Promise<ListedWorker> {
    const worker = await findWorker(this.store, id);
    if (!worker) throw noSuchWorker(id);
    requireObedient(worker);
    return worker;
  }
}

function noSuchWorker(id: string): Refusal {
  return new Refusal('not_found', `there is no worker ${JSON.stringify(id.slice(0, 100))}; GET /workers lists them`);
}
