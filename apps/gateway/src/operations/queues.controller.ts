import { type QueueStats, Refusal } from '@app/core';
import { Store } from '@app/runtime';
import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

@ApiTags('queues')
@Controller('queues')
export class QueuesController {
  constructor(private readonly store: Store) {}

  @Get()
  @ApiOperation({ summary: 'Depth, oldest age, pause and consumers of each queue' })
  async list(): Promise<{ items: QueueStats[] }> {
    return { items: await this.store.jobs.queueStats() };
  }

  @Post(':name/pause')
  @HttpCode(200)
  @ApiOperation({ summary: 'Workers stop taking jobs of this queue, within a second or two; running ones go on' })
  pause(@Param('name') name: string): Promise<{ name: string; paused: boolean }> {
    return this.set(name, true);
  }

  @Post(':name/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Workers take jobs of this queue again' })
  resume(@Param('name') name: string): Promise<{ name: string; paused: boolean }> {
    return this.set(name, false);
  }

  private async set(name: string, paused: boolean): Promise<{ name: string; paused: boolean }> {
    const known = !name.includes('\u0000') && (await this.store.queues.setPaused(name, paused));
    if (!known) throw new Refusal('not_found', `there is no queue ${JSON.stringify(name.slice(0, 100))}; GET /queues lists them`);
    return { name, paused };
  }
}
