import { type Standing, StatsFeed } from '@app/core';
import { CONFIG, isLoopbackHost, Store } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';
import type { GatewayConfig } from '../gateway.config.js';
import { GatewayService } from '../modes/gateway.service.js';

/** Schedules that are looked at. */
const SCHEDULES = 100;

/** All that rules look at, as this gateway sees it now. */
@Injectable()
export class WholeLook {
  constructor(
    private readonly store: Store,
    private readonly feed: StatsFeed,
    private readonly mode: GatewayService,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  async now(): Promise<Standing> {
    const { config, store } = this;
    const [facts, pausedSchedules, workers, missingRights] = await Promise.all([
      this.feed.facts(),
      store.schedules.list({ paused: true, limit: SCHEDULES }),
      store.workers.list(),
      store.missingRights(),
    ]);
    const { brokerDenies } = this.mode;
    return { ...facts, pausedSchedules, workers, missingRights, brokerDenies, open: !config.rights.auth && !isLoopbackHost(config.host) };
  }
}
