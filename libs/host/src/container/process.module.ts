import type { Logger, Metrics } from '@app/core';
import { LONGHAUL_DATA_SOURCE } from '@app/sdk';
import { type DynamicModule, Module, type ValueProvider } from '@nestjs/common';
import type { RuntimeConfig } from '../config.js';
import { Store } from '../store.js';
import { CONFIG, LOGGER, METRICS } from './tokens.js';

export interface ProcessParts {
  config: RuntimeConfig;
  logger: Logger;
  store: Store;
  metrics: Metrics;
}

/** Provides the parts that were read and opened before the container. It is global because every module needs the configuration, the logger and the store. */
@Module({})
export class ProcessModule {
  /** `more`: further parts that the app has read or opened. */
  static of({ config, logger, store, metrics }: ProcessParts, more: ValueProvider[] = []): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: LOGGER, useValue: logger },
      { provide: METRICS, useValue: metrics },
      { provide: Store, useValue: store },
      { provide: LONGHAUL_DATA_SOURCE, useValue: store.dataSource },
      ...more,
    ];
    return { module: ProcessModule, global: true, providers, exports: providers.map(({ provide }) => provide) };
  }
}
