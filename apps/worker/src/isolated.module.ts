import type { Logger } from '@app/core';
import { Environment, jobsWithin, type Store } from '@app/host';
import { checkTelling, notificationKinds, notificationsConfig, NotificationsModule } from '@app/notifications';
import { HandlerRegistry, Jobs, JobsModule, LONGHAUL_DATA_SOURCE } from '@app/sdk';
import type { JobClass } from '@app/sdk/config';
import { storageConfig, StorageModule } from '@app/storage';
import { type DynamicModule, Module } from '@nestjs/common';

/** Composition root of a child process: handlers find in it what they find in a worker. */
@Module({})
export class IsolatedModule {
  static of(kinds: readonly JobClass[], store: Store, logger: Logger): DynamicModule {
    const notifications = notificationsConfig(new Environment(process.env));
    return {
      module: IsolatedModule,
      global: true,
      imports: [
        StorageModule.forRoot(storageConfig(process.env)),
        NotificationsModule.forHandlers({ store, config: notifications, logger }),
        JobsModule.of(kinds, notificationKinds),
      ],
      providers: [
        { provide: LONGHAUL_DATA_SOURCE, useValue: store.dataSource },
        // Without a connection to the broker: any relay publishes what is stored here.
        {
          provide: Jobs,
          inject: [HandlerRegistry],
          useFactory: (registry: HandlerRegistry) => jobsWithin({ store, kinds: registry, checkTelling: (options) => checkTelling(options, notifications) }),
        },
      ],
      exports: [LONGHAUL_DATA_SOURCE, Jobs],
    };
  }
}
