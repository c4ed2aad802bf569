import { type Logger, type Metrics, ScheduleControl, ScheduleTicker, SubmitJob, systemClock } from '@app/core';
import { AcceptedJobs, LOGGER, METRICS, Store } from '@app/host';
import { cronPatterns, HandlerRegistry } from '@app/sdk';
import { Inject, Injectable, type Provider } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

// Each class here extends one of the core's with a constructor that Nest can call.

/** Makes the jobs of schedules, in every gateway and in both modes. */
@Injectable()
export class WiredScheduleTicker extends ScheduleTicker<EntityManager> {
  constructor(
    store: Store,
    submitJob: SubmitJob<EntityManager>,
    kinds: HandlerRegistry,
    accepted: AcceptedJobs,
    @Inject(LOGGER) logger: Logger,
    @Inject(METRICS) metrics: Metrics,
  ) {
    super({
      store: store.schedules,
      submitJob,
      kinds,
      patterns: cronPatterns,
      cancel: (id) => store.jobs.cancel(id, { by: 'longhaul', reason: 'the next run of its schedule is due' }),
      committed: () => accepted.joined(),
      clock: systemClock,
      logger,
      metrics,
    });
  }
}

/** What people do with schedules. */
@Injectable()
export class WiredScheduleControl extends ScheduleControl<EntityManager> {
  constructor(store: Store, submitJob: SubmitJob<EntityManager>, ticker: ScheduleTicker<EntityManager>, accepted: AcceptedJobs) {
    super({
      store: store.schedules,
      submitJob,
      patterns: cronPatterns,
      time: store.time,
      committed: () => accepted.joined(),
      changed: () => ticker.nudge(),
    });
  }
}

export const scheduleProviders: Provider[] = [
  { provide: ScheduleTicker, useClass: WiredScheduleTicker },
  { provide: ScheduleControl, useClass: WiredScheduleControl },
];
