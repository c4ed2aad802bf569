import type { Logger } from '@app/core';
import {
  AcceptedJobs,
  HandlerJobs,
  OwnHandlers,
  ProcessModule,
  type Project,
  PROJECT,
  type PrometheusMetrics,
  type Store,
  WORKER_BROKER,
  type WorkerBroker,
  WorkerHost,
  WorkerService,
} from '@app/host';
import { NOTIFICATIONS_CONFIG, type NotificationsConfig, NotificationsModule } from '@app/notifications';
import { CatalogueModule, Jobs } from '@app/sdk';
import { filesQuota, STORAGE_CONFIG, type StorageConfig, StorageModule, TAKE_BYTES } from '@app/storage';
import { type DynamicModule, Module } from '@nestjs/common';
import { DeliveriesController } from './deliveries.controller.js';
import { WiredWorkerHost } from './wired-worker-host.js';
import { WorkerLifecycle } from './worker.lifecycle.js';
import type { WorkerConfig } from './worker.config.js';

/** The parts of a worker that are read and opened before its Nest container is made. */
export interface WorkerParts {
  config: WorkerConfig;
  project: Project;
  kinds: Parameters<typeof CatalogueModule.of>[0];
  notifications: NotificationsConfig;
  storage: StorageConfig;
  logger: Logger;
  store: Store;
  broker: WorkerBroker;
  metrics: PrometheusMetrics;
}

@Module({
  imports: [StorageModule, NotificationsModule],
  controllers: [DeliveriesController],
  providers: [
    AcceptedJobs,
    { provide: Jobs, useClass: HandlerJobs },
    { provide: WorkerHost, useClass: WiredWorkerHost },
    OwnHandlers,
    WorkerService,
    WorkerLifecycle,
  ],
})
export class WorkerModule {
  static of(parts: WorkerParts): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        ProcessModule.of(parts, [
          { provide: PROJECT, useValue: parts.project },
          { provide: WORKER_BROKER, useValue: parts.broker },
          { provide: NOTIFICATIONS_CONFIG, useValue: parts.notifications },
          { provide: STORAGE_CONFIG, useValue: parts.storage },
          { provide: TAKE_BYTES, useValue: filesQuota(parts.store.reservations) },
        ]),
        CatalogueModule.of(parts.kinds),
      ],
    };
  }
}
