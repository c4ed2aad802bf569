import type { WorkerList, WorkerView } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { isIntegerIn, type ListedWorker, publicPath, Refusal, type WorkerId } from '@app/core';
import { Store } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { readPauseNote } from '../http/pause-note.js';

/** Of PostgreSQL's integers. */
const LAST_ID = 2 ** 31 - 1;

@ApiTags('workers')
@Controller('workers')
export class WorkersController {
  constructor(
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
    const number = Number(id);
    const worker = String(number) === id && isIntegerIn(number, 1, LAST_ID) ? await this.store.workers.requestDrain(number as WorkerId, note) : null;
    if (!worker) throw noSuchWorker(id);
    if (worker.details?.gateway)
      throw new Refusal('state_forbids', `worker ${id} is a gateway too, and would no longer accept jobs; stop its process where it was started`);
    return workerView(worker, this.kinds);
  }
}

/** The slots that a job takes are told by the kinds that this gateway knows. */
function workerView({ details, ...worker }: ListedWorker, kinds: HandlerRegistry): WorkerView {
  return {
    id: worker.id,
    name: worker.name,
    state: worker.late ? 'late' : worker.drain ? 'draining' : 'running',
    startedAt: worker.startedAt.toISOString(),
    leaseUntil: worker.leaseUntil.toISOString(),
    concurrency: worker.concurrency,
    queues: worker.queues,
    version: details?.version ?? null,
    node: details?.node ?? null,
    kinds: details?.kinds ?? [],
    memoryBytes: details?.memoryBytes ?? null,
    runningCount: worker.runningCount,
    running: worker.running.map((job) => ({ ...job, slots: kinds.policy(job.kind)?.slots ?? 1, startedAt: job.startedAt.toISOString() })),
    abandoned: details?.abandoned ?? [],
    drain: worker.drain,
    links: { drain: publicPath(`/workers/${worker.id}/drain`) },
  };
}

function noSuchWorker(id: string): Refusal {
  return new Refusal('not_found', `there is no worker ${JSON.stringify(id.slice(0, 100))}; GET /workers lists them`);
}
