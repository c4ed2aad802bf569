import { outcomeEvent } from '@app/views';
import type { Logger, Metrics } from '@app/core';
import { checkTelling, notificationKinds, type NotificationsConfig, NotificationsModule } from '@app/notifications';
import { jobsWithin, type LoadedConfig, type Store, type WorkerBroker, WorkerHost, WorkerService } from '@app/host';
import { HandlerRegistry, Jobs, JobsModule, LONGHAUL_DATA_SOURCE } from '@app/sdk';
import { storageConfig, StorageModule } from '@app/storage';
import { type DynamicModule, Module } from '@nestjs/common';
import { DeliveriesController } from './deliveries.controller.js';
import type { WorkerConfig } from './worker.config.js';

/** Beside this app in every build. */
const ISOLATED_ENTRY = new URL('./isolated.main.js', import.meta.url);

export interface WorkerParts {
  config: WorkerConfig;
  /** The project's configuration, which the child processes of isolated kinds load too. */
  project: Pick<LoadedConfig, 'path'>;
  kinds: Parameters<typeof JobsModule.of>[0];
  notifications: NotificationsConfig;
  logger: Logger;
  store: Store;
  broker: WorkerBroker;
  metrics: Metrics;
}

/** Composition root of the worker: which adapter serves which port. */
@Module({})
export class WorkerModule {
  static of({ config, project, kinds, notifications, logger, store, broker, metrics }: WorkerParts): DynamicModule {
    // Made of what handlers need, so after them.
    let worker: WorkerService | undefined;
    return {
      module: WorkerModule,
      global: true,
      imports: [
        StorageModule.forRoot(storageConfig(process.env)),
        NotificationsModule.forRoot({ store, config: notifications, logger }),
        JobsModule.of(kinds, notificationKinds),
      ],
      controllers: [DeliveriesController],
      providers: [
        { provide: LONGHAUL_DATA_SOURCE, useValue: store.dataSource },
        {
          provide: Jobs,
          inject: [HandlerRegistry],
          useFactory: (registry: HandlerRegistry) =>
            jobsWithin({
              store,
              kinds: registry,
              checkTelling: (options) => checkTelling(options, notifications),
              committed: (job) => worker?.publishNow(job),
              joinedCommitted: () => worker?.nudge(),
            }),
        },
        {
          provide: WorkerHost,
          inject: [HandlerRegistry],
          useFactory: (handlers: HandlerRegistry) =>
            new WorkerHost({
              store,
              config,
              logger,
              handlers,
              metrics,
              announce: (job) => {
                broker.changes.tell([job.id]);
                return broker.publisher.publish(outcomeEvent(job));
              },
              isolated: { entry: ISOLATED_ENTRY, configPath: project.path },
            }),
        },
        {
          provide: WorkerService,
          inject: [WorkerHost],
          useFactory: (host: WorkerHost) => (worker = new WorkerService(config, logger, store, broker, host, metrics)),
        },
      ],
      exports: [LONGHAUL_DATA_SOURCE, Jobs],
    };
  }
}
