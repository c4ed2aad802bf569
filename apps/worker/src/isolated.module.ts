import type { Logger } from '@app/core';
import { catalogue, debugKinds } from '@app/jobs';
import { notificationKinds, notificationsConfig, NotificationsModule } from '@app/notifications';
import { Environment, type RuntimeConfig, type Store } from '@app/host';
import { JobsModule } from '@app/sdk';
import { storageConfig, StorageModule } from '@app/storage';
import { type DynamicModule, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Composition root of a child process: handlers find in it what they find in a worker. */
@Module({})
export class IsolatedModule {
  static of(config: RuntimeConfig, store: Store, logger: Logger): DynamicModule {
    return {
      module: IsolatedModule,
      global: true,
      imports: [
        StorageModule.forRoot(storageConfig(process.env)),
        NotificationsModule.forHandlers({ store, config: notificationsConfig(new Environment(process.env)), logger }),
        JobsModule.forRunning([...catalogue, ...notificationKinds, ...(config.debugKinds ? debugKinds : [])]),
      ],
      providers: [{ provide: DataSource, useValue: store.dataSource }],
      exports: [DataSource],
    };
  }
}
