import { catalogue, debugKinds } from '@app/jobs';
import type { RuntimeConfig, Store } from '@app/runtime';
import { JobsModule } from '@app/sdk';
import { storageConfig, StorageModule } from '@app/storage';
import { type DynamicModule, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Composition root of a child process: handlers find in it what they find in a worker. */
@Module({})
export class IsolatedModule {
  static of(config: RuntimeConfig, store: Store): DynamicModule {
    return {
      module: IsolatedModule,
      global: true,
      imports: [StorageModule.forRoot(storageConfig(process.env)), JobsModule.forRunning(config.debugKinds ? [...catalogue, ...debugKinds] : catalogue)],
      providers: [{ provide: DataSource, useValue: store.dataSource }],
      exports: [DataSource],
    };
  }
}
