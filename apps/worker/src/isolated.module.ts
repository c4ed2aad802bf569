import { AcceptedJobs, HandlerJobs, OwnHandlers, type ProcessParts, ProcessModule, type Project, PROJECT } from '@app/host';
import { NOTIFICATIONS_CONFIG, NotificationHandlersModule, type NotificationsConfig } from '@app/notifications';
import { CatalogueModule, Jobs } from '@app/sdk';
import { filesQuota, STORAGE_CONFIG, type StorageConfig, StorageModule, TAKE_BYTES } from '@app/storage';
import { type DynamicModule, Module } from '@nestjs/common';
import { IsolatedLifecycle } from './isolated.lifecycle.js';

export interface IsolatedParts extends ProcessParts {
  project: Project;
  kinds: Parameters<typeof CatalogueModule.of>[0];
  notifications: NotificationsConfig;
  storage: StorageConfig;
}

/** The module of a child process. Its handlers get the same dependencies as in a worker. It has no broker connection: the relay of another process publishes the jobs that they submit. */
@Module({
  imports: [StorageModule, NotificationHandlersModule],
  providers: [AcceptedJobs, { provide: Jobs, useClass: HandlerJobs }, OwnHandlers, IsolatedLifecycle],
})
export class IsolatedModule {
  static of(parts: IsolatedParts): DynamicModule {
    return {
      module: IsolatedModule,
      imports: [
        ProcessModule.of(parts, [
          { provide: PROJECT, useValue: parts.project },
          { provide: NOTIFICATIONS_CONFIG, useValue: parts.notifications },
          { provide: STORAGE_CONFIG, useValue: parts.storage },
          { provide: TAKE_BYTES, useValue: filesQuota(parts.store.reservations) },
        ]),
        CatalogueModule.of(parts.kinds),
      ],
    };
  }
}
