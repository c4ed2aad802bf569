import { outcomeEvent } from '@app/contracts';
import type { Logger, Metrics } from '@app/core';
import { type NotificationsConfig, NotificationsModule } from '@app/notifications';
import { type Store, type WorkerBroker, WorkerHost, WorkerService } from '@app/host';
import { HandlerRegistry, JobsModule } from '@app/sdk';
import { storageConfig, StorageModule } from '@app/storage';
import { type DynamicModule, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DeliveriesController } from './deliveries.controller.js';
import type { WorkerConfig } from './worker.config.js';

/** Beside this app in every build. */
const ISOLATED_ENTRY = new URL('./isolated.main.js', import.meta.url);

export interface WorkerParts {
  config: WorkerConfig;
  kinds: Parameters<typeof JobsModule.forRunning>[0];
  notifications: NotificationsConfig;
  logger: Logger;
  store: Store;
  broker: WorkerBroker;
  metrics: Metrics;
}

/** Composition root of the worker: which adapter serves which port. */
@Module({})
export class WorkerModule {
  static of({ config, kinds, notifications, logger, store, broker, metrics }: WorkerParts): DynamicModule {
    return {
      module: WorkerModule,
      global: true,
      imports: [
        StorageModule.forRoot(storageConfig(process.env)),
        NotificationsModule.forRoot({ store, config: notifications, logger }),
        JobsModule.forRunning(kinds),
      ],
      controllers: [DeliveriesController],
      providers: [
        { provide: DataSource, useValue: store.dataSource },
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
              isolatedEntry: ISOLATED_ENTRY,
            }),
        },
        { provide: WorkerService, inject: [WorkerHost], useFactory: (host: WorkerHost) => new WorkerService(config, logger, store, broker, host, metrics) },
      ],
      exports: [DataSource],
    };
  }
}
