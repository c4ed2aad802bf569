import type { DoctorView } from '@app/contracts';
import * as wire from '@app/contracts/schemas';
import { examine, publicPath, StatsFeed } from '@app/core';
import { CONFIG, isLoopbackHost, Store } from '@app/host';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { GatewayConfig } from '../gateway.config.js';

/** Schedules that are looked at. */
const SCHEDULES = 100;

@ApiTags('stats')
@Controller('doctor')
export class DoctorController {
  constructor(
    private readonly store: Store,
    private readonly feed: StatsFeed,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'doctor',
    summary: 'What is not well, how one sees it, and what to do',
    description: 'Every rule, and what each has found. The verdict of `GET /stats` is the first finding of those that are looked at each second.',
  })
  @ApiResponse({ status: 200, type: wire.DoctorView, description: 'Now' })
  async examine(): Promise<DoctorView> {
    const { config, store } = this;
    const [facts, pausedSchedules, workers] = await Promise.all([
      this.feed.facts(),
      store.schedules.list({ paused: true, limit: SCHEDULES }),
      store.workers.list(),
    ]);
    const rules = examine({ ...facts, pausedSchedules, workers, open: !config.rights.auth && !isLoopbackHost(config.host) });
    return {
      at: new Date(store.time.now()).toISOString(),
      ok: rules.every(({ found }) => found.length === 0),
      rules: rules.map(({ found, ...rule }) => ({ ...rule, found: found.map(({ message, link }) => ({ message, link: publicPath(link) })) })),
    };
  }
}
