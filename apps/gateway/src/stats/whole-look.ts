import { type Standing, StatsFeed } from '@app/core';
import { CONFIG, isLoopbackHost, Store } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';
import type { GatewayConfig } from '../gateway.config.js';
import { GatewayService } from '../modes/gateway.service.js';

/** Schedules that are looked at. */
const SCHEDULES = 100;
/** A schedule is due for so long without a look of anybody when something is wrong: a tick takes a second, and one of an unknown kind is refused after a minute. */
const LATE_SECONDS = 120;

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
    const [facts, failingSchedules, lateSchedules, workers, missingRights] = await Promise.all([
      this.feed.facts(),
      store.schedules.failing(SCHEDULES),
      store.schedules.late(LATE_SECONDS, SCHEDULES),
      store.workers.list(),
      store.missingRights(),
    ]);
    const { brokerDenies } = this.mode;
    return { ...facts, failingSchedules, lateSchedules, workers, missingRights, brokerDenies, open: !config.rights.auth && !isLoopbackHost(config.host) };
  }
}
