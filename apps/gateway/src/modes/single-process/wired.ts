import { BatchedChanges, type JobId, type Logger, type Metrics, systemClock } from '@app/core';
import { CONFIG, HandlerJobs, LOGGER, METRICS, PROJECT, type Project, Store, WorkerHost } from '@app/host';
import { PostgresChanges } from '@app/postgres';
import { HandlerRegistry, Jobs } from '@app/sdk';
import { Inject, Injectable, type Provider } from '@nestjs/common';
import { EventHub } from '../../events/event-hub.js';
import { Wakes } from '../../events/wakes.js';
import type { GatewayConfig } from '../../gateway.config.js';
import { QueueRemover } from '../../queues/queue-remover.js';

/** The entry of child processes. It belongs to the worker, which is beside this app in every build. */
const ISOLATED_ENTRY = new URL('../../../../worker/src/isolated.main.js', import.meta.url);

// Classes that only a gateway without a broker uses. Each has a constructor that Nest can call.

/** Those who show what has changed are woken at once by changes of this process, and through PostgreSQL by those of other gateways. */
@Injectable()
export class WiredChanges extends PostgresChanges {
  constructor(store: Store, wakes: Wakes, host: WorkerHost, @Inject(CONFIG) config: GatewayConfig, @Inject(LOGGER) logger: Logger) {
    const heard = (jobIds: readonly JobId[]) => {
      wakes.changed(jobIds);
      // One of them may run here, and another gateway has cancelled it.
      if (jobIds.length > 0) host.look(jobIds);
    };
    super(config.databaseUrl, config.schema, heard, logger);
    const batched = new BatchedChanges((jobIds) => {
      wakes.changed(jobIds);
      this.tell(jobIds);
    }, systemClock);
    store.tell((jobIds) => batched.tell(jobIds));
  }
}

@Injectable()
export class WiredWorkerHost extends WorkerHost {
  constructor(
    store: Store,
    handlers: HandlerRegistry,
    hub: EventHub,
    @Inject(CONFIG) config: GatewayConfig,
    @Inject(LOGGER) logger: Logger,
    @Inject(METRICS) metrics: Metrics,
    @Inject(PROJECT) project: Project,
  ) {
    super({
      store,
      config,
      logger,
      handlers,
      metrics,
      announce: (jobs) => {
        hub.ends.wake(jobs.map(({ id }) => id));
        return Promise.resolve(new Map());
      },
      isolated: { entry: ISOLATED_ENTRY, configPath: project.path },
    });
  }
}

/** There is no broker's queue to delete. */
@Injectable()
export class WiredQueueRemover extends QueueRemover {
  constructor(store: Store, @Inject(LOGGER) logger: Logger) {
    super(store.queues, () => Promise.resolve(), logger);
  }
}

export const singleProcessProviders: Provider[] = [
  { provide: Jobs, useClass: HandlerJobs },
  { provide: PostgresChanges, useClass: WiredChanges },
  { provide: WorkerHost, useClass: WiredWorkerHost },
  { provide: QueueRemover, useClass: WiredQueueRemover },
];
