import { outcomeEvent } from '@app/views';
import type { Logger, Metrics } from '@app/core';
import { CONFIG, LOGGER, METRICS, PROJECT, type Project, Store, WORKER_BROKER, type WorkerBroker, WorkerHost } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Inject, Injectable } from '@nestjs/common';
import type { WorkerConfig } from './worker.config.js';

/** The entry of child processes. It is beside this app in every build. */
const ISOLATED_ENTRY = new URL('./isolated.main.js', import.meta.url);

@Injectable()
export class WiredWorkerHost extends WorkerHost {
  constructor(
    store: Store,
    handlers: HandlerRegistry,
    @Inject(CONFIG) config: WorkerConfig,
    @Inject(LOGGER) logger: Logger,
    @Inject(METRICS) metrics: Metrics,
    @Inject(WORKER_BROKER) broker: WorkerBroker,
    @Inject(PROJECT) project: Project,
  ) {
    super({
      store,
      config,
      logger,
      handlers,
      metrics,
      announce: (jobs) => {
        broker.changes.tell(jobs.map(({ id }) => id));
        return broker.publisher.publishEvents(jobs.map((job) => outcomeEvent(job)));
      },
      isolated: { entry: ISOLATED_ENTRY, configPath: project.path },
    });
  }
}
